/** The encoding of certificates, for what Node.js can neither write nor read: https://www.rfc-editor.org/rfc/rfc5280#appendix-A */

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
  requireExplicitPolicy: 0x80,
} as const;

/** Identifiers and algorithms, encoded already. */
export const OID = {
  ecdsaSha256: "06082a8648ce3d040302",
  rsaSha256: "06092a864886f70d01010b0500",
  commonName: "0603550403",
  basicConstraints: "0603551d13",
  subjectAltName: "0603551d11",
  extendedKeyUsage: "0603551d25",
  subjectKeyIdentifier: "0603551d0e",
  policyConstraints: "0603551d24",
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

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

/** Elements that follow each other. */
export function elementsOf(bytes: Buffer | undefined): readonly Element[] {
  const found: Element[] = [];
  for (let at = 0, end; bytes !== undefined && at < bytes.length; at = end) {
    const first = bytes[at + 1] ?? 0;
    const more = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + more;
    end = start + (more === 0 ? first : bytes.readUIntBE(at + 2, more));
    found.push({ tag: bytes[at] ?? 0, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) });
  }
  return found;
}

function fieldsOf(certificate: Buffer): readonly Element[] {
  return elementsOf(elementsOf(elementsOf(certificate)[0]?.content)[0]?.content);
}

/** Byte for byte, as verifiers compare it: the sixth field, after version, serial, algorithm, issuer and validity. */
export function subjectOf(certificate: Buffer): Buffer {
  return fieldsOf(certificate)[5]?.whole ?? Buffer.alloc(0);
}

/** The element in an extension; undefined without that extension. */
export function extensionOf(certificate: Buffer, name: keyof typeof OID): Element | undefined {
  const all = fieldsOf(certificate).find(({ tag }) => tag === TAG.extensions);
  const parts = elementsOf(elementsOf(all?.content)[0]?.content).map(({ content }) => elementsOf(content));
  const value = parts.find(([first]) => first?.whole.equals(oid(name)))?.at(-1);
  return elementsOf(value?.content)[0];
}

/** A number in the extension's sequence. */
export function numberIn(certificate: Buffer, name: keyof typeof OID, tag: number): number | undefined {
  const found = elementsOf(extensionOf(certificate, name)?.content).find((element) => element.tag === tag);
  return found && parseInt(found.content.toString("hex"), 16);
}
