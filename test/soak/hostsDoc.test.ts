/** The commands of docs/hosts.md, as they stand there, on three hosts: only the network's address and the stack are the test's. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { doctor } from "../support/doctor";
import { TestHosts, whyNoHosts } from "../support/hosts";
import { mustPython, type Target } from "../support/python";
import { TestStack } from "../support/stack";

const NAME = "h-doc";
const NETWORK = "10.88.208";
const PORT = 38500;
const skip = whyNoHosts();
if (skip !== undefined) console.log(`!! NOT RUN: hostsDoc.test.ts, because ${skip}`);

/** The one block of a language in the document that has these words. */
function block(language: string, words: string): string {
  const text = readFileSync("docs/hosts.md", "utf8");
  const all = [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, name, body = ""]) => ({ name, body }));
  const fitting = all.filter(({ name, body }) => name === language && body.includes(words));
  assert.equal(fitting.length, 1, `${language} blocks with "${words}"`);
  return fitting[0]?.body ?? "";
}

describe("the commands of docs/hosts.md", { skip: skip ?? false }, () => {
  let hosts: TestHosts;
  let stack: TestStack;

  /** As a person pastes them into a shell in the project's folder. */
  function paste(commands: string): string {
    const script = commands.replaceAll("10.0.0.", `${NETWORK}.`).replaceAll("--stack dev", `--stack ${NAME}`);
    const { status, stdout, stderr } = spawnSync("bash", ["-euxo", "pipefail", "-c", script], {
      cwd: stack.folder,
      // Instead of the question that pulumi asks a person.
      env: { ...stack.env, PULUMI_SKIP_CONFIRMATIONS: "true" },
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  }

  function target(ordinal: number): Target {
    const { netns } = hosts.get(`h${String(ordinal + 1)}`).engine;
    const { adminPassword: password } = stack.settings;
    return { netns, port: PORT + ordinal, password, ca: stack.output<string>("driverCaPem") };
  }

  before(async () => {
    hosts = await TestHosts.start(NAME, NETWORK, ["h1", "h2", "h3"]);
    stack = TestStack.create({ clusterName: NAME, subnet: "10.88.9.0/24", driverPort: PORT, nodes: 3 });
  });
  after(async () => {
    stack.dispose();
    await hosts.dispose();
  });

  test("log in and meet the engine of a host", () => {
    const said = paste(block("bash", "ssh deploy@10.0.0.11 docker version"));
    assert.equal(said.match(/^Server:/gm)?.length, 2, said);
  });

  test("name the hosts, propose places and make the cluster", async () => {
    const commands = block("bash", "npx pulumi-rethinkdb place");
    assert.match(commands, /^pulumi up$/m);
    const said = paste(commands);
    const places = /npx pulumi-rethinkdb place .*# (.*)$/m.exec(commands)?.[1]?.split(", ") ?? [];
    assert.deepEqual(
      said.split("\n").filter((line) => /^n\d+: /.test(line)),
      places,
    );
    assert.deepEqual(
      places.map((_, i) =>
        mustPython(target(i), `return sorted(r.db("rethinkdb").table("server_status")["name"].run(c))`),
      ),
      places.map(() => ["n0", "n1", "n2"]),
    );
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  test("spread a table over the zones, so that it survives a host", () => {
    mustPython(target(0), `return r.table_create("orders").run(c)`);
    mustPython(target(0), `${block("python", "reconfigure")}return 1`);
    const body = `r.table("orders").wait(wait_for="all_replicas_ready", timeout=60).run(c)
r.table("orders").insert({"id": 1}).run(c)
return r.table("orders").config()["shards"].map(lambda s: [s["primary_replica"], s["replicas"].order_by(lambda x: x)]).run(c)`;
    assert.deepEqual(mustPython(target(0), body), [["n0", ["n0", "n1", "n2"]]]);
    hosts.link("h2", "down");
    assert.equal(mustPython(target(0), `return r.table("orders").get(1)["id"].run(c)`), 1);
    hosts.link("h2", "up");
  });
});
