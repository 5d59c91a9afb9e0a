/** Whose a volume is, by what lies on it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  foreignNames,
  isEmptyVolume,
  judgeDataVolume,
  listNames,
  type VolumeKind,
  type VolumeLook,
} from "../../../core/decide/volumeOwner";

const OWN = "0123456789abcdef01234567";
const OTHER = "feedfeedfeedfeedfeedfeed";
const look = (more: Partial<VolumeLook>): VolumeLook => ({ says: "", names: [], hasData: false, ...more });

const KNOWN: Readonly<Record<VolumeKind, readonly string[]>> = {
  data: [
    ...["identity", "identity.new", "started", "started.new", "rethinkdb", "rethinkdb.new", "lost+found"],
    ...["handover.json", "handover.json.new", "leaving.json", "leaving.json.new", "moves.json", "moves.json.new"],
  ],
  tls: ["aaaaaaaaaaaaaaaa", "0123456789abcdef.new", "join.conf", "join.conf.new", "left", "lost+found"],
  socket: [".keep", "http.sock", "lost+found"],
};
const FOREIGN: Readonly<Record<VolumeKind, readonly string[]>> = {
  data: [
    ...[
      "Identity",
      "identity.old",
      "identity.new.new",
      "myidentity",
      "notes.json",
      "left",
      "xlost+found",
      "lost+found2",
    ],
    ...["rethinkdb2", "xrethinkdb"],
  ],
  tls: [
    ...["aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaa", "gaaaaaaaaaaaaaaa", "xaaaaaaaaaaaaaaaa", "join.config", "xjoin.conf"],
    ...[
      "joinXconf",
      "left2",
      "xleft",
      "identity",
      "xlost+found",
      "lost+found2",
      "aaaaaaaaaaaaaaaaXnew",
      "join.confXnew",
    ],
  ],
  socket: ["keep", "xkeep", ".keep2", "x.keep", "http.sock2", "xhttp.sock", "httpXsock", "xlost+found", "lost+found2"],
};

for (const kind of ["data", "tls", "socket"] as const) {
  test(`this project puts its own names on a ${kind} volume, and no other`, () => {
    assert.deepEqual(foreignNames(kind, KNOWN[kind]), []);
    assert.deepEqual(foreignNames(kind, [...KNOWN[kind], ...FOREIGN[kind]]), [...FOREIGN[kind]].sort());
  });
}

test("a volume is empty with what an interrupted preparation leaves, and with nothing more", () => {
  assert.equal(isEmptyVolume(look({})), true);
  assert.equal(isEmptyVolume(look({ names: ["rethinkdb", "rethinkdb.new", "identity.new", "lost+found"] })), true);
  for (const name of ["identity", "started", "xrethinkdb", "rethinkdb2", "rethinkdbXnew"])
    assert.equal(isEmptyVolume(look({ names: ["rethinkdb", name] })), false, name);
  assert.equal(isEmptyVolume(look({ names: ["rethinkdb"], hasData: true })), false);
  assert.equal(isEmptyVolume(look({ says: "x" })), false);
});

const WANTED = { identity: OWN, server: "n1", incarnation: 2 };
const at = (says: string): ReturnType<typeof judgeDataVolume> =>
  judgeDataVolume(look({ says, names: ["identity", "rethinkdb"], hasData: true }), WANTED);

test("a server starts on its own volume and on an empty one", () => {
  assert.equal(at(`${OWN}/n1/2`), undefined);
  assert.equal(judgeDataVolume(look({ names: ["rethinkdb.new"] }), WANTED), undefined);
});

for (const [what, says, holds, adoptable] of [
  ["an earlier cluster's data of it", `${OTHER}/n1/0`, "holds data of n1 of an earlier cluster", true],
  ["an earlier cluster's data of another server", `${OTHER}/n0/0`, "holds data of n0 of an earlier cluster", false],
  ["this cluster's data of another server", `${OWN}/n0/2`, "holds this cluster's own data of n0", false],
  [
    "its own data that was given up",
    `${OWN}/n1/1`,
    "holds data of n1 that was given up or is not made yet (replacement 1, and 2 is wanted)",
    false,
  ],
  ["a short identity", "feed/n1/0", `says "feed/n1/0", which this project never wrote`, false],
  [
    "an identity in capitals",
    `${OTHER.toUpperCase()}/n1/0`,
    `says "${OTHER.toUpperCase()}/n1/0", which this project never wrote`,
    false,
  ],
  [
    "an identity of a server that is none",
    `${OTHER}/m1/0`,
    `says "${OTHER}/m1/0", which this project never wrote`,
    false,
  ],
  ["an identity without a count", `${OTHER}/n1/`, `says "${OTHER}/n1/", which this project never wrote`, false],
  ["something before an identity", `x${OTHER}/n1/0`, `says "x${OTHER}/n1/0", which this project never wrote`, false],
  ["something after an identity", `${OTHER}/n1/0x`, `says "${OTHER}/n1/0x", which this project never wrote`, false],
  ["a long text", "x".repeat(100), `says "${"x".repeat(80)}", which this project never wrote`, false],
] as const) {
  test(`a server does not simply start on ${what}`, () => {
    assert.deepEqual(at(says), { holds, adoptable });
  });
}

test("files without an identity are not this project's", () => {
  assert.deepEqual(judgeDataVolume(look({ names: ["photos"] }), WANTED), {
    holds: "holds photos and no identity, so this project did not fill it",
    adoptable: false,
  });
  assert.equal(judgeDataVolume(look({ names: ["rethinkdb"], hasData: true }), WANTED)?.adoptable, false);
});

test("servers with many digits are read whole", () => {
  const verdict = judgeDataVolume(look({ says: `${OTHER}/n12/34` }), { identity: OWN, server: "n12", incarnation: 0 });
  assert.deepEqual(verdict, { holds: "holds data of n12 of an earlier cluster", adoptable: true });
});

test("a long list of names is cut", () => {
  assert.equal(listNames(["a", "b", "c", "d", "e"]), "a, b, c, d, e");
  assert.equal(listNames(["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
});
