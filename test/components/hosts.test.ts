/** A cluster over several hosts: which engine each part is on, what it is told of the others, and of a host that is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RethinkdbCluster, type RethinkdbClusterArgs } from "../../components";
import { inputsOf, record, type Recording, requestOf } from "../support/mocks";

const HOSTS = [
  { name: "a", dockerHost: "ssh://deploy@10.0.0.1", address: "10.0.0.1", zone: "east" },
  { name: "b", dockerHost: "tcp://10.0.0.2:2376", certPath: "certs/b", address: "10.0.0.2" },
];
const ARGS: RethinkdbClusterArgs = {
  clusterName: "orders",
  adminPassword: "correct horse battery staple",
  hosts: HOSTS,
  placement: { n0: "a", n1: "b", n2: "a" },
};
const REFS = HOSTS.map(({ name, dockerHost, certPath = null, address }) => ({ name, dockerHost, certPath, address }));

/** As a preview: at a real run a program looks whether the hosts answer. */
async function declared(args: Partial<RethinkdbClusterArgs> = {}): Promise<Recording> {
  return record((recorder) => new RethinkdbCluster("db", { ...ARGS, ...args }, { transformations: [recorder] }), true);
}

async function providerOf({ options }: Recording, name: string): Promise<string | undefined> {
  const provider = options.get(name)?.provider;
  const urn = await new Promise<string>((resolve) => provider?.urn.apply(resolve));
  return urn.split("::").at(-1);
}

test("each server's volumes and container, and a network of its own, are on the engine of its host", async () => {
  const recording = await declared();
  assert.deepEqual(inputsOf(recording, "db-network-a"), inputsOf(recording, "db-network-b"));
  const places = { "network-a": "a", "network-b": "b", n0: "a", "n0-data": "a", n1: "b", "n1-tls": "b", n2: "a" };
  for (const [name, host] of Object.entries(places)) {
    assert.equal(await providerOf(recording, `db-${name}`), `db-engine-${host}`, name);
  }
});

test("engines behind ssh check host keys, and one on TCP is asked with a certificate", async () => {
  const recording = await declared();
  const { host, sshOpts } = inputsOf(recording, "db-engine-a") as { host: string; sshOpts: string };
  assert.equal(host, "ssh://deploy@10.0.0.1");
  assert.ok((JSON.parse(sshOpts) as string[]).includes("StrictHostKeyChecking=yes"));
  assert.deepEqual(inputsOf(recording, "db-engine-b"), { host: "tcp://10.0.0.2:2376", certPath: "certs/b" });
});

test("the cluster port of each server is published on its host's address alone", async () => {
  const recording = await declared();
  assert.deepEqual(inputsOf(recording, "db-n1")["ports"], [
    { ip: "127.0.0.1", internal: 28015, external: 28016, protocol: "tcp" },
    { ip: "10.0.0.2", internal: 29015, external: 29016, protocol: "tcp" },
  ]);
});

test("programs are told of all hosts, and which one is theirs", async () => {
  const recording = await declared();
  for (const [name, dockerHost] of [
    ["db-fleet", "ssh://deploy@10.0.0.1"],
    ["db-n0-prepare", "ssh://deploy@10.0.0.1"],
  ] as const) {
    const { hosts, dockerHost: own } = requestOf(recording, name);
    assert.deepEqual({ hosts, own }, { hosts: REFS, own: dockerHost }, name);
  }
  assert.equal(requestOf(recording, "db-fleet")["unreachable"], undefined);
});

test("of a lost host nothing is asked, changed or deleted", async () => {
  const lost = [{ ...HOSTS[0], lost: true }, HOSTS[1]] as NonNullable<RethinkdbClusterArgs["hosts"]>;
  const recording = await declared({ hosts: lost, allow: ["lose-host"] });
  const request = requestOf(recording, "db-fleet") as { hosts: unknown; servers: { name: string }[]; lost: unknown };
  assert.deepEqual(request.hosts, [REFS[1]]);
  assert.deepEqual(
    request.servers.map(({ name }) => name),
    ["n1"],
  );
  assert.deepEqual(request.lost, { hosts: ["a"], servers: ["n0", "n2"] });
  for (const name of ["n0", "n0-tls", "n0-data", "n0-prepare", "n0-permit", "n0-member", "network-a"]) {
    assert.equal(recording.options.get(`db-${name}`)?.retainOnDelete, true, name);
    assert.deepEqual(recording.options.get(`db-${name}`)?.ignoreChanges, ["*"], name);
  }
  assert.notEqual(recording.options.get("db-n1")?.retainOnDelete, true);
});
