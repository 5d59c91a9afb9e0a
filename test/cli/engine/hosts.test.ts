/** A run that looks at what is there is refused for a host that is needed, and does not look for one that is given up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeUnreachable, knowsGivenUp } from "../../../cli/engine/hosts";
import type { HostArgs } from "../../../args/hosts";
import type { StateResource } from "../../../cli/stack/state";
import { Failure } from "../../../ops/lib/failure";

const host = (name: string, lost = false): HostArgs => ({ name, dockerHost: `ssh://root@${name}`, lost });
const GONE = "hosts.b: root@b cannot be reached: timed out. It is the place of n1; …";

test("looks at what is there where all hosts answer", () => {
  assert.deepEqual(judgeUnreachable([], [host("a"), host("b")], false), ["--refresh"]);
});

test("is refused with the sentence of a host that should answer", () => {
  assert.throws(() => judgeUnreachable([GONE], [host("a"), host("b")], false), new Failure(GONE));
});

test("does not look where the host is marked as lost or taken out", () => {
  assert.deepEqual(judgeUnreachable([GONE], [host("a"), host("b", true)], false), []);
  assert.deepEqual(judgeUnreachable([GONE], [host("a")], false), []);
});

test("does not look while the state still has objects of a host that the last run gave up", () => {
  const provider = (name: string): StateResource => ({
    urn: `urn:pulumi:dev::rethinkdb::pulumi:providers:docker::rethinkdb-engine-${name}`,
    type: "pulumi:providers:docker",
    inputs: { host: `ssh://root@${name}` },
  });
  const state = { version: 3, deployment: { resources: [provider("a"), provider("b")] } };
  const asked = (...names: readonly string[]): Parameters<typeof knowsGivenUp>[1] => [
    { hosts: names.map((name) => ({ name, dockerHost: `ssh://root@${name}`, certPath: null, address: null })) },
  ];
  assert.equal(knowsGivenUp(state, asked("a", "b")), false);
  assert.equal(knowsGivenUp(state, asked("a")), true);
  assert.equal(knowsGivenUp(state, []), false);
  assert.deepEqual(judgeUnreachable([], [host("a")], true), []);
});
