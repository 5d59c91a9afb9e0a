/** A run that looks at what is there is refused for a host that is needed, and does not look for one that is given up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeAbsent } from "../../cli/hostsCheck";
import type { HostArgs } from "../../core/args";
import { Failure } from "../../ops/failure";

const host = (name: string, lost = false): HostArgs => ({ name, dockerHost: `ssh://root@${name}`, lost });
const GONE = "hosts.b: root@b cannot be reached: timed out. It is the place of n1; …";

test("looks at what is there where all hosts answer", () => {
  assert.deepEqual(judgeAbsent([], [host("a"), host("b")]), ["--refresh"]);
});

test("is refused with the sentence of a host that should answer", () => {
  assert.throws(() => judgeAbsent([GONE], [host("a"), host("b")]), new Failure(GONE));
});

test("does not look where the host is marked as lost or taken out", () => {
  assert.deepEqual(judgeAbsent([GONE], [host("a"), host("b", true)]), []);
  assert.deepEqual(judgeAbsent([GONE], [host("a")]), []);
});
