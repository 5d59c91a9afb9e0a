/** What the fleet's judge refuses, in full, before anything is made. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, mock, test } from "node:test";
import { FIRST_CA } from "../../../args/shape/schema";
import type { FleetRequest } from "../../../core/programs/fleet";
import { Failure } from "../../../ops/lib/failure";
import { fleet } from "../../../ops/programs/fleet";
import { publishes } from "../../../ops/fleet/ports";
import {
  DOCKER,
  DOCKER_28,
  OLD_DOCKER,
  PODMAN,
  ROOTLESS,
  WITHOUT_MEMORY_LIMIT,
  WITHOUT_SWAP_LIMIT,
} from "../../support/engineAnswers";
import { type Answer, type FakeDocker, withFakeDocker } from "../../support/fakeDocker";
import { lookLine, type VolumeSketch } from "../../support/volumeLook";

const PORTS: readonly (readonly [ports: string, address: string, port: number, expected: boolean])[] = [
  ["127.0.0.1:28015->28015/tcp", "127.0.0.1", 28015, true],
  ["127.0.0.1:28015->28015/tcp", "127.0.0.1", 28016, false],
  ["127.0.0.1:28015->28015/tcp", "192.0.2.1", 28015, false],
  ["127.0.0.1:28015->28015/tcp", "0.0.0.0", 28015, true],
  ["127.0.0.1:28015->28015/tcp", "::", 28015, true],
  ["0.0.0.0:28015->28015/tcp, [::]:28015->28015/tcp", "192.0.2.1", 28015, true],
  [":::28015->28015/tcp", "192.0.2.1", 28015, true],
  ["0.0.0.0:28010-28020->28010-28020/tcp", "127.0.0.1", 28015, true],
  ["0.0.0.0:28010-28014->28010-28014/tcp", "127.0.0.1", 28015, false],
  ["8080/tcp, 28015/tcp", "127.0.0.1", 28015, false],
  ["8080/tcp, 127.0.0.1:28015->28015/tcp", "127.0.0.1", 28015, true],
  ["[fd00::1]:28015->28015/tcp", "fd00::1", 28015, true],
  ["", "127.0.0.1", 28015, false],
];

for (const [ports, address, port, expected] of PORTS) {
  test(`"${ports}" ${expected ? "publishes" : "does not publish"} ${address} ${String(port)}`, () => {
    assert.equal(publishes(ports, address, port), expected);
  });
}

const MINE = "0123456789abcdef01234567";
const REMOTE = "tcp://192.0.2.1:2376";
const LOCAL = "unix:///nowhere/docker.sock";

const server = (ordinal: number): FleetRequest["servers"][number] => ({
  name: `n${String(ordinal)}`,
  container: `db-n${String(ordinal)}`,
  dataVolume: `db-n${String(ordinal)}-data`,
  publish: { address: "127.0.0.1", port: 28015 + ordinal },
  incarnation: 0,
});

const REQUEST: FleetRequest = {
  clusterName: "db",
  identity: MINE,
  image: "rethinkdb:2.4.3",
  dockerHost: REMOTE,
  network: "db",
  subnet: "198.51.100.0/24",
  operator: { password: "operator's password", previousPassword: null },
  cas: { clusterCa: FIRST_CA, driverCa: FIRST_CA, clientCa: FIRST_CA },
  ownCas: {},
  driverClients: [],
  operatorGeneration: 1,
  passwordAccepted: true,
  driverNetworks: [],
  servers: [server(0), server(1)],
  allow: [],
};

const RECORD = {
  clusterName: "db",
  subnet: "198.51.100.0/24",
  servers: ["n0", "n1"],
  leaving: [],
  incarnations: { n0: 0, n1: 0 },
  run: "a run",
  cas: REQUEST.cas,
  newestCas: { clusterCa: 1, driverCa: 1, clientCa: 1 },
  ownCas: {},
  driverClients: [],
  operatorGeneration: 1,
};

const OTHER = "feedfeedfeedfeedfeedfeed";
const looks = (...sketches: readonly VolumeSketch[]): Answer => ({
  when: "^run ",
  stdout: sketches.map(lookLine).join(""),
});
const IMAGE: Answer = { when: "^image inspect", stdout: `[{"Id":"1"}]` };
const VERSION: Answer = { when: "--version", stdout: "rethinkdb 2.4.3 (GCC 12.2.0)\n" };
const RUNS_IT: Answer = { when: "^container inspect", stdout: `[{"Image":"1","Args":[]}]` };
const containers = (...rows: readonly (readonly string[])[]): Answer => ({
  when: "^ps .*Ports",
  stdout: rows.map((row) => `${row.join("\t")}\n`).join(""),
});
const networks = (...list: readonly (readonly [name: string, subnet: string, identity?: string])[]): Answer[] => [
  { when: "^network ls", stdout: list.map(([name]) => `${name}\n`).join("") },
  {
    when: "^network inspect",
    stdout: JSON.stringify(
      list.map(([Name, Subnet, identity]) => ({
        Name,
        Labels: identity === undefined ? null : { "pulumi-rethinkdb.identity": identity },
        IPAM: { Config: [{ Subnet }] },
      })),
    ),
  },
];

/** Of a supported engine, unless the answers say otherwise. */
function withEngine(answers: readonly Answer[], act: (docker: FakeDocker) => Promise<void>): Promise<void> {
  return withFakeDocker([...answers, ...DOCKER], act);
}

afterEach(() => {
  delete process.env["PULUMI_COMMAND_STDOUT"];
});

const unasked = (names: string): string =>
  `nodes: no server answers, so nothing tells what is on ${names}; start the servers, then run pulumi up again`;
const fixed = (key: string, before: string, now: string): string =>
  `${key}: is "${before}" for this cluster's whole life and cannot become "${now}"; ` +
  "set it back, or make a second stack and move the data with rethinkdb dump and restore";
const taken = (names: string): string =>
  `clusterName: "db" is taken on this engine by ${names}, ` +
  "which another stack made, or this one before its state was lost; choose another clusterName, or restore that state";
const leftBehind = (names: string): string =>
  `data volumes of an earlier cluster "db" are still here: ${names}; ` +
  `start on them with allow: ["adopt-data"], or delete them with docker volume rm`;

const foreignVolume = (volume: string, holds: string): string =>
  `volume ${volume} ${holds}; nothing was touched; ` +
  `move it away or delete it (docker volume rm ${volume}), or choose another clusterName`;

interface Refusal {
  readonly what: string;
  readonly answers?: readonly Answer[];
  readonly request?: Partial<FleetRequest>;
  readonly before?: object;
  readonly problems: readonly string[];
}

const NO_SWAP =
  "limitSwap: this engine does not limit swap (docker info: SwapLimit false), so it would store another limit than asked and " +
  "every up would restart every server; switch it on in the kernel (swapaccount=1), or set limitSwap to false";
const NO_MEMORY =
  "memoryMib: this engine does not limit memory (docker info: MemoryLimit false), so it would store another limit than asked and " +
  "every up would restart every server; switch it on in the kernel (cgroup_enable=memory swapaccount=1)";

const REFUSALS: readonly Refusal[] = [
  {
    what: "an engine that does not limit swap",
    answers: WITHOUT_SWAP_LIMIT,
    problems: [NO_SWAP],
  },
  {
    what: "an engine that does not limit memory, also where swap is not limited",
    answers: WITHOUT_MEMORY_LIMIT,
    request: { limitSwap: false },
    problems: [NO_MEMORY],
  },
  {
    what: "an engine that does not limit swap, together with what else is wrong",
    answers: [...WITHOUT_SWAP_LIMIT, containers(["web", "", "", "0.0.0.0:28016->80/tcp"])],
    problems: [NO_SWAP, `driverPort: 127.0.0.1:28016 for n1 is in use by container "web"; choose another driverPort`],
  },
  {
    what: "Podman, and says nothing else",
    answers: [...PODMAN, containers(["web", "", "", "0.0.0.0:28016->80/tcp"])],
    problems: [
      "this engine is Podman's socket, which is not supported: every refresh finds the network different and replaces it, " +
        "so that the second up fails; install Docker Engine 20.10 or newer",
    ],
  },
  {
    what: "an old Docker, and says nothing else",
    answers: [...OLD_DOCKER, containers(["web", "", "", "0.0.0.0:28016->80/tcp"])],
    problems: ["this engine is Docker 19.03.15, which is too old; install 20.10 or newer"],
  },
  {
    what: "an engine that answers something else than it was asked",
    answers: [{ when: "^info ", stdout: "<html>proxy</html>" }],
    problems: [`docker info at ${REMOTE} does not answer in JSON: <html>proxy</html>`],
  },
  {
    what: "a network that is not there, beside one that is",
    answers: networks(["apps", "172.30.0.0/16"]),
    request: { driverNetworks: ["apps", "more"] },
    problems: [
      `driverNetworks[1]: this engine has no network "more"; make it with docker network create more, or take it out`,
    ],
  },
  {
    what: "fewer servers than were accepted last, where no server answers",
    answers: [IMAGE, RUNS_IT, containers(["db-n0", MINE, "n0", ""]), { when: "^ps ", stdout: "n0\tdb-n0\texited\n" }],
    before: { ...RECORD, servers: ["n0", "n1", "n2", "n3"] },
    problems: [unasked("n2, n3")],
  },
  {
    what: "another password of the operator while servers leave",
    answers: [IMAGE, RUNS_IT, containers(["db-n0", MINE, "n0", ""]), { when: "^ps ", stdout: "n0\tdb-n0\texited\n" }],
    before: { ...RECORD, servers: ["n0", "n1", "n2"] },
    request: { operatorGeneration: 2 },
    problems: [
      unasked("n2"),
      "operatorGeneration: cannot change in the run in which n2 leaves; set it back to 1, run pulumi up, then raise it",
    ],
  },
  {
    what: "fewer servers than Docker has, though no record says so",
    answers: [IMAGE, RUNS_IT, containers(["db-n2", MINE, "n2", ""]), { when: "^ps ", stdout: "n2\tdb-n2\texited\n" }],
    problems: [unasked("n2")],
  },
  {
    what: "a replacement taken back",
    before: { ...RECORD, incarnations: { n1: 2 } },
    problems: [
      "replacements.n1: was 2 and cannot become 0: the data that was given up would come back under its name; set it back to 2",
    ],
  },
  {
    what: "to replace a server that runs, where no server answers",
    answers: [
      ...[IMAGE, RUNS_IT, containers(["db-n1", MINE, "n1", ""]), { when: "^ps ", stdout: "n1\tdb-n1\trunning\n" }],
      { when: "^exec ", code: 75, stderr: "port 28015 stayed closed\n" },
    ],
    before: RECORD,
    request: { servers: [server(0), { ...server(1), incarnation: 1 }] },
    problems: [
      "replacements.n1: n1 runs with its data; only a server whose data is lost is replaced; " +
        "if you mean it, stop it first: docker stop db-n1",
    ],
  },
  {
    what: "an image of another series than the servers run",
    answers: [
      { when: "^image inspect", stdout: `[{"Id":"2"}]` },
      RUNS_IT,
      containers(["db-n0", MINE, "n0", ""]),
      { when: "rethinkdb:2.4.3 .*--version", stdout: "rethinkdb 2.5.0 (GCC 12.2.0)\n" },
      VERSION,
    ],
    before: RECORD,
    problems: [
      "image: rethinkdb:2.4.3 is RethinkDB 2.5.0 and the servers run 2.4.3; different series cannot form one cluster, " +
        "so they cannot be changed one after the other; dump the data, destroy, then make a new cluster and restore into it",
    ],
  },
  {
    what: "another cluster name and subnet",
    before: { ...RECORD, clusterName: "old", subnet: "203.0.113.0/24" },
    problems: [fixed("clusterName", "old", "db"), fixed("subnet", "203.0.113.0/24", "198.51.100.0/24")],
  },
  {
    what: "containers of another cluster under its names, in the order of their names",
    answers: [
      containers(
        ["db-n10", "", "", ""],
        ["db-n7", "", "", ""],
        ["db-net", "", "", ""],
        ["db-n0", "feedfeedfeedfeedfeedfeed", "n0", ""],
      ),
    ],
    problems: [taken("db-n0, db-n7, db-n10")],
  },
  {
    what: "someone else's network under its name",
    answers: networks(["db", "203.0.113.0/24"]),
    problems: [
      `clusterName: this engine already has a network "db" that is not this cluster's; choose another clusterName`,
    ],
  },
  {
    what: "a subnet that another network has",
    answers: networks(["bridge", "198.51.0.0/16"], ["host", ""]),
    problems: [`subnet: 198.51.100.0/24 overlaps Docker network "bridge" (198.51.0.0/16); choose another subnet`],
  },
  {
    what: "a port that another container publishes",
    answers: [containers(["web", "", "", "0.0.0.0:28016->80/tcp"])],
    problems: [`driverPort: 127.0.0.1:28016 for n1 is in use by container "web"; choose another driverPort`],
  },
  {
    what: "a port of the web UI that another container publishes",
    request: { webUi: { container: "db-ui", publish: { address: "127.0.0.1", port: 8080 } } },
    answers: [containers(["web", "", "", "0.0.0.0:8080->80/tcp"])],
    problems: [`webUi.port: 127.0.0.1:8080 for the web UI is in use by container "web"; choose another webUi.port`],
  },
  {
    what: "an address of the web UI that is not the host's",
    request: {
      dockerHost: LOCAL,
      servers: [],
      webUi: { container: "db-ui", publish: { address: "203.0.113.1", port: 8080 } },
    },
    problems: [`webUi.publish: 203.0.113.1 is not an address of this host; name one of its own, or "none"`],
  },
  {
    what: "an address that is not the host's",
    request: {
      dockerHost: LOCAL,
      servers: [0, 1].map((n) => ({ ...server(n), publish: { address: "203.0.113.1", port: 28015 + n } })),
    },
    problems: [`driverPublish: 203.0.113.1 is not an address of this host; name one of its own, or "none"`],
  },
  {
    what: "an image that is nowhere",
    answers: [
      { when: "^image inspect", code: 1, stderr: "Error: No such image: rethinkdb:2.4.3\n" },
      { when: "^pull", code: 1, stderr: "manifest unknown\nmore\n" },
    ],
    problems: ["image: rethinkdb:2.4.3 is not on this engine and cannot be pulled: manifest unknown"],
  },
  {
    what: "data of an earlier cluster, empty and own volumes apart",
    answers: [
      ...[IMAGE, VERSION],
      { when: "^volume ls", stdout: "db-n0-data\ndb-n1-data\ndb-n2-data\ndb-n3-data\nother\n" },
      looks({ says: `${OTHER}/n0/0` }, {}, { says: `${OTHER}/n2/1` }, { says: `${MINE}/n3/0` }),
    ],
    request: { servers: [0, 1, 2, 3].map(server) },
    problems: [leftBehind("db-n0-data, db-n2-data")],
  },
  {
    what: "volumes that it did not fill, and those of other servers, whatever is allowed",
    answers: [
      ...[IMAGE, VERSION],
      { when: "^volume ls", stdout: "db-n0-data\ndb-n1-data\ndb-n1-tls\ndb-ui\ndb-ui-socket\n" },
      looks(
        { names: ["photos"] },
        { says: `${MINE}/n0/0` },
        { names: ["aaaaaaaaaaaaaaaa", "join.conf", "letters"] },
        { names: ["diary"] },
        { names: [".keep", "http.sock"] },
      ),
    ],
    request: { allow: ["adopt-data"], uiVolumes: ["db-ui", "db-ui-socket"] },
    problems: [
      foreignVolume("db-n0-data", "holds photos and no identity, so this project did not fill it"),
      foreignVolume("db-n1-data", "holds this cluster's own data of n0"),
      foreignVolume("db-n1-tls", "holds letters, which this project did not put there"),
      foreignVolume("db-ui", "holds diary, which this project did not put there"),
    ],
  },
  {
    what: "data that the earlier cluster had given up",
    answers: [
      ...[IMAGE, VERSION],
      { when: "^volume ls", stdout: "db-n0-data\ndb-n0-data-2\n" },
      looks({ says: `${OTHER}/n0/0` }),
    ],
    request: { allow: ["adopt-data"] },
    problems: [
      "replacements.n0: db-n0-data was given up by the earlier cluster, which went on with db-n0-data-2; " +
        "set replacements.n0 to 2 to start on that one",
    ],
  },
  {
    what: "everything that is wrong at once",
    answers: [containers(["db-n0", "", "", ""]), ...networks(["db", "198.51.100.0/25"], ["b", "198.51.100.128/25"])],
    before: { ...RECORD, subnet: "203.0.113.0/24", servers: ["n0", "n1", "n2"] },
    problems: [
      fixed("subnet", "203.0.113.0/24", "198.51.100.0/24"),
      taken("db-n0"),
      `clusterName: this engine already has a network "db" that is not this cluster's; choose another clusterName`,
      `subnet: 198.51.100.0/24 overlaps Docker network "b" (198.51.100.128/25); choose another subnet`,
    ],
  },
];

/** Everything it may do before it has said yes, but for fetching the image. */
function assertOnlyLooked(docker: FakeDocker): void {
  const looks =
    /^(info|version|ps|exec|network ls|network inspect|image inspect|container inspect|pull|volume ls|run --rm -i .*(:ro --entrypoint|--version)) ?/;
  assert.deepEqual(
    docker.commands.filter((command) => !looks.test(command)),
    [],
  );
}

for (const { what, answers, request, before, problems } of REFUSALS) {
  test(`refuses ${what}`, async () => {
    if (before) process.env["PULUMI_COMMAND_STDOUT"] = JSON.stringify(before);
    await withEngine(answers ?? [], async (docker) => {
      await assert.rejects(fleet({ ...REQUEST, ...request }), new Failure(problems.join("\n")));
      assertOnlyLooked(docker);
    });
  });
}

/** What a fleet that is accepted says on stderr. */
async function saidBy(answers: readonly Answer[], request: Partial<FleetRequest> = {}): Promise<readonly string[]> {
  const said: string[] = [];
  const write = mock.method(process.stderr, "write", (text: string) => said.push(text.trimEnd()) > 0);
  try {
    await withEngine(answers, async () => {
      await fleet({ ...REQUEST, ...request });
    });
  } finally {
    write.mock.restore();
  }
  return said;
}

test("accepts Docker 28, and an engine that does not limit swap where swap is not limited", async () => {
  assert.deepEqual(await saidBy([...DOCKER_28, IMAGE, VERSION]), []);
  assert.deepEqual(await saidBy([...WITHOUT_SWAP_LIMIT, IMAGE, VERSION], { limitSwap: false }), []);
});

test("says what the engine of a living cluster does not limit, and refuses nothing", async () => {
  const living = [containers(["db-n0", MINE, "n0", ""]), ...networks(["db", "198.51.100.0/24", MINE]), IMAGE, RUNS_IT];
  process.env["PULUMI_COMMAND_STDOUT"] = JSON.stringify(RECORD);
  assert.deepEqual(await saidBy([...WITHOUT_SWAP_LIMIT, ...living]), [`fleet: ${NO_SWAP}`]);
  assert.deepEqual(await saidBy([...WITHOUT_MEMORY_LIMIT, ...living]), [`fleet: ${NO_MEMORY}`]);
});

test("says of a rootless engine that it was not tried", async () => {
  assert.deepEqual(await saidBy([...ROOTLESS, IMAGE, VERSION]), [
    "fleet: this engine is rootless Docker, which was not tried",
  ]);
});

test("refuses a port that another program of this host has", async () => {
  const blocker = createServer();
  await new Promise<void>((done) => blocker.listen(0, "127.0.0.1", done));
  const { port } = blocker.address() as AddressInfo;
  try {
    await withEngine([], async () => {
      const servers = [{ ...server(0), publish: { address: "127.0.0.1", port } }];
      const message = `driverPort: 127.0.0.1:${String(port)} for n0 is in use by another program; choose another driverPort`;
      await assert.rejects(fleet({ ...REQUEST, dockerHost: LOCAL, servers }), new Failure(message));
    });
  } finally {
    await new Promise((done) => blocker.close(done));
  }
});

test("accepts a port of the web UI that its own container has", async () => {
  const answers = [IMAGE, VERSION, containers(["db-ui", MINE, "", "127.0.0.1:8080->8443/tcp"])];
  await withEngine(answers, async () => {
    const webUi = { container: "db-ui", publish: { address: "127.0.0.1", port: 8080 } };
    assert.equal((await fleet({ ...REQUEST, webUi })).clusterName, "db");
  });
});

test("accepts a first fleet on an engine with nothing of it, and records it", async () => {
  await withEngine([IMAGE, VERSION], async (docker) => {
    const { run, ...record } = await fleet(REQUEST);
    assert.deepEqual({ ...record, run: "a run" }, RECORD);
    assert.match(run, /^[0-9a-f-]{36}$/);
    assertOnlyLooked(docker);
  });
});

test("accepts more servers beside its own, whose ports and volumes are no obstacle", async () => {
  process.env["PULUMI_COMMAND_STDOUT"] = JSON.stringify({ ...RECORD, servers: ["n0"] });
  const answers = [
    containers(["db-n0", MINE, "n0", "127.0.0.1:28015->28015/tcp"]),
    ...networks(["db", "198.51.100.0/24", MINE]),
    ...[IMAGE, RUNS_IT],
    { when: "^volume ls", stdout: "db-n0-data\n" },
  ];
  await withEngine(answers, async () => {
    const { run, ...record } = await fleet(REQUEST);
    assert.deepEqual({ ...record, run: "a run" }, RECORD);
    assert.notEqual(run, RECORD.run);
    process.env["PULUMI_COMMAND_STDOUT"] = JSON.stringify({ ...record, run });
    assert.equal(
      (await fleet({ ...REQUEST, allow: ["public-driver"] })).run,
      run,
      "the same as long as the servers are",
    );
  });
});

test("remembers the highest generation of each CA that was ever accepted, also after it was taken back", async () => {
  await withEngine([...networks(), IMAGE, VERSION], async () => {
    const newest = async (before: object): Promise<unknown> => {
      process.env["PULUMI_COMMAND_STDOUT"] = JSON.stringify({ ...RECORD, ...before });
      return (await fleet(REQUEST)).newestCas;
    };
    const driverCa = { issue: 1, trust: [1, 2] };
    assert.deepEqual(await newest({ cas: { ...REQUEST.cas, driverCa } }), { ...RECORD.newestCas, driverCa: 2 });
    assert.deepEqual(await newest({ newestCas: { clusterCa: 3 } }), { ...RECORD.newestCas, clusterCa: 3 });
  });
});

test("accepts data of an earlier cluster where that is allowed", async () => {
  const answers = [IMAGE, VERSION, { when: "^volume ls", stdout: "db-n0-data\n" }, looks({ says: `${OTHER}/n0/0` })];
  await withEngine(answers, async () => {
    const accepted = await fleet({ ...REQUEST, allow: ["adopt-data"] });
    assert.deepEqual({ ...accepted, run: "a run" }, RECORD);
  });
});

const CA_ROW = (server: string, issue: string, trust: string): string =>
  [server, issue, trust, "1", "1", "", ""].join("\t") + "\n";

test("refuses a jump of a CA before anything, by what the containers were made with", async () => {
  process.env["PULUMI_COMMAND_STDOUT"] = JSON.stringify(RECORD);
  const answers = [
    { when: "^ps .*cluster-ca.issue", stdout: CA_ROW("n0", "1", "1,2") + CA_ROW("n1", "1", "1") },
    containers(["db-n0", MINE, "n0", ""], ["db-n1", MINE, "n1", ""]),
    ...networks(["db", "198.51.100.0/24", MINE]),
  ];
  await withEngine(answers, async (docker) => {
    const cas = { ...REQUEST.cas, clusterCa: { issue: 2, trust: [1, 2] } };
    await assert.rejects(
      fleet({ ...REQUEST, cas }),
      new Failure(
        "clusterCa: n1 does not trust generation 2 yet, so certificates cannot be issued from it; " +
          "first run up with clusterCa: { issue: 1, trust: [1, 2] }",
      ),
    );
    assertOnlyLooked(docker);
  });
});

test("refuses another key under a generation that is in use, also in place of one that was made", async () => {
  const answers = [containers(), ...networks()];
  for (const [had, has] of [
    ["aaaa", "bbbb"],
    [undefined, "bbbb"],
    ["aaaa", undefined],
  ] as const) {
    const ownCas = (key: string | undefined): object => (key === undefined ? {} : { driverCa: { "1": key } });
    process.env["PULUMI_COMMAND_STDOUT"] = JSON.stringify({ ...RECORD, ownCas: ownCas(had) });
    await withEngine(answers, async (docker) => {
      await assert.rejects(
        fleet({ ...REQUEST, ownCas: ownCas(has) as FleetRequest["ownCas"] }),
        new Failure(
          `driverCaPems["1"]: is another key than generation 1 has had so far; put it back, and give the new one as generation 2`,
        ),
      );
      assertOnlyLooked(docker);
    });
  }
});

test("refuses a generation of the operator's password that does not follow the one before", async () => {
  process.env["PULUMI_COMMAND_STDOUT"] = JSON.stringify({ ...RECORD, operatorGeneration: 2 });
  for (const operatorGeneration of [1, 4]) {
    await withEngine([containers(), ...networks()], async (docker) => {
      await assert.rejects(
        fleet({ ...REQUEST, operatorGeneration }),
        new Failure(
          `operatorGeneration: is 2 and cannot become ${String(operatorGeneration)}: the password of the one before it ` +
            `is what programs log in with until the new one is set; use 2 or 3`,
        ),
      );
      assertOnlyLooked(docker);
    });
  }
});
