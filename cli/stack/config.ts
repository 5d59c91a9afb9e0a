/** The config of a stack as Pulumi resolves it, with the defaults of `Pulumi.yaml`. */
import { parseSecret } from "../../ops/lib/failure";
import { DEFAULTS } from "../../args/shape/schema";
import { isOwnProject } from "./project";
import type { PulumiCli } from "./pulumiCli";
import { argsIn, exportState } from "./state";

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

/** @returns what stands under a key of this project; in another project, what its clusters were last given. */
export async function readEntries(pulumi: PulumiCli, ...flags: readonly string[]): Promise<(key: string) => Entry> {
  if (!isOwnProject(pulumi.cwd)) return entriesOf(argsIn(await exportState(pulumi, ...flags)));
  const entries = parseSecret<Readonly<Record<string, Entry>>>(
    await pulumi.read(["config", "--json", ...flags]),
    "what pulumi config printed",
  );
  return (key) => entries[`rethinkdb:${key}`] ?? {};
}

/** Several clusters have the hosts of all; of anything else what the first has. */
function entriesOf(clusters: readonly Readonly<Record<string, unknown>>[]): (key: string) => Entry {
  const defaults: Readonly<Record<string, unknown>> = DEFAULTS;
  return (key) => {
    const value = key === "hosts" ? clusters.flatMap((args) => args["hosts"] ?? []) : clusters[0]?.[key];
    const said = value ?? defaults[key];
    if (said === undefined) return {};
    return typeof said === "string" || typeof said === "number" || typeof said === "boolean"
      ? { value: String(said) }
      : { objectValue: said };
  };
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
