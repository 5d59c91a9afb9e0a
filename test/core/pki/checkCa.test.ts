/** What can be a CA of one's own, with certificates of the real openssl. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { checkOwnCa } from "../../../core/pki/checkCa";
import { normalKey, readOwnCa } from "../../../core/pki/readCa";
import { CaFolder, IS_CA, type MadeCa, P256 } from "../../support/caFolder";

const folder = new CaFolder();
after(() => {
  folder.dispose();
});
const make = folder.make.bind(folder);

const DAY_MS = 24 * 3600 * 1000;
const daysLeft = (validTo: string): number => (Date.parse(validTo) - Date.now()) / DAY_MS;
const errorsOf = (pems: MadeCa): readonly string[] => checkOwnCa("ca", "cluster", pems, 90, daysLeft).errors;

const root = make("root");
const middle = make("middle", "root");
const signing = make("signing", "middle");

test("a root can be one, of P-256 or of RSA", () => {
  assert.deepEqual(checkOwnCa("ca", "cluster", root, 90, daysLeft), { errors: [], warnings: [] });
  assert.deepEqual(errorsOf(make("rsa", "rsa", ["rsa:2048"])), []);
  const { chainPem, anchorPem, certPem } = readOwnCa(root.certPem);
  assert.deepEqual([chainPem, anchorPem.trim(), certPem.trim()], ["", root.certPem.trim(), root.certPem.trim()]);
});

test("an intermediate goes along with what it signs, its root is what is trusted, and that is said", () => {
  const chain = { certPem: signing.certPem + middle.certPem + root.certPem, keyPem: signing.keyPem };
  assert.deepEqual(checkOwnCa("ca", "cluster", chain, 90, daysLeft), {
    errors: [],
    warnings: [`ca: "CN=signing" is trusted through "CN=root": so is everything else that "CN=root" signs for`],
  });
  const parts = readOwnCa(chain.certPem);
  assert.equal(parts.anchorPem, root.certPem);
  assert.equal(parts.chainPem, signing.certPem + middle.certPem);
  // Another root under the same generation is another CA, though the key that signs is the same.
  assert.notEqual(parts.keyId, readOwnCa(signing.certPem).keyId);
  assert.notEqual(parts.keyId, readOwnCa(root.certPem).keyId);
  assert.equal(parts.keyId, readOwnCa(`\n${chain.certPem}\n`).keyId);
});

test("what cannot be one is refused in words, and no key is ever part of them", () => {
  const leaf = make("leaf", "leaf", P256, "basicConstraints=critical,CA:FALSE");
  assert.deepEqual(errorsOf(leaf), [
    `ca.certPem: "CN=leaf" is not a CA (basic constraints say so); give the certificate of one that may sign`,
  ]);
  assert.deepEqual(errorsOf({ ...root, keyPem: middle.keyPem }), [
    `ca.keyPem: is not the key of "CN=root"; give the one that is`,
  ]);
  assert.deepEqual(errorsOf(signing), [
    `ca.certPem: the chain ends at "CN=signing", which "CN=middle" issued; append the certificates up to the root`,
  ]);
  assert.deepEqual(errorsOf({ ...signing, certPem: signing.certPem + root.certPem }), [
    `ca.certPem: "CN=signing" was not issued by "CN=root", which follows it; put each issuer after what it issued`,
  ]);
  assert.deepEqual(errorsOf({ ...root, certPem: "no certificate" }), [
    "ca.certPem: holds no certificate in PEM, -----BEGIN CERTIFICATE-----",
  ]);
  assert.deepEqual(errorsOf({ ...root, certPem: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }), [
    "ca.certPem: holds a certificate that cannot be read; give PEM as openssl x509 prints it",
  ]);
  assert.deepEqual(errorsOf({ ...root, keyPem: "hunter2" }), [
    "ca.keyPem: is no private key in PEM, -----BEGIN PRIVATE KEY-----",
  ]);
  folder.openssl("pkey", "-in", "root.key", "-aes256", "-passout", "pass:hunter2", "-out", "locked.key");
  assert.deepEqual(errorsOf({ ...root, keyPem: folder.read("locked.key") }), [
    "ca.keyPem: is encrypted; decrypt it first: openssl pkey -in key.pem",
  ]);
  assert.deepEqual(errorsOf(make("small", "small", ["rsa:1024"])), [
    "ca.keyPem: is RSA of 1024 bits; use P-256, or RSA of at least 2048 bits",
  ]);
  assert.deepEqual(errorsOf(make("curve", "curve", ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"])), [
    "ca.keyPem: is of the curve secp384r1; use P-256, or RSA of at least 2048 bits",
  ]);
  assert.deepEqual(errorsOf(make("edwards", "edwards", ["ed25519"])), [
    "ca.keyPem: is of the kind ed25519; use P-256, or RSA of at least 2048 bits",
  ]);
});

test("a chain may be as long as its CAs allow, and no longer", () => {
  const upTo = (length: number): string => `${IS_CA},pathlen:${String(length)}`;
  const top = make("top", "top", P256, upTo(1));
  const upper = make("upper", "top", P256, upTo(1));
  const lower = make("lower", "upper", P256, upTo(0));
  assert.deepEqual(errorsOf({ ...top }), []);
  assert.deepEqual(errorsOf({ ...upper, certPem: upper.certPem + top.certPem }), []);
  assert.deepEqual(errorsOf({ ...lower, certPem: lower.certPem + upper.certPem + top.certPem }), [
    `ca.certPem: "CN=top" allows 1 CAs below it (its path length) and 2 stand there; give a chain that it allows`,
  ]);
});

test("one that may not sign for both ends of a connection is refused", () => {
  const restricted = (uses: string): MadeCa => make("tight", "tight", P256, `${IS_CA}\nextendedKeyUsage=${uses}`);
  assert.deepEqual(errorsOf(restricted("serverAuth")), [
    `ca.certPem: "CN=tight" may not sign for clientAuth (extended key usage); give one without such a restriction`,
  ]);
  for (const uses of ["serverAuth,clientAuth", "anyExtendedKeyUsage"]) assert.deepEqual(errorsOf(restricted(uses)), []);
});

test("one that may sign for servers only is enough for the driver ports, whose certificates are servers'", () => {
  const tight = make("web", "web", P256, `${IS_CA}\nextendedKeyUsage=serverAuth`);
  assert.deepEqual(checkOwnCa("ca", "driver", tight, 90, daysLeft), { errors: [], warnings: [] });
  const chain = make("webmiddle", "root", P256, `${IS_CA}\nextendedKeyUsage=serverAuth`);
  const whole = { certPem: chain.certPem + root.certPem, keyPem: chain.keyPem };
  assert.deepEqual(checkOwnCa("ca", "driver", whole, 90, daysLeft).errors, []);
  const wrong = make("mail", "mail", P256, `${IS_CA}\nextendedKeyUsage=clientAuth`);
  assert.deepEqual(checkOwnCa("ca", "driver", wrong, 90, daysLeft).errors, [
    `ca.certPem: "CN=mail" may not sign for serverAuth (extended key usage); give one without such a restriction`,
  ]);
});

test("a key that stands among other things is found, and what is normal already stays as it is", () => {
  folder.openssl("ecparam", "-name", "prime256v1", "-genkey", "-out", "raw.key");
  const raw = folder.read("raw.key");
  assert.ok(raw.startsWith("-----BEGIN EC PARAMETERS-----"));
  const [, alone = ""] = /(-----BEGIN EC PRIVATE KEY-----[^]*)$/.exec(raw) ?? [];
  folder.openssl("req", "-x509", "-key", "raw.key", "-subj", "/CN=raw", "-days", "400", "-out", "raw.pem");
  const certPem = folder.read("raw.pem");
  const given: Readonly<Record<string, string>> = {
    "parameters first": raw,
    "with its certificate after it": `${raw}${certPem}`,
    "with its certificate before it": `${certPem}${alone}`,
    "with a byte order mark": `\uFEFF${alone}`,
    "with Windows line ends": alone.replaceAll("\n", "\r\n"),
    "in one long line": alone.replace(/(?<=-----\n)[^-]*(?=\n-----END)/, (body) => body.replaceAll("\n", "")),
    "with words around it": `Bag Attributes\n${alone}`,
  };
  for (const [how, keyPem] of Object.entries(given)) {
    // The words behind a key are not the end of its text.
    assert.equal(normalKey(keyPem).trim(), alone.trim(), how);
    assert.deepEqual(errorsOf({ certPem: `\uFEFF${certPem.replaceAll("\n", "\r\n")}`, keyPem }), [], how);
  }
  for (const { keyPem } of [root, make("rsa2", "rsa2", ["rsa:2048"]), { keyPem: alone }]) {
    assert.equal(normalKey(keyPem), keyPem);
    // As pulumi config set reads it from a pipe.
    assert.equal(normalKey(keyPem.trim()), keyPem.trim());
  }
  assert.equal(normalKey("hunter2"), "hunter2");
});

test("the same certificate is the same text, however it was encoded", () => {
  const wanted = readOwnCa(signing.certPem + middle.certPem + root.certPem);
  const whole = signing.certPem + middle.certPem + root.certPem;
  for (const other of [
    whole.replaceAll("\n", "\r\n"),
    `\uFEFF${whole}`,
    `${signing.keyPem}${whole}`,
    whole.replace(/(?<=CERTIFICATE-----\n)[^-]+(?=\n-----END)/g, (body) => body.replaceAll("\n", "")),
  ]) {
    assert.deepEqual(readOwnCa(other), wanted);
  }
  assert.equal(wanted.certPem, signing.certPem);
});

test("a chain with a short key, or with a policy that servers' certificates have not, is refused", () => {
  const short = make("shortroot", "shortroot", ["rsa:1024"]);
  const below = make("below", "shortroot");
  assert.deepEqual(errorsOf({ ...below, certPem: below.certPem + short.certPem }), [
    `ca.certPem: the key of "CN=shortroot" is RSA of 1024 bits, which clients refuse; give a chain whose RSA keys have at least 2048 bits`,
  ]);
  const strict = (skip: number): MadeCa =>
    make("strict", "strict", P256, `${IS_CA}\npolicyConstraints=critical,requireExplicitPolicy:${String(skip)}`);
  for (const skip of [0, 1]) {
    assert.deepEqual(errorsOf(strict(skip)), [
      `ca.certPem: "CN=strict" demands a certificate policy in all that it signs (requireExplicitPolicy), ` +
        `and a server's certificate has none; give a CA without that restriction`,
    ]);
  }
  assert.deepEqual(errorsOf(strict(2)), []);
});

test("renewed under its key it is the same, with another key identifier it is not", () => {
  const identified = (name: string, how: string): string => {
    folder.openssl(
      "x509",
      "-in",
      "root.pem",
      "-signkey",
      "root.key",
      "-out",
      `${name}.pem`,
      "-days",
      "500",
      ...(how === "" ? [] : ["-clrext", "-extfile", `${name}.ext`]),
    );
    return folder.read(`${name}.pem`);
  };
  folder.write("other.ext", `${IS_CA}\nsubjectKeyIdentifier=0102030405`);
  folder.write("third.ext", `${IS_CA}\nsubjectKeyIdentifier=0102030406`);
  const ids = [root.certPem, identified("renewed", ""), identified("other", "other"), identified("third", "third")].map(
    (pem) => readOwnCa(pem).keyId,
  );
  assert.equal(ids[0], ids[1]);
  assert.equal(new Set(ids).size, 3);
});

test("one that ends before what it signs is refused, and so is one that has ended", () => {
  const short = make("short", "short", P256, IS_CA, 30);
  const [early = ""] = errorsOf(short);
  assert.match(
    early,
    /^ca\.certPem: "CN=short" ends on .* GMT, in 29 days, before certificates of 90 days that it signs; give a renewed one, of the same key, or lower certValidityDays$/,
  );
  const [late = ""] = checkOwnCa("ca", "cluster", short, 90, (validTo) => daysLeft(validTo) - 31).errors;
  assert.match(late, /^ca\.certPem: "CN=short" expired on .* GMT; give a renewed one, of the same key$/);
});
