/** A cluster from outside: what a port that is not reached says. */
import assert from "node:assert/strict";
import { PassThrough, type Duplex } from "node:stream";
import { test } from "node:test";
import type { Outcome } from "../../../core/decide/audit/report";
import { auditOutside } from "../../../ops/doctor/outside";
import { DialFailed } from "../../../ops/doctor/wire/dialer";
import { Vantage } from "../../../ops/doctor/wire/vantage";

const CLOSED = ["port-8080", "cluster-clear", "cluster-no-certificate", "cluster-strangers-certificate"];

/** @param failures by port; a port without one takes the connection and closes it. */
async function outcomesWhere(failures: Readonly<Record<number, string>>): Promise<readonly (Outcome | undefined)[]> {
  const dial = (_: string, port: number): Promise<Duplex> => {
    const failure = failures[port];
    return failure === undefined ? Promise.resolve(new PassThrough().end()) : Promise.reject(new DialFailed(failure));
  };
  const here = new Vantage("this machine", dial, null, () => undefined);
  const { lines } = await auditOutside([{ host: "db.example.org", port: 28015 }], here);
  const probes = lines.flatMap((line) => line.probes);
  return CLOSED.map((id) => probes.find((probe) => probe.id === id)?.outcome);
}

const all = (outcome: Outcome): readonly Outcome[] => CLOSED.map(() => outcome);

test("a host that does not exist, has no route or does not answer is not tried", async () => {
  for (const failure of ["ENOTFOUND", "EHOSTUNREACH", "no answer in 3 seconds"]) {
    const failures = { 8080: failure, 28015: failure, 29015: failure };
    assert.deepEqual(await outcomesWhere(failures), all("not-tried"), failure);
  }
});

test("a port is closed where the host refuses it, or where its driver port is reached", async () => {
  const refused = { 8080: "ECONNREFUSED", 28015: "ECONNREFUSED", 29015: "ECONNREFUSED" };
  assert.deepEqual(await outcomesWhere(refused), all("held"));
  const filtered = { 8080: "no answer in 3 seconds", 29015: "no answer in 3 seconds" };
  assert.deepEqual(await outcomesWhere(filtered), all("held"));
});
