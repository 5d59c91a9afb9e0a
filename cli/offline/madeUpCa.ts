/** A CA that takes the place of an encrypted one offline: valid, the same at every run, and worth nothing. */
import { createECDH, createHash, X509Certificate } from "node:crypto";
import { der, distinguishedName, extension, oid, signed, TAG, toBeSigned } from "../../core/pki/der";

export interface MadeUpCa {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Order of P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
/** SubjectPublicKeyInfo of a point of P-256, without the point. */
const POINT_HEADER = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
const P256 = Buffer.from("06082a8648ce3d030107", "hex");

/**
 * Everyone can compute this key. Node.js signs with a random number, which would make each run another CA; with a number
 * computed from the name, the review of two versions finds no difference.
 * @param name tells it from others.
 */
export function madeUpCa(name: string): MadeUpCa {
  const secret = derive(`${name} key`);
  const point = pointOf(secret);
  const algorithm = der(TAG.sequence, oid("ecdsaSha256"));
  const subject = distinguishedName(`made up offline ${name}`);
  const body = toBeSigned({
    algorithm,
    issuer: subject,
    subject,
    validity: [time("20000101000000Z"), time("99991231235959Z")],
    publicKey: Buffer.concat([POINT_HEADER, point]),
    extensions: [extension("basicConstraints", der(TAG.sequence, der(TAG.boolean, Buffer.from([0xff]))), true)],
  });
  const key = der(
    TAG.sequence,
    der(TAG.integer, Buffer.from([1])),
    der(TAG.octets, bytesOf(secret)),
    der(0xa0, P256),
    der(0xa1, der(TAG.bits, Buffer.from([0]), point)),
  );
  return {
    certPem: new X509Certificate(signed(body, algorithm, ecdsa(body, secret, derive(`${name} nonce`)))).toString(),
    keyPem: pem("EC PRIVATE KEY", key),
  };
}

function derive(seed: string): bigint {
  return (numberOf(createHash("sha256").update(`made up offline\0${seed}`).digest()) % (ORDER - 1n)) + 1n;
}

function ecdsa(body: Buffer, secret: bigint, nonce: bigint): Buffer {
  const digest = numberOf(createHash("sha256").update(body).digest());
  const r = numberOf(pointOf(nonce).subarray(1, 33)) % ORDER;
  const s = (power(nonce, ORDER - 2n) * (digest + r * secret)) % ORDER;
  return der(TAG.sequence, positive(r), positive(s));
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, factor] = [1n, base % ORDER];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * factor) % ORDER;
    factor = (factor * factor) % ORDER;
  }
  return result;
}

function pointOf(secret: bigint): Buffer {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(bytesOf(secret));
  return ecdh.getPublicKey();
}

function positive(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return der(TAG.integer, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex");
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}

function time(text: string): Buffer {
  return der(TAG.generalizedTime, Buffer.from(text));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
