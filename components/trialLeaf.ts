/** A certificate that a CA signs only to see whether clients accept it. It is never used. */
import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from "node:crypto";
import { isAddress, toBytes } from "../core/addresses";
import type { SanPlan } from "../core/plan";

export interface TrialLeaf {
  readonly certPem: string;
  readonly keyPem: string;
}

const HOUR_MS = 3600 * 1000;

/** Tags of DER: https://www.rfc-editor.org/rfc/rfc5280#appendix-A */
const [INTEGER, BITS, OCTETS, UTF8, TIME] = [0x02, 0x03, 0x04, 0x0c, 0x17];
const [SEQUENCE, SET, VERSION, EXTENSIONS] = [0x30, 0x31, 0xa0, 0xa3];
const [DNS_NAME, IP_ADDRESS] = [0x82, 0x87];

const OIDS = {
  ecdsaSha256: "06082a8648ce3d040302",
  rsaSha256: "06092a864886f70d01010b0500",
  commonName: "0603550403",
  subjectAltName: "0603551d11",
  extendedKeyUsage: "0603551d25",
  serverAuth: "06082b06010505070301",
  clientAuth: "06082b06010505070302",
} as const;

/** With the same kind of key, names and uses as a server's certificate. */
export function signTrialLeaf(ca: X509Certificate, key: KeyObject, commonName: string, sans: SanPlan): TrialLeaf {
  const leaf = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const rsa = key.asymmetricKeyType === "rsa";
  const algorithm = der(SEQUENCE, Buffer.from(rsa ? OIDS.rsaSha256 : OIDS.ecdsaSha256, "hex"));
  const toBeSigned = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1])),
    algorithm,
    subjectOf(ca),
    der(SEQUENCE, time(Date.now() - HOUR_MS), time(Date.now() + HOUR_MS)),
    der(SEQUENCE, der(SET, der(SEQUENCE, oid("commonName"), der(UTF8, Buffer.from(commonName))))),
    leaf.publicKey.export({ type: "spki", format: "der" }),
    der(
      EXTENSIONS,
      der(
        SEQUENCE,
        extension("extendedKeyUsage", der(SEQUENCE, oid("serverAuth"), oid("clientAuth"))),
        extension("subjectAltName", der(SEQUENCE, ...[...sans.dnsNames, ...sans.ipAddresses].map(generalName))),
      ),
    ),
  );
  const signature = sign("sha256", toBeSigned, key);
  const certificate = der(SEQUENCE, toBeSigned, algorithm, der(BITS, Buffer.from([0]), signature));
  return {
    certPem: new X509Certificate(certificate).toString(),
    keyPem: leaf.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

function generalName(name: string): Buffer {
  return isAddress(name) ? der(IP_ADDRESS, Buffer.from(toBytes(name))) : der(DNS_NAME, Buffer.from(name));
}

function extension(name: keyof typeof OIDS, value: Buffer): Buffer {
  return der(SEQUENCE, oid(name), der(OCTETS, value));
}

function oid(name: keyof typeof OIDS): Buffer {
  return Buffer.from(OIDS[name], "hex");
}

function time(at: number): Buffer {
  return der(TIME, Buffer.from(new Date(at).toISOString().replace(/^..|[-:T]|\.\d+/g, "")));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** Byte for byte, as verifiers compare it: the sixth field, after version, serial, algorithm, issuer and validity. */
function subjectOf({ raw }: X509Certificate): Buffer {
  const certificate = contentOf(raw, 0);
  let at = contentOf(raw, certificate.start).start;
  for (let field = 0; field < 5; field++) at = contentOf(raw, at).end;
  return raw.subarray(at, contentOf(raw, at).end);
}

function contentOf(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = bytes[at + 1] ?? 0;
  const more = first < 0x80 ? 0 : first & 0x7f;
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
  const start = at + 2 + more;
  return { start, end: start + length };
}
