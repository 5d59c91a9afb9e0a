/** Alert rules, their tests and the timers: they speak of metrics and commands that are there, and their own tools accept them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { renderPrometheus } from "../../cli/print/audit/prometheus";
import { verb } from "../../cli/verbs/look/doctor";
import { auditReport, HEALTH } from "../support/auditReport";

const FOLDER = join("docs", "monitoring");
const rules = readFileSync(join(FOLDER, "rethinkdb.rules.yml"), "utf8");
const ruleTests = readFileSync(join(FOLDER, "rethinkdb.test.yml"), "utf8");

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

function metricNames(): readonly string[] {
  const [audit] = auditReport().clusters;
  const certificates = [{ server: "n0", purpose: "driver", daysLeft: 1 }];
  const text = renderPrometheus(
    "local",
    [{ health: HEALTH, certificates, ...(audit && { audit }), lastVerifiedBackup: 1 }],
    1,
  );
  return [...text.matchAll(/^# HELP (\S+)/gm)].map(([, name = ""]) => name);
}

const alerts = (parse(rules) as Rules).groups.flatMap((group) => group.rules);

test("each alert is about metrics that the doctor writes, and has a test that fires it and one that does not", () => {
  const known = metricNames();
  for (const { alert, expr } of alerts) {
    const used = expr.match(/rethinkdb_\w+/g) ?? [];
    assert.ok(used.length > 0, alert);
    for (const name of used) assert.ok(known.includes(name), `${alert}: ${name}`);
    const uses = (
      parse(ruleTests) as {
        readonly tests: readonly {
          readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
        }[];
      }
    ).tests
      .flatMap((one) => one.alert_rule_test)
      .filter(({ alertname }) => alertname === alert);
    assert.deepEqual(uses.map(({ exp_alerts: fired }) => fired.length).sort(), [0, 1], alert);
  }
});

test("promtool accepts the rules, and their tests pass", () => {
  const found = spawnSync("promtool", ["test", "rules", "rethinkdb.test.yml"], { cwd: FOLDER, encoding: "utf8" });
  if (found.error !== undefined) {
    console.log("!! NOT RUN: the tests of alert rules, because promtool is not installed (apt-get install prometheus)");
    return;
  }
  assert.equal(found.status, 0, found.stdout + found.stderr);
});

const units = readdirSync(FOLDER).filter((name) => /\.(service|timer)$/.test(name));

test("each timer starts a service of its name, and each service runs a verb with options that there are", () => {
  const services = units.filter((name) => name.endsWith(".service"));
  assert.deepEqual(
    units.filter((name) => name.endsWith(".timer")).map((name) => name.replace(/timer$/, "service")),
    services,
  );
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly scripts: Record<string, string> };
  for (const name of services) {
    const [, script = "", rest = ""] =
      /^ExecStart=\/usr\/bin\/env npm run --silent (\S+)(?: -- (.*))?$/m.exec(
        readFileSync(join(FOLDER, name), "utf8"),
      ) ?? [];
    assert.ok(scripts[script] !== undefined, `${name}: ${script}`);
    const options = rest.match(/--\w+/g) ?? [];
    for (const option of options) assert.ok(option in verb.options, `${name}: ${option}`);
  }
});

test("systemd-analyze accepts the units", () => {
  const runtime = mkdtempSync(join(tmpdir(), "units-"));
  const paths = units.map((name) => join(FOLDER, name));
  const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
  const found = spawnSync("systemd-analyze", ["verify", "--user", ...paths], { env, encoding: "utf8" });
  rmSync(runtime, { recursive: true });
  if (found.error !== undefined) {
    console.log("!! NOT RUN: the check of the timers, because systemd-analyze is not installed");
    return;
  }
  assert.equal(found.status, 0, found.stderr);
});
