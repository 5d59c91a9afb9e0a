/** What a stack's config makes, told without Docker, Pulumi CLI or network. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { plan } from "../../../../cli/verbs/look/plan";
import { declareOffline } from "../../../../cli/offline/declare";
import { type PlanFacts, readFacts } from "../../../../cli/print/plan/facts";
import { renderHtml } from "../../../../cli/print/plan/html";
import { renderMermaid } from "../../../../cli/print/plan/mermaid";
import { renderText } from "../../../../cli/print/plan/text";
import { captured } from "../../../support/captured";
import { GitProject } from "../../../support/gitProject";

let project: GitProject;
let facts: PlanFacts;

before(async () => {
  project = new GitProject();
  project.write(
    "Pulumi.dev.yaml",
    `config:
  rethinkdb:clusterName: orders
  rethinkdb:nodes: 2
  rethinkdb:hosts:
    - { name: h1, dockerHost: "ssh://deploy@10.0.0.11", address: 10.0.0.11, zone: rack1 }
    - { name: h2, dockerHost: "ssh://deploy@10.0.0.12", address: 10.0.0.12 }
  rethinkdb:placement: { n0: h1, n1: h2 }
  rethinkdb:driverPublish: host-address
  rethinkdb:driverCaPems: { secure: x }
  rethinkdb:databases: [shop]
  rethinkdb:users: [{ name: "<web>", grants: [{ db: shop, read: true }] }]
  rethinkdb:userPasswords: { secure: x }
  rethinkdb:webUi: { enabled: true, publish: none }
  rethinkdb:webUiPassword: { secure: x }
  rethinkdb:allow: [adopt-data]
`,
  );
  const stackFile = join(project.folder, "Pulumi.dev.yaml");
  const { set } = await declareOffline({ side: "it", folder: project.folder, stack: "dev", stackFile });
  const [only] = readFacts(set);
  assert.ok(only);
  facts = only;
});
after(() => {
  project.remove();
});

test("says in words what is made, where, and who reaches it", () => {
  assert.equal(
    renderText("rethinkdb/dev", facts),
    `rethinkdb/dev: the cluster "orders", 2 servers of rethinkdb:2.4.4-bookworm-slim on 2 hosts

host  engine                  address    zone   servers
h1    ssh://deploy@10.0.0.11  10.0.0.11  rack1  n0
h2    ssh://deploy@10.0.0.12  10.0.0.12  -      n1

server  container  host  memory    cache    driver port      cluster port
n0      orders-n0  h1    1024 MiB  512 MiB  10.0.0.11:28015  10.0.0.11:29015
n1      orders-n1  h2    1024 MiB  512 MiB  10.0.0.12:28016  10.0.0.12:29016

way in               where                                       who gets there
driver, TLS          10.0.0.11, 10.0.0.12, ports 28015 to 28016  anyone who reaches this private address; containers on orders
cluster, mutual TLS  ports 29015 and up of 10.0.0.11, 10.0.0.12  anyone who holds a certificate of the cluster CA
web UI, TLS          not published                               no one from outside; npx pulumi-rethinkdb ui leads there

CA       generations       origin                   signs
cluster  issue 1, trust 1  g1 made here, 3650 days  servers, for each other
driver   issue 1, trust 1  g1 your own              servers and the web UI, for clients
Certificates are valid for 90 days. The first up in their last 30 days renews them.

account          may
admin            everything
pulumi_operator  the deployment's own: status, and where shards are; no data
<web>            shop: read
Databases: shop

Overridden guards:
  ! adopt-data: starts servers on data volumes that an earlier cluster of the same name left behind

In all: 4 containers, 7 volumes, 2 networks, 7 certificates, 9 keys, 12 commands.`,
  );
});

test("draws the picture as mermaid", () => {
  assert.equal(
    renderMermaid(facts),
    `flowchart LR
  clients["Clients<br/>anyone who reaches this private address#59; containers on orders"]
  browser["Browser<br/>no one from outside#59; npx pulumi-rethinkdb ui leads there"]
  subgraph host0["h1<br/>10.0.0.11<br/>rack1"]
    n0[("n0<br/>10.0.0.11:28015")]
    ui["Web UI<br/>not published"]
  end
  subgraph host1["h2<br/>10.0.0.12"]
    n1[("n1<br/>10.0.0.12:28016")]
  end
  mesh{{"Cluster ports<br/>mutual TLS<br/>ports 29015 and up of 10.0.0.11, 10.0.0.12"}}
  clients -- TLS --> n0
  clients -- TLS --> n1
  n0 <--> mesh
  n1 <--> mesh
  browser -- TLS, password --> ui
  ui <--> mesh
`,
  );
});

test("the README shows the picture of the defaults", async () => {
  const { set } = await declareOffline({ side: "it", folder: project.folder, stack: "local" });
  const [defaults] = readFacts(set);
  assert.ok(defaults);
  const readme = readFileSync("README.md", "utf8");
  assert.equal(/^```mermaid\n([^]*?)^```$/m.exec(readme)?.[1], renderMermaid(defaults));
});

test("draws it on a page that needs nothing else and shows what was typed as text", () => {
  const html = renderHtml("rethinkdb/dev", [facts]);
  assert.doesNotMatch(html, /<script|<link|<img|<iframe|\bsrc=|\bhref=|url\((?!#)|@import/i);
  assert.match(html, /default-src 'none'/);
  assert.ok(html.includes("&#60;web&#62;"));
  assert.ok(!html.includes("<web>"));
  for (const name of ["host h1", "host h2", "n0", "n1", "web UI", "adopt-data"])
    assert.ok(html.includes(`>${name}<`), name);
});

test("is the same whatever stands in the stack's secrets", () => {
  assert.ok(!renderHtml("x", [facts]).includes("not-known-offline"));
});

test("runs without Docker, Pulumi and a home, and writes the page where it is told", () => {
  const script = `const { plan } = require("./cli/verbs/look/plan"); void plan(process.argv[1], process.argv.slice(2)).then((code) => process.exit(code));`;
  const page = join(project.folder, "plan.html");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--eval", script, project.folder, "--stack", "dev", "--html", page],
    { encoding: "utf8", env: { PATH: "/nowhere", HOME: "/nowhere" } },
  );
  assert.equal(status, 0, stderr);
  assert.equal(stdout, `Written: ${page}\n`);
  assert.match(readFileSync(page, "utf8"), /^<!doctype html>/);
});

test("says which stack was meant", async () => {
  await assert.rejects(
    captured(() => plan(project.folder, ["--stack", "dve"])),
    { name: "Failure", message: 'plan: there is no Pulumi.dve.yaml; do you mean "dev"?' },
  );
});
