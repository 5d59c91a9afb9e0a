/** The address plan of a cluster's own subnet. */
import * as ipaddr from "ipaddr.js";
import { FIRST_ADDRESS } from "../constants";

export interface Subnet {
  readonly cidr: string;
  readonly base: number;
  readonly prefix: number;
}

/** @returns the subnet, or the reason why the text is none. */
export function parseSubnet(text: string): Subnet | string {
  // Four decimal numbers: a leading zero would mean octal to some readers and be refused by Docker.
  if (!/\/(0|[1-9]\d?)$/.test(text) || !ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) {
    return "is not an IPv4 subnet in CIDR notation, such as 10.213.0.0/24";
  }
  const [address, prefix] = ipaddr.IPv4.parseCIDR(text);
  const network = ipaddr.IPv4.networkAddressFromCIDR(text);
  if (address.toString() !== network.toString()) {
    return `is not the first address of its network; write ${network.toString()}/${String(prefix)}`;
  }
  if (prefix < 8) return "is too large; use a prefix of /8 or longer";
  return { cidr: text, base: toNumber(network.toByteArray()), prefix };
}

/** How many servers fit below the half that Docker hands out to other containers. */
export function capacity(subnet: Subnet): number {
  return Math.max(0, halfSize(subnet) - FIRST_ADDRESS);
}

export function serverAddress(subnet: Subnet, ordinal: number): string {
  return toText(subnet.base + FIRST_ADDRESS + ordinal);
}

/** The upper half: addresses Docker may give to containers that ask for none, so never one of a stopped server. */
export function dynamicRange(subnet: Subnet): string {
  return `${toText(subnet.base + halfSize(subnet))}/${String(subnet.prefix + 1)}`;
}

export function gatewayAddress(subnet: Subnet): string {
  return toText(subnet.base + 1);
}

export function overlaps(a: string, b: string): boolean {
  if (!ipaddr.IPv4.isValidCIDR(a) || !ipaddr.IPv4.isValidCIDR(b)) return false;
  const [addressA, prefixA] = ipaddr.IPv4.parseCIDR(a);
  const [addressB, prefixB] = ipaddr.IPv4.parseCIDR(b);
  const shorter = Math.min(prefixA, prefixB);
  return addressA.match(addressB, shorter);
}

export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}

/** As browsers write it in a URL, however it was spelled: https://www.rfc-editor.org/rfc/rfc5952 */
export function canonicalAddress(address: string): string {
  const parsed = ipaddr.parse(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : address;
}

/** Four or sixteen, as they stand in a certificate. */
export function toBytes(address: string): readonly number[] {
  return ipaddr.parse(address).toByteArray();
}

/** `0.0.0.0`, `::` and their other spellings, such as `::ffff:0.0.0.0`: every address of the host. */
export function isEveryAddress(text: string): boolean {
  return isAddress(text) && ipaddr.process(text).range() === "unspecified";
}

/** `host:port`, with brackets round an IPv6 address. */
export function endpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}

function halfSize(subnet: Subnet): number {
  return 2 ** (31 - subnet.prefix);
}

function toNumber(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
