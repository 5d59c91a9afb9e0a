/** What the doctor makes of what it sees: every sentence in full. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judgeHealth, type ServerFacts } from "../../../core/decide/health";
import { status } from "../../support/status";

const ALL = ["n0", "n1", "n2"];

function facts(name: string, more: Partial<ServerFacts> = {}): ServerFacts {
  const addresses = ALL.map((_, i) => `10.213.0.${String(10 + i)}`);
  const address = addresses[ALL.indexOf(name)] ?? "";
  return {
    name,
    container: `db-${name}`,
    state: "running",
    health: "healthy",
    exitCode: 0,
    outOfMemory: false,
    lastWords: "",
    address,
    peers: addresses.filter((other) => other !== address),
    answers: true,
    silence: "",
    disk: { freeBytes: 50, totalBytes: 100 },
    certificates: [{ purpose: "cluster", notAfter: "2099-01-01", daysLeft: 60 }],
    ...more,
  };
}

const down = (name: string, more: Partial<ServerFacts> = {}): ServerFacts =>
  facts(name, { state: "exited", answers: false, disk: null, ...more });
const all = (changes: Readonly<Record<string, ServerFacts>> = {}): readonly ServerFacts[] =>
  ALL.map((name) => changes[name] ?? facts(name));
const problems = (servers: readonly ServerFacts[], now: ReturnType<typeof status> | undefined): readonly string[] =>
  judgeHealth("db", servers, now).problems;

describe("health", () => {
  test("is good when every server is in and every table ready", () => {
    const report = judgeHealth("db", all(), status(ALL, { t: [{ replicas: ALL }] }));
    assert.deepEqual(report, {
      clusterName: "db",
      servers: ALL.map((name) => ({
        name,
        container: `db-${name}`,
        state: "running",
        connected: true,
        version: "",
        diskFreePercent: 50,
        certificateDaysLeft: 60,
      })),
      tables: { total: 1, ready: 1, unready: [] },
      issues: [],
      problems: [],
    });
  });

  const two = status(["n0", "n2"], {
    three: [{ replicas: ALL, ready: ["n0", "n2"] }],
    one: [{ replicas: ["n1"], ready: [] }],
  });
  const tables = [
    "table test.three misses its replica on n1; it still serves",
    "table test.one misses its replica on n1; it is not available",
  ];
  for (const [what, n1, sentence] of [
    ["is down", down("n1", { exitCode: 1 }), "n1 is exited, exit code 1; start it with docker start db-n1"],
    [
      "says why it is down",
      down("n1", { exitCode: 64, lastWords: "refused: the data volume says 'nothing'" }),
      "n1 is exited, exit code 64: refused: the data volume says 'nothing'; start it with docker start db-n1",
    ],
    [
      "ran out of memory",
      down("n1", { exitCode: 137, outOfMemory: true, lastWords: "noise" }),
      "n1 is exited, exit code 137: it ran out of memory (memoryMib); start it with docker start db-n1",
    ],
    ["is frozen", down("n1", { state: "paused" }), "n1 is paused; start it with docker unpause db-n1"],
    [
      "is cut off",
      facts("n1"),
      "n1 answers and the others do not see it: it is cut off from them; look at docker network inspect and docker logs db-n1",
    ],
    [
      "is stuck",
      facts("n1", { answers: false, lastWords: "error: no route" }),
      "n1 runs and does not answer: error: no route; look at docker logs db-n1",
    ],
  ] as const) {
    test(`names a server that ${what}, and what its absence means for each table`, () => {
      assert.deepEqual(problems(all({ n1 }), two), [sentence, ...tables]);
    });
  }

  test("names a server that fails its health check", () => {
    assert.deepEqual(problems(all({ n1: facts("n1", { health: "unhealthy" }) }), status(ALL)), [
      "n1 is in the cluster and fails its health check; look at docker inspect db-n1",
    ]);
  });

  test("explains a server that waits for others which are down", () => {
    const servers = [facts("n0", { answers: false }), down("n1"), down("n2")];
    assert.deepEqual(problems(servers, undefined), [
      "n0 waits for n1 at 10.213.0.11, n2 at 10.213.0.12, which are down: it will not serve alone; start one of them",
      "n1 is exited, exit code 0; start it with docker start db-n1",
      "n2 is exited, exit code 0; start it with docker start db-n2",
      "db: no server answers, so nothing is known of its tables",
    ]);
  });

  test("names a server that fell and came back, a full disk, and certificates that end", () => {
    const n2 = facts("n2", {
      outOfMemory: true,
      disk: { freeBytes: 4, totalBytes: 100 },
      certificates: [
        { purpose: "driver", notAfter: "2001-01-01", daysLeft: -3 },
        { purpose: "driver-ca", notAfter: "2001-01-08", daysLeft: 4 },
        { purpose: "cluster", notAfter: "2001-01-11", daysLeft: 7 },
      ],
    });
    assert.deepEqual(problems(all({ n2 }), status(ALL)), [
      "n2 ran out of memory and was restarted; raise memoryMib",
      "n2 has 4 % of its disk left; make room, RethinkDB stops when it is full",
      "n2: its driver certificate expired on 2001-01-01; new connections to it fail",
      "n2: its driver-ca certificate ends on 2001-01-08, in 4 days; run pulumi up",
    ]);
  });

  test("names links that are cut, tables that cannot be read or that are being moved, and mixed versions", () => {
    const cut = status(ALL, { t: [{ replicas: ALL }] }, { cut: [["n0", "n1"]] });
    const [config] = cut.configs;
    const [table] = cut.tables;
    assert.ok(config !== undefined && table !== undefined);
    const now = {
      ...cut,
      servers: cut.servers.map((s) => ({ ...s, process: { version: s.name === "n2" ? "2.4.3" : "2.4.4" } })),
      configs: [config, { id: "u", db: "test", name: "u" }],
      tables: [{ ...table, status: { all_replicas_ready: false } }],
    };
    assert.deepEqual(problems(all(), now), [
      "n0 does not see n1",
      "table test.t is being rearranged; it still serves",
      "table test.u cannot be read: no server that has it is connected",
      "servers run different versions, 2.4.4 and 2.4.3: finish with pulumi up",
    ]);
  });

  test("is not good where there is nothing", () => {
    assert.deepEqual(problems([], undefined), ["db: Docker has no server of it; run pulumi up"]);
  });
});
