/** `npx pulumi-rethinkdb doctor --health` on a test stack, as a person runs it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Health } from "../../core/decide/health";
import { PULUMI_HOME } from "./prerequisites";
import type { TestStack } from "./stack";

export interface DoctorReport {
  readonly code: number | null;
  readonly problems: readonly string[];
}

export function doctorText(
  stack: TestStack,
  ...flags: readonly string[]
): { code: number | null; output: string; stdout: string } {
  const args = [join("dist", "cli", "main.js"), "doctor", "--health", "--stack", stack.settings.clusterName, ...flags];
  const result = spawnSync(process.execPath, args, {
    cwd: stack.folder,
    // The npm package's launcher looks where the CLI lies.
    env: { ...stack.env, PULUMI_HOME },
    encoding: "utf8",
  });
  return { code: result.status, output: result.stdout + result.stderr, stdout: result.stdout };
}

export function doctor(stack: TestStack): DoctorReport {
  const { code, output, stdout } = doctorText(stack, "--json");
  try {
    const [report] = JSON.parse(stdout) as readonly Health[];
    return { code, problems: report?.problems ?? [] };
  } catch {
    throw new Error(`doctor printed no JSON: ${output}`);
  }
}
