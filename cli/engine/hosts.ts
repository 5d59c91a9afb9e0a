/**
 * Whether the hosts of a stack's clusters answer, asked before a run that looks at what is there: of a host that is gone the
 * docker provider would say so for every single object, in words of its own, and none of which servers it had.
 */
import type { HostArgs } from "../../args/hosts";
import { FLEET, type FleetRequest } from "../../core/programs/fleet";
import { unreachable } from "../../ops/programs/unreachable";
import { Failure } from "../../ops/lib/failure";
import { readEntries } from "../stack/config";
import { namesHosts } from "./check";
import type { PulumiCli } from "../stack/pulumiCli";
import { type ExportedState, exportState, recordsIn, resourcesOf } from "../stack/state";

/** What it takes to ask hosts whether they answer. */
const FIELDS = ["clusterName", "identity", "image", "dockerHost", "hosts", "servers", "operator"] as const;

export interface StackPlace {
  readonly project: string;
  readonly stack: string;
  /** Arguments of pulumi that name the stack. */
  readonly which: readonly string[];
}

/**
 * @returns `--refresh`, and nothing where a host that is given up does not answer.
 * @throws Failure, a sentence for each host that should answer and does not.
 */
export async function refreshWhereAllAnswer(
  pulumi: PulumiCli,
  { project, stack, which }: StackPlace,
): Promise<readonly string[]> {
  if (!(await namesHosts(project, stack))) return ["--refresh"];
  const state = await exportState(pulumi, "--show-secrets", ...which);
  const asked = recordsIn(state, FLEET)
    .filter(({ says }) => says("hosts"))
    .map(({ read }) => read(FIELDS));
  const declared = (await readEntries(pulumi, ...which))("hosts").objectValue;
  const found = (await Promise.all(asked.map(findUnreachable))).flat();
  return judgeUnreachable(found, (declared ?? []) as readonly HostArgs[], knowsGivenUp(state, asked));
}

/**
 * @param found sentences as `ops/programs/unreachable.ts` has them.
 * @param knows whether the state still has objects on a host that is given up.
 */
export function judgeUnreachable(
  found: readonly string[],
  declared: readonly HostArgs[],
  knows: boolean,
): readonly string[] {
  const needed = declared.filter(({ lost }) => lost !== true).map(({ name }) => `hosts.${name}: `);
  const missed = found.filter((sentence) => needed.some((start) => sentence.startsWith(start)));
  if (missed.length > 0) throw new Failure(missed.join("\n"));
  if (found.length === 0 && !knows) return ["--refresh"];
  console.log("A host is given up: this run goes by the state and does not look at what is there.");
  return [];
}

async function findUnreachable(request: Pick<FleetRequest, (typeof FIELDS)[number]>): Promise<readonly string[]> {
  const servers = request.servers.map(({ name, place }) => ({ name, host: place?.host ?? "" }));
  return (await unreachable({ ...request, servers })).unreachable;
}

/** Its provider stays until its objects are forgotten, and the last run did not ask it any more. */
export function knowsGivenUp(state: ExportedState, asked: readonly Pick<FleetRequest, "hosts">[]): boolean {
  const alive = asked.flatMap(({ hosts }) => hosts ?? []).map(({ dockerHost }) => dockerHost);
  return resourcesOf(state, "pulumi:providers:docker")
    .map(({ inputs }) => inputs?.["host"])
    .some((host) => typeof host === "string" && alive.length > 0 && !alive.includes(host));
}
