/** What is derived from the two seeds. The values are fixed: another derivation would be another cluster. */
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { identityOf, operatorPassword } from "../../../core/plan/identity";

const PEM = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----";

test("the identity is 96 bits of the public key's hash, whatever the white space round it", () => {
  const expected = createHash("sha256").update(PEM).digest("hex").slice(0, 24);
  assert.equal(identityOf(PEM), expected);
  assert.equal(identityOf(`${PEM}\n`), expected);
});

test("the operator's password is 256 bits keyed by the private key", () => {
  const expected = createHmac("sha256", PEM).update("pulumi-rethinkdb operator").digest("base64url");
  assert.equal(operatorPassword(`${PEM}\n`), expected);
  assert.match(expected, /^[A-Za-z0-9_-]{43}$/);
});

test("another key is another cluster and another password", () => {
  assert.notEqual(identityOf(PEM), identityOf(`${PEM}x`));
  assert.notEqual(operatorPassword(PEM), operatorPassword(`${PEM}x`));
});
