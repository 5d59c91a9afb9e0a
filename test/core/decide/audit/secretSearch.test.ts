/** Secrets are found however they stand in a text, and what is too short to search for is named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findSecrets, needlesOf, withoutSecrets } from "../../../../core/decide/audit/secretSearch";

const PASSWORD = `it's "secret" \\ 100%`;
const { needles, tooShort } = needlesOf([
  { what: "the password", text: PASSWORD },
  { what: "the key", text: "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEprivate\npublic\n-----END EC PRIVATE KEY-----\n" },
  { what: "the web UI's password", text: "app" },
]);

test("a secret is found as it is, in JSON, in a URL and in base64 at every offset", () => {
  for (const text of [PASSWORD, JSON.stringify({ a: PASSWORD }), encodeURIComponent(PASSWORD)]) {
    assert.deepEqual(findSecrets(`x${text}y`, needles), ["the password"]);
  }
  for (const before of ["", "a", "ab", "abc", "abcd"]) {
    const text = Buffer.from(`${before}${PASSWORD}and more`).toString("base64");
    assert.deepEqual(findSecrets(text, needles), ["the password"], before);
  }
  assert.deepEqual(findSecrets("nothing of it", needles), []);
});

test("of a key its private line counts, and not the public one", () => {
  assert.deepEqual(findSecrets("MHcCAQEEprivate", needles), ["the key"]);
  assert.deepEqual(findSecrets("public", needles), []);
});

test("what is shorter than 8 characters is not searched for", () => {
  assert.deepEqual(tooShort, ["the web UI's password"]);
});

test("nothing of a secret is left when it is taken out", () => {
  const text = `${PASSWORD} ${JSON.stringify(PASSWORD)} ${Buffer.from(PASSWORD).toString("base64")}`;
  const clean = withoutSecrets(text, needles);
  assert.deepEqual(findSecrets(clean, needles), []);
  assert.match(clean, /^<the password> "<the password>" /);
});

test("any secret is found between any texts, also in base64", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12 }), fc.string(), fc.string(), (secret, before, after) => {
      fc.pre(!secret.startsWith("-----BEGIN"));
      const own = needlesOf([{ what: "it", text: secret }]).needles;
      assert.deepEqual(findSecrets(before + secret + after, own), ["it"]);
      assert.deepEqual(findSecrets(Buffer.from(before + secret + after).toString("base64"), own), ["it"]);
    }),
  );
});
