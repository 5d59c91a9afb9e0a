/** `npx pulumi-rethinkdb place`: proposes a host for each server that has none yet, and writes it into the stack's config. */
import type { HostArgs } from "../../args/hosts";
import { DEFAULTS } from "../../args/shape/schema";
import { type Placement, placedServers, proposePlacement } from "../../args/values/placement";
import { Failure } from "../../ops/lib/failure";
import { readEntries } from "../stack/config";
import { LocalStack, STACK } from "../stack/localStack";
import { byHand, isOwnProject } from "../stack/project";
import { parseOptions } from "../options";
import { PulumiCli } from "../stack/pulumiCli";
import { STACK_OPTION, type Verb } from "../verb";

export const verb: Verb = {
  name: "place",
  does: "Proposes a host for each server that has none, and writes it into the config.",
  options: { ...STACK_OPTION, "--dry-run": ["", "only print it"] },
  examples: ["npx pulumi-rethinkdb place --stack dev"],
  run: place,
};

export async function place(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const named = options.get("--stack");
  const pulumi = named === undefined ? new LocalStack(project).pulumi : new PulumiCli(project, process.env);
  const stack = named ?? STACK;
  const config = await readPlacement(pulumi, stack);
  const added = proposal(config);
  for (const [server, host] of Object.entries(added)) {
    if (!options.has("--dry-run") && isOwnProject(project)) {
      await pulumi.read(["config", "set", "--path", `placement.${server}`, host, "--stack", stack]);
    }
    console.log(`${server}: ${host}`);
  }
  const many = Object.keys(added).length;
  if (many > 0 && !isOwnProject(project)) console.log(byHand({ placement: { ...config.placement, ...added } }));
  if (many === 0) console.log(`All ${String(config.nodes)} servers have a place.`);
  return 0;
}

export interface PlacementConfig {
  readonly nodes: number;
  readonly hosts: readonly HostArgs[];
  readonly placement: Placement;
}

/** @throws Failure when there is nothing to propose from. */
export function proposal({ nodes, hosts, placement }: PlacementConfig): Placement {
  if (hosts.length === 0) {
    throw new Failure(`place: there are no hosts in this stack's config; docs/hosts.md says how to name them`);
  }
  const placed = placedServers(placement);
  if (placed.length > nodes) {
    throw new Failure(
      `place: nodes is ${String(nodes)} and ${String(placed.length)} servers have a place (${placed.join(", ")}); ` +
        `take those out that should go: pulumi config rm --path placement.${placed.at(-1) ?? ""}`,
    );
  }
  return proposePlacement(hosts, nodes, placement);
}

async function readPlacement(pulumi: PulumiCli, stack: string): Promise<PlacementConfig> {
  const of = await readEntries(pulumi, "--stack", stack);
  return {
    nodes: Number(of("nodes").value ?? DEFAULTS.nodes),
    hosts: (of("hosts").objectValue ?? []) as readonly HostArgs[],
    placement: (of("placement").objectValue ?? {}) as Placement,
  };
}
