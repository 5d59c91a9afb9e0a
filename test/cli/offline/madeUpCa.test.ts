/** What takes the place of an encrypted CA offline. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tryCa } from "../../../components/pki/caTrial";
import { checkOwnCa } from "../../../core/pki/checkCa";
import { readOwnCa } from "../../../core/pki/readCa";
import { madeUpCa } from "../../../cli/offline/madeUpCa";

const daysLeft = (time: string): number => (Date.parse(time) - Date.now()) / 86_400_000;

test("is a CA that every check accepts, the same at every run, and another one under another name", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `clusterCaPems ${String(index)}`);
  for (const name of names) {
    const made = madeUpCa(name);
    assert.deepEqual(checkOwnCa("ca", "cluster", made, 36500, daysLeft), { errors: [], warnings: [] });
    assert.deepEqual(madeUpCa(name), made);
  }
  assert.equal(new Set(names.flatMap((name) => readOwnCa(madeUpCa(name).certPem).identities)).size, 40);
  const sans = { dnsNames: ["n0"], ipAddresses: ["10.0.0.1"] };
  assert.equal(await tryCa({ ...madeUpCa("clusterCaPems 1"), commonName: "n0", sans }), undefined);
});
