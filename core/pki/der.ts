/** A certificate's encoding, as far as this project writes certificates itself: https://www.rfc-editor.org/rfc/rfc5280#appendix-A */

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
  dnsName: 0x82,
  ipAddress: 0x87,
} as const;

/** Identifiers and algorithms, encoded already. */
export const OID = {
  ecdsaSha256: "06082a8648ce3d040302",
  rsaSha256: "06092a864886f70d01010b0500",
  commonName: "0603550403",
  basicConstraints: "0603551d13",
  subjectAltName: "0603551d11",
  extendedKeyUsage: "0603551d25",
  serverAuth: "06082b06010505070301",
  clientAuth: "06082b06010505070302",
} as const;

export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

export function oid(name: keyof typeof OID): Buffer {
  return Buffer.from(OID[name], "hex");
}

/** A name of one part, its common name. */
export function distinguishedName(commonName: string): Buffer {
  const part = der(TAG.sequence, oid("commonName"), der(TAG.utf8, Buffer.from(commonName)));
  return der(TAG.sequence, der(TAG.set, part));
}

export interface ToSign {
  readonly algorithm: Buffer;
  /** Both as names are encoded. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Both as times are encoded. */
  readonly validity: readonly [Buffer, Buffer];
  /** As SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  readonly extensions: readonly Buffer[];
}

export function toBeSigned({ algorithm, issuer, subject, validity, publicKey, extensions }: ToSign): Buffer {
  return der(
    TAG.sequence,
    der(TAG.version, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, Buffer.from([1])),
    algorithm,
    issuer,
    der(TAG.sequence, ...validity),
    subject,
    publicKey,
    der(TAG.extensions, der(TAG.sequence, ...extensions)),
  );
}

export function extension(name: keyof typeof OID, value: Buffer, critical = false): Buffer {
  const flag = critical ? [der(TAG.boolean, Buffer.from([0xff]))] : [];
  return der(TAG.sequence, oid(name), ...flag, der(TAG.octets, value));
}

export function signed(body: Buffer, algorithm: Buffer, signature: Buffer): Buffer {
  return der(TAG.sequence, body, algorithm, der(TAG.bits, Buffer.from([0]), signature));
}

/** Byte for byte, as verifiers compare it: the sixth field, after version, serial, algorithm, issuer and validity. */
export function subjectOf(certificate: Buffer): Buffer {
  let at = contentOf(certificate, contentOf(certificate, 0).start).start;
  for (let field = 0; field < 5; field++) at = contentOf(certificate, at).end;
  return certificate.subarray(at, contentOf(certificate, at).end);
}

function contentOf(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = bytes[at + 1] ?? 0;
  const more = first < 0x80 ? 0 : first & 0x7f;
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
  const start = at + 2 + more;
  return { start, end: start + length };
}
