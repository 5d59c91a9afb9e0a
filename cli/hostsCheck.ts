/**
 * Whether the hosts of a stack's clusters answer, asked before a run that looks at what is there: of a host that is gone the
 * docker provider would say so for every single object, in words of its own, and none of which servers it had.
 */
import type { HostArgs } from "../core/args";
import type { FleetRequest } from "../core/requests";
import { absent } from "../ops/absent";
import { Failure } from "../ops/failure";
import { readEntries } from "./config";
import { namesHosts } from "./engineCheck";
import type { PulumiCli } from "./pulumiCli";
import { type ExportedState, exportState, requestsIn } from "./stackState";

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
  if (!namesHosts(project, stack)) return ["--refresh"];
  const state = await exportState(pulumi, "--show-secrets", ...which);
  const declared = (await readEntries(pulumi, ...which))("hosts").objectValue;
  return judgeAbsent(await findAbsent(state), (declared ?? []) as readonly HostArgs[]);
}

/** @param found sentences as `ops/absent.ts` has them. */
export function judgeAbsent(found: readonly string[], declared: readonly HostArgs[]): readonly string[] {
  const needed = declared.filter(({ lost }) => lost !== true).map(({ name }) => `hosts.${name}: `);
  const missed = found.filter((sentence) => needed.some((start) => sentence.startsWith(start)));
  if (missed.length > 0) throw new Failure(missed.join("\n"));
  if (found.length === 0) return ["--refresh"];
  console.log(
    "A host that is given up does not answer: this run goes by the state and does not look at what is there.",
  );
  return [];
}

async function findAbsent(state: ExportedState): Promise<readonly string[]> {
  const asked = requestsIn(state, "fleet")
    .map(({ request }) => request as FleetRequest)
    .filter(({ hosts }) => hosts !== undefined);
  const found = await Promise.all(
    asked.map((request) => {
      const servers = request.servers.map(({ name, place }) => ({ name, host: place?.host ?? "" }));
      return absent({ ...request, servers });
    }),
  );
  return found.flatMap((each) => each.absent);
}
