/** The config of a stack as Pulumi resolves it, with the defaults of `Pulumi.yaml`. */
import { parseSecret } from "../../ops/lib/failure";
import type { PulumiCli } from "./pulumiCli";

export interface StackConfig {
  readonly clusterName: string;
  readonly image: string;
  readonly allow: readonly string[];
  readonly adminPassword: string;
}

interface Entry {
  readonly value?: string;
  readonly objectValue?: unknown;
}

/** @returns what stands under a key of this project. */
export async function readEntries(pulumi: PulumiCli, ...flags: readonly string[]): Promise<(key: string) => Entry> {
  const entries = parseSecret<Readonly<Record<string, Entry>>>(
    await pulumi.read(["config", "--json", ...flags]),
    "what pulumi config printed",
  );
  return (key) => entries[`rethinkdb:${key}`] ?? {};
}

export async function readStackConfig(pulumi: PulumiCli, stack: string): Promise<StackConfig> {
  const of = await readEntries(pulumi, "--show-secrets", "--stack", stack);
  const text = (key: string): string => of(key).value ?? "";
  const allow = of("allow").objectValue;
  return {
    clusterName: text("clusterName") || `rethinkdb-${stack}`,
    image: text("image"),
    allow: Array.isArray(allow) ? (allow as readonly string[]) : [],
    adminPassword: text("adminPassword"),
  };
}
