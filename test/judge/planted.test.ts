/** Secrets planted in a recorded preview: none of them is in any output of a review of it. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { spawnSync } from "node:child_process";
import { PROJECT } from "../support/checkout";
import type { Resource } from "../../judge/model/resources";
import { cluster, PASSWORD, recordHere } from "../support/recorded";

const SIGNATURE = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const FORMATS = ["terminal", "markdown", "json", "sarif"] as const;

const planted: string[] = [];
const plant = (): string => {
  const secret = `s3cr3t-${randomBytes(12).toString("hex")}`;
  planted.push(secret);
  return secret;
};

/** As the engine writes it with --show-secrets, as a mask, or, where a provider lost the mark, in clear. */
function withSecrets(value: unknown): unknown {
  if (value === "[secret]") return [{ ...SIGNATURE, plaintext: JSON.stringify(plant()) }, plant()][planted.length % 2];
  if (Array.isArray(value)) return value.map(withSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSecrets(inner)]));
}

const state = ({ urn, type, parent, inputs, options }: Resource): object => ({
  ...{ urn, type, parent, ...options },
  inputs: withSecrets(inputs),
  outputs: { stdout: plant(), privateKeyPem: plant(), password: plant() },
});

/** What people do by hand: a password in the environment, in argv, in a label, in an engine's address. */
function careless(resource: Resource): Resource {
  const { inputs } = resource;
  if (!/-n1$/.test(resource.name)) return resource;
  return {
    ...resource,
    inputs: {
      ...inputs,
      envs: [`DB_PASSWORD=${plant()}`, `PLAIN=${plant()}`],
      labels: [{ label: "note", value: plant() }],
      command: [...(inputs["command"] as string[]), "--initial-password", plant()],
      healthcheck: { tests: ["CMD", "sh", "-c", `curl -u admin:${plant()} x`] },
      sysctls: {},
      uploads: [{ file: "/x", content: plant() }],
    },
  };
}

let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "rethinkdb-planted-"));
  const base = await recordHere(cluster({ nodes: 2, webUi: { enabled: true }, webUiPassword: PASSWORD }));
  const head = await recordHere(
    cluster({
      ...{ nodes: 2, webUi: { enabled: true }, webUiPassword: `${PASSWORD} two`, driverPublish: "10.0.0.5" },
      ...{ databases: ["shop"], users: [{ name: "api", grants: [{ db: "shop", read: true }] }] },
      userPasswords: { api: PASSWORD },
    }),
    base.madeUp,
  );
  const old = new Map(base.set.resources.map((resource) => [resource.urn, resource]));
  const steps = head.set.resources.map((resource) => {
    const was = old.get(resource.urn);
    const op = was === undefined ? "create" : "update";
    return { op, urn: resource.urn, ...(was && { oldState: state(was) }), newState: state(careless(resource)) };
  });
  const config = { "rethinkdb:adminPassword": plant(), "rethinkdb:nodes": "2" };
  writeFileSync(join(folder, "preview.json"), JSON.stringify({ config, steps, diagnostics: [] }));
});

describe("a review of a preview with secrets in it", () => {
  test("says none of them, in any format, on stdout or on stderr", () => {
    try {
      const files = FORMATS.map((format) => join(folder, `out.${format}`));
      const formats = FORMATS.map((format, at) => `${format}:${files[at] ?? ""}`).join(",");
      const cli = ["--import", "tsx", "cli/main.ts", "review", "--preview", join(folder, "preview.json")];
      const result = spawnSync(process.execPath, [...cli, "--format", `terminal,${formats}`, "--fail-on", "weakened"], {
        ...{ cwd: PROJECT, encoding: "utf8" },
      });
      assert.equal(result.status, 1, result.stderr);
      const said = [result.stdout, result.stderr, ...files.map((file) => readFileSync(file, "utf8"))];
      assert.ok(said[0]?.includes("10.0.0.5") && planted.length > 100);
      assert.ok(said.slice(2).every((text) => text.includes("10.0.0.5")));
      // Not even half of one.
      const leaked = planted.filter((secret) => said.some((text) => text.includes(secret.slice(0, 19))));
      assert.deepEqual(leaked, []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
