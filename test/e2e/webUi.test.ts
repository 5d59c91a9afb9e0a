/** The web UI on a running cluster: who gets in, who does not, and what it survives. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { missingWebUiImage } from "../support/prerequisites";
import { mustPython, python, type Target } from "../support/python";
import { docker, inspect, TestStack, tryDocker } from "../support/stack";
import { type UiAnswer, UiClient } from "../support/uiClient";

const NAME = "t-ways-ui";
const PORT = 33040;
const UI = 33050;
const PASSWORD = "the password of the web UI";
const URL = `https://127.0.0.1:${String(UI)}`;
const skip = missingWebUiImage();

let stack: TestStack;
let ca: string;
let ui: UiClient;

const curl = (path: string, password: string | null, ...flags: readonly string[]): UiAnswer =>
  ui.get(path, password, ...flags);

function admin(overrides: Partial<Target> = {}): Target {
  return { port: PORT, password: stack.settings.adminPassword, ca, ...overrides };
}

describe("the web UI", { skip }, () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.230.14.0/24", driverPort: PORT, nodes: 1 });
    stack.configureJson("webUi", { enabled: true, port: UI });
    stack.pulumi(["config", "set", "--secret", "webUiPassword"], PASSWORD);
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
    const caFile = join(stack.folder, "ca.pem");
    writeFileSync(caFile, ca);
    ui = new UiClient({ url: URL, caFile, password: PASSWORD, clusterName: NAME });
    await ui.untilUp();
  });
  after(() => {
    stack.dispose();
  });

  test("refuses everyone without the password, and a user with it is admin", () => {
    const connect = ["--request", "POST"];
    assert.equal(curl("/", null).status, 401);
    assert.equal(curl("/ajax/reql/open-new-connection", null, ...connect).status, 401);
    const wrong = curl("/", "wrong");
    assert.equal(wrong.status, 401);
    assert.doesNotMatch(wrong.headers, /set-cookie/i);
    const cookie = ui.session();
    const opened = curl("/ajax/reql/open-new-connection", null, ...cookie, ...connect);
    assert.equal(opened.status, 200, opened.headers);
    const query = join(stack.folder, "query");
    writeFileSync(query, `${"\0".repeat(8)}[1,[53,[[16,[[15,[[14,["rethinkdb"]],"users"]],"admin"]],{}]],{}]`);
    const url = `/ajax/reql/?conn_id=${opened.body.trim()}`;
    const asked = curl(url, null, ...cookie, ...connect, "--data-binary", `@${query}`, "--output", "-");
    assert.match(asked.body, /"unchanged":1/);
    assert.equal(curl(url, null, ...connect, "--data-binary", `@${query}`).status, 401);
  });

  test("is found at / and below a prefix, with headers that keep it to itself", () => {
    const cookie = ui.session();
    for (const path of ["/", "/rethinkdb/"]) {
      const { status, headers } = curl(path, null, ...cookie);
      assert.equal(status, 200, headers);
      for (const header of [
        /^x-frame-options: DENY$/im,
        /^x-content-type-options: nosniff$/im,
        /^referrer-policy: no-referrer$/im,
        /^cache-control: no-store$/im,
        /^content-security-policy: default-src 'self'/im,
      ]) {
        assert.match(headers, header);
      }
      assert.doesNotMatch(headers, /nginx\/\d/);
    }
    const prefixed = curl("/rethinkdb/ajax/reql/open-new-connection", null, ...cookie, "--request", "POST");
    assert.equal(prefixed.status, 200, prefixed.headers);
  });

  test("refuses a foreign Host and a foreign Origin, also with the password", () => {
    const cookie = ui.session();
    assert.equal(curl("/", null, ...cookie, "--header", "Host: evil.example").status, 421);
    assert.equal(curl("/", null, ...cookie, "--header", "Origin: https://evil.example").status, 403);
    assert.equal(curl("/", null, ...cookie, "--header", "Origin: null").status, 403);
    assert.equal(curl("/", null, ...cookie, "--header", `Origin: ${URL}`).status, 200);
  });

  test("its 8080 is reached from nowhere but its own container, and no other port listens in nginx's", () => {
    const address = (container: string): string =>
      inspect<{ NetworkSettings: { Networks: Record<string, { IPAddress: string }> } }>("container", container)
        .NetworkSettings.Networks[NAME]?.IPAddress ?? "";
    const peer = address(`${NAME}-ui-peer`);
    const open = (host: string, port: number): string =>
      `timeout 2 bash -c 'exec 3<>/dev/tcp/${host}/${String(port)}' 2>/dev/null && echo open || echo closed`;
    const ports = [8080, 28015];
    for (const port of ports) {
      assert.equal(spawnSync("bash", ["-c", open(peer, port)], { encoding: "utf8" }).stdout, "closed\n");
      for (const container of [`${NAME}-n0`, `${NAME}-ui`]) {
        assert.equal(docker("exec", container, "bash", "-c", open(peer, port)), "closed", container);
      }
    }
    assert.equal(docker("exec", `${NAME}-ui-peer`, "bash", "-c", open("127.0.0.1", 8080)), "open");
    assert.equal(docker("port", `${NAME}-ui-peer`), "");
    assert.equal(docker("port", `${NAME}-ui`), `8443/tcp -> 127.0.0.1:${String(UI)}`);
    const listening = docker("exec", `${NAME}-ui`, "cat", "/proc/net/tcp", "/proc/net/tcp6")
      .split("\n")
      .map((row) => row.trim().split(/\s+/))
      .filter(([, local, , state]) => state === "0A" && local?.startsWith("0B00007F:") === false)
      .map(([, local = ""]) => parseInt(local.split(":")[1] ?? "", 16));
    assert.deepEqual(listening, [8443]);
  });

  test("is no way for r.http: a user with connect gets nowhere from a server", () => {
    mustPython(
      admin(),
      `
r.db("rethinkdb").table("users").insert({"id": "app", "password": "app"}).run(c)
r.grant("app", {"read": True, "write": True, "connect": True}).run(c)
return 1`,
    );
    for (const url of [
      "http://127.0.0.1:8080/ajax/reql/open-new-connection",
      `http://${NAME}-ui-peer:8080/ajax/reql/open-new-connection`,
    ]) {
      const query = `r.http("${url}", method="POST", timeout=3, attempts=1, result_format="text").run(c)`;
      const answer = python(admin({ user: "app", password: "app" }), `return ${query}`);
      assert.match(
        answer.ok ? `reached ${JSON.stringify(answer.value)}` : answer.error,
        /Couldn't connect|Failed to connect|Could not connect/i,
      );
    }
  });

  test("its containers are as hardened as a server's, and show no secret", () => {
    for (const container of [`${NAME}-ui`, `${NAME}-ui-peer`]) {
      const status = docker("exec", container, "cat", "/proc/1/status");
      assert.match(status, /^Uid:\t28015\t28015\t28015\t28015$/m);
      assert.match(status, /^CapBnd:\t0{16}$/m);
      assert.match(status, /^NoNewPrivs:\t1$/m);
      const write = tryDocker("exec", container, "bash", "-c", "echo x > /x || echo x > /tls/x");
      assert.match(write.output, /Read-only file system/);
      const seen = docker("inspect", container) + tryDocker("logs", container).output;
      assert.ok(!seen.includes(PASSWORD) && !seen.includes(Buffer.from(`admin:${PASSWORD}`).toString("base64")));
      assert.doesNotMatch(seen, /\$2b\$12\$/);
    }
    assert.ok(!stack.exported().includes(PASSWORD));
    const keys = tryDocker("exec", `${NAME}-ui`, "bash", "-c", "ls -R /tls /socket");
    assert.doesNotMatch(keys.output, /cluster/, "nginx has no key of a peer");
  });

  test("npx pulumi-rethinkdb ui tells where it is", () => {
    const { code, output } = stack.cli("ui");
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`^The web UI is at ${URL}/, user admin\\.\n`));
    assert.ok(!output.includes(PASSWORD));
  });

  for (const [what, restart] of [
    ["the peer", [`${NAME}-ui-peer`]],
    ["nginx", [`${NAME}-ui`]],
    ["both", [`${NAME}-ui-peer`, `${NAME}-ui`]],
  ] as const) {
    test(`survives a restart of ${what}`, async () => {
      docker("restart", ...restart);
      await ui.untilUp();
    });
  }

  test("an unchanged password changes nothing, another one replaces nginx alone and ends sessions", async () => {
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
    const cookie = ui.session();
    stack.pulumi(["config", "set", "--secret", "webUiPassword"], "another password of the UI");
    const planned = await stack.plannedChanges();
    assert.deepEqual(
      Object.keys(planned).filter((name) => name !== "rethinkdb"),
      ["rethinkdb-ui-prepare", "rethinkdb-ui"],
    );
    await stack.mustUp();
    assert.equal(curl("/", null, ...cookie).status, 401);
    assert.equal(curl("/", PASSWORD).status, 401);
    assert.equal(curl("/", "another password of the UI").status, 200);
  });

  test("slows the guessing of passwords down, while a session goes on", () => {
    const cookie =
      /^set-cookie: (rethinkdb_ui=[\w-]+);/im.exec(curl("/", "another password of the UI").headers)?.[1] ?? "";
    const found = Array.from({ length: 25 }, (_, i) => curl("/", `guess ${String(i)}`));
    const judged = found.filter(({ status }) => status === 401);
    const refused = found.filter(({ status }) => status === 429);
    assert.equal(judged.length + refused.length, 25);
    assert.ok(judged.length <= 15 && refused.length >= 10, `${String(judged.length)} of 25 guesses were looked at`);
    assert.ok(
      judged.every(({ seconds }) => seconds >= 0.1),
      "a guess costs a slow hash",
    );
    assert.equal(curl("/", null, "--cookie", cookie).status, 200);
  });

  test("is gone when it is taken out", async () => {
    stack.configureJson("webUi", { enabled: false });
    await stack.mustUp();
    assert.doesNotMatch(docker("ps", "-a", "--format", "{{.Names}}"), new RegExp(`${NAME}-ui`));
    assert.equal(mustPython(admin(), `return r.expr(1).run(c)`), 1);
  });
});
