/** The config of a stack as Pulumi resolves it, with the defaults of `Pulumi.yaml`. */
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

export async function readStackConfig(pulumi: PulumiCli, stack: string): Promise<StackConfig> {
  const args = ["config", "--json", "--show-secrets", "--stack", stack];
  const entries = JSON.parse(await pulumi.read(args)) as Readonly<Record<string, Entry>>;
  const text = (key: string): string => entries[`rethinkdb:${key}`]?.value ?? "";
  const allow = entries["rethinkdb:allow"]?.objectValue;
  return {
    clusterName: text("clusterName") || `rethinkdb-${stack}`,
    image: text("image"),
    allow: Array.isArray(allow) ? (allow as readonly string[]) : [],
    adminPassword: text("adminPassword"),
  };
}
