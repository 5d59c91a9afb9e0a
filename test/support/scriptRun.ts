/** Runs the script of a helper in bash, on a folder in place of its volume. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { FakeDockerHost } from "./fake/docker";

export class ScriptRun {
  /** In place of the volume. */
  readonly folder = mkdtempSync(join(tmpdir(), "volume-"));
  private readonly stubs = mkdtempSync(join(tmpdir(), "stubs-"));
  private args: readonly string[] = [];

  /**
   * @param when fits the command that runs the helper.
   * @param place of the volume in the script.
   */
  constructor(host: FakeDockerHost, when: RegExp, place: string) {
    host.rules.push({
      when,
      then: (args, input) => {
        this.args = args;
        const [script = "", ...words] = args.slice(args.indexOf("-c") + 1);
        const env = { ...process.env, PATH: `${this.stubs}${delimiter}${process.env["PATH"] ?? ""}` };
        const here = script.replaceAll(place, this.folder);
        const { status, stdout, stderr } = spawnSync("bash", ["-c", here, ...words], { input, env, encoding: "utf8" });
        return { code: status ?? 1, stdout, stderr };
      },
    });
  }

  /** What the helper may do beside what any program may. */
  get capabilities(): readonly string[] {
    return this.args.filter((_, index) => this.args[index - 1] === "--cap-add");
  }

  /** The program writes down with which words it is called, and does nothing. */
  stub(program: string): void {
    const path = join(this.stubs, program);
    writeFileSync(path, `#!/bin/sh\necho "$@" >> "$0.calls"\n`);
    chmodSync(path, 0o755);
  }

  /** Words of each call of a stub, a line a call. */
  callsOf(program: string): string {
    const path = join(this.stubs, `${program}.calls`);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  close(): void {
    for (const folder of [this.folder, this.stubs]) rmSync(folder, { recursive: true });
  }
}
