/** Which image may follow which. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeVersionChange, parseVersion } from "../../../core/decide/version";

const version = (text: string): ReturnType<typeof parseVersion> => parseVersion(`rethinkdb ${text} (GCC 12.2.0)\n`);
const RESTORE = "different series cannot form one cluster, so they cannot be changed one after the other; ";
const DUMP = "dump the data, destroy, then make a new cluster and restore into it";

test("reads the version that RethinkDB prints", () => {
  assert.deepEqual(parseVersion("rethinkdb 2.4.4~0bookworm (CLANG 14.0.6)\nLinux x86_64\n"), {
    text: "2.4.4",
    series: "2.4",
    patch: 4,
  });
  assert.equal(parseVersion("bash: rethinkdb: command not found"), undefined);
});

const CASES: readonly (readonly [next: string, now: string | null, verdict: string | undefined])[] = [
  ["2.4.4", null, undefined],
  ["2.4.3", null, undefined],
  ["2.4.4", "2.4.3", undefined],
  ["2.4.4", "2.4.4", undefined],
  ["2.4.12", "2.4.4", undefined],
  ["2.4.2", null, "image: x is RethinkDB 2.4.2; this component secures 2.4.3 and later ones of 2.4"],
  ["2.5.0", null, "image: x is RethinkDB 2.5.0; this component secures 2.4.3 and later ones of 2.4"],
  [
    "2.4.3",
    "2.4.4",
    "image: x is RethinkDB 2.4.3 and the servers run 2.4.4; data files do not go back; set the image back, or dump the data and restore it into a new cluster",
  ],
  ["2.5.0", "2.4.4", `image: x is RethinkDB 2.5.0 and the servers run 2.4.4; ${RESTORE}${DUMP}`],
  ["2.3.7", "2.4.4", `image: x is RethinkDB 2.3.7 and the servers run 2.4.4; ${RESTORE}${DUMP}`],
];

for (const [next, now, verdict] of CASES) {
  test(`${now ?? "nothing"} may ${verdict === undefined ? "" : "not "}become ${next}`, () => {
    assert.equal(judgeVersionChange("x", version(next), now === null ? undefined : version(now)), verdict);
  });
}

test("an image without RethinkDB is refused", () => {
  assert.equal(
    judgeVersionChange("x", undefined, version("2.4.4")),
    'image: x does not say a version of RethinkDB; use an image whose "rethinkdb --version" answers',
  );
});
