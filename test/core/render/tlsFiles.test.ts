/** Names of certificate files and of their directory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CLIENT_FILE_NAMES, fingerprintTls, TLS_FILE_NAMES, tlsFiles } from "../../../core/render/tlsFiles";

test("every file that is installed has a path below its fingerprint, and no other", () => {
  assert.deepEqual(
    Object.values(tlsFiles("0123456789abcdef")).sort(),
    [...TLS_FILE_NAMES, ...CLIENT_FILE_NAMES].map((name) => `/tls/0123456789abcdef/${name}`).sort(),
  );
});

test("a changed part changes the fingerprint, white space round a part does not", () => {
  const before = fingerprintTls(["cert", "ca", "28015"]);
  assert.match(before, /^[0-9a-f]{16}$/);
  assert.equal(fingerprintTls(["cert\n", " ca", "28015"]), before);
  assert.notEqual(fingerprintTls(["cert", "ca", "28016"]), before);
  assert.notEqual(fingerprintTls(["ca", "cert", "28015"]), before);
});

test("parts are kept apart", () => {
  assert.notEqual(fingerprintTls(["ab", "c"]), fingerprintTls(["a", "bc"]));
});
