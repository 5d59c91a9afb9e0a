/** Homes of Pulumi that have the plugin as a release brings it, and programs in other languages that use it from there. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "node:test";
import { type Finished } from "./stack";
import { PULUMI_BIN, PULUMI_HOME } from "./prerequisites";

const PLUGINS = ["command-v1.2.1", "docker-v5.2.0", "tls-v5.5.1"];

/** @returns why programs in a language cannot run here; false when they can. */
export function missingLanguage(...names: readonly string[]): string | false {
  const missing = names.find((name) => !existsSync(join(PULUMI_BIN, `pulumi-language-${name}`)));
  return missing === undefined ? false : `Pulumi's language host for ${missing} is not in ${PULUMI_BIN}`;
}

/**
 * Tests of programs in a language. Its host is no part of what the other real tests need: where only that is missing, a run
 * with `REQUIRE_E2E=auto` says so and goes on.
 */
export function describeLanguage(language: string, name: string, body: () => void): void {
  const why = missingLanguage(language);
  if (why !== false && process.env["REQUIRE_E2E"] === "auto") console.log(`!! NOT RUN: ${name}, because ${why}`);
  else describe(name, { skip: why }, body);
}

export class PluginHome {
  readonly folder: string;

  /** @param depth folders above it: its path must not matter. */
  constructor(depth = 1) {
    const root = mkdtempSync(join(tmpdir(), "pulumi-home-"));
    this.folder = join(root, ...Array.from({ length: depth }, (_, index) => `deep${String(index)}`));
    mkdirSync(join(this.folder, "plugins"), { recursive: true });
    // Pulumi takes no links to folders for plugins.
    const plugins = PLUGINS.map((name) => join(PULUMI_HOME, "plugins", `resource-${name}`));
    execFileSync("cp", ["-a", "--reflink=auto", ...plugins, join(this.folder, "plugins")]);
    this.remove = () => {
      rmSync(root, { recursive: true, force: true });
    };
  }

  readonly remove: () => void;

  /** @param archive of a release. */
  install(archive: string, version: string): void {
    const args = ["plugin", "install", "resource", "rethinkdb", version, "--file", archive];
    const { status, stderr } = spawnSync("pulumi", args, { env: environment(this, this.folder), encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  }
}

/** The same archive under another version. */
export function renumber(archive: string, version: string, into: string): void {
  const folder = mkdtempSync(join(tmpdir(), "rethinkdb-renumbered-"));
  try {
    execFileSync("tar", ["-xzf", archive, "-C", folder]);
    for (const file of ["package.json", join("dist", "schema.json")]) {
      const text = readFileSync(join(folder, file), "utf8");
      writeFileSync(join(folder, file), text.replace(/"version": *"[^"]*"/, `"version": "${version}"`));
    }
    execFileSync("tar", ["-czf", into, "-C", folder, "."]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function environment(home: PluginHome, state: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${PULUMI_BIN}:${process.env["PATH"] ?? ""}`,
    PULUMI_HOME: home.folder,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    NO_COLOR: "1",
  };
}

/** A program in a folder of its own, on a stack `dev`. */
export class Program {
  readonly folder = mkdtempSync(join(tmpdir(), "rethinkdb-program-"));
  /** Which stack is selected is kept in a home. */
  private selected: NodeJS.ProcessEnv = {};

  /** @param home can be exchanged between two runs. */
  constructor(public home: PluginHome) {
    mkdirSync(join(this.folder, ".states"));
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  copy(from: string): void {
    cpSync(from, this.folder, { recursive: true });
  }

  run(program: string, args: readonly string[], stdin = ""): Finished {
    const env = { ...environment(this.home, join(this.folder, ".states")), ...this.selected };
    const limits = { timeout: 300_000, maxBuffer: 1 << 28 } as const;
    const result = spawnSync(program, [...args], { cwd: this.folder, env, encoding: "utf8", input: stdin, ...limits });
    return { code: result.status, output: result.stdout + result.stderr, stdout: result.stdout };
  }

  must(program: string, ...args: readonly string[]): string {
    const { code, output, stdout } = this.run(program, args);
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${output}`);
    return stdout;
  }

  pulumi(...args: readonly string[]): string {
    return this.must("pulumi", ...args);
  }

  /** @param secrets by config key. */
  init(secrets: Readonly<Record<string, string>>): void {
    this.pulumi("stack", "init", "dev");
    this.selected = { PULUMI_STACK: "dev" };
    for (const [key, value] of Object.entries(secrets)) {
      const { code, output } = this.run("pulumi", ["config", "set", "--secret", key], value);
      if (code !== 0) throw new Error(output);
    }
  }

  up(): string {
    return this.pulumi("up", "--yes", "--skip-preview");
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
