/** `npm run up`: the local stack, made when missing, brought to what its config says. */
import { MAX_NODES } from "../../args/constants";
import type { WholeReport } from "../../core/decide/serverStates";
import type { AccountsRequest } from "../../core/programs/accounts";
import { FLEET } from "../../core/programs/fleet";
import type { ConnectSnippets } from "../../core/render/connect";
import { reconcile } from "../../ops/programs/accounts";
import { checkOwnEngine } from "../engine/check";
import { refreshWhereAllAnswer } from "../engine/hosts";
import { clearInterrupted } from "../stack/interrupted";
import { chooseCluster } from "../stack/liveCluster";
import { LocalStack, STACK } from "../stack/localStack";
import { lookAtWhole } from "../../ops/doctor/states";
import { parseOptions, wholeNumber } from "../options";
import { clustersIn, type ExportedState, exportState, identitiesIn, outputsOf, recordsIn } from "../stack/state";
import { connectFiles, summarizeUp, type UpFacts } from "../print/summary";
import { VERBOSE_OPTION, type Verb } from "../verb";

export const verb: Verb = {
  name: "up",
  does: "Makes the local stack if it is missing, and brings the cluster to what its config says.",
  options: { "--nodes": ["N", "number of servers; stays in the config"], ...VERBOSE_OPTION },
  examples: ["npm run up", "npm run up -- --nodes 5"],
  isLocal: true,
  run: up,
};

export async function up(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const nodes = options.get("--nodes");
  const count = nodes === undefined ? undefined : wholeNumber("--nodes", nodes, 1, MAX_NODES);
  await checkOwnEngine(project, STACK);
  const stack = new LocalStack(project);
  await stack.ensure();
  const again = await clearInterrupted(stack);
  const more = [...again, ...(count === undefined ? [] : ["--config", `nodes=${String(count)}`])];
  return runUp(stack, more, options.has("--verbose"));
}

/** @param more arguments of `pulumi up`. @returns its exit code. */
export async function runUp(stack: LocalStack, more: readonly string[], verbose = false): Promise<number> {
  // A preview here could not be answered; npm run pulumi -- preview shows one. Outputs would stand below what went wrong.
  // Refreshed, since a killed run may have stopped a server for a change that it never wrote down.
  const at = { project: stack.project, stack: STACK, which: ["--stack", STACK] };
  const refresh = await refreshWhereAllAnswer(stack.pulumi, at);
  const flags = ["--yes", "--skip-preview", "--suppress-outputs", ...refresh];
  const code = await stack.pulumi.showSteps(["up", ...flags, ...more], verbose);
  if (code !== 0) return code;
  stack.forgetSetAgain();
  const state = await exportState(stack.pulumi, "--show-secrets");
  // Pulumi runs a program when its inputs changed; what someone changed by hand in the cluster is seen only here.
  const { request, managed } = chooseCluster(state, undefined);
  // Looked at meanwhile, and said only when the accounts are right.
  const looking = look(state);
  looking.catch(() => undefined);
  await reconcile(request, managed);
  return report(stack, state, request, await looking);
}

interface StackOutputs {
  readonly servers: UpFacts["servers"];
  readonly connect: ConnectSnippets;
  readonly driverCaPem: string;
}

/** @returns 1 where the cluster is not whole. */
function report(stack: LocalStack, state: ExportedState, request: AccountsRequest, found: WholeReport): number {
  const { servers, connect, driverCaPem } = outputsOf(state) as unknown as StackOutputs;
  stack.keepIdentities(identitiesIn(state));
  stack.keepPassword(request.adminPassword);
  stack.keepFiles(connectFiles(connect, driverCaPem));
  // What this run was asked, which the state has as well as the config, without another start of the CLI.
  const asked = recordsIn(state, FLEET).map(({ read }) => read(["clusterName", "allow"]));
  const fleet = asked.find(({ clusterName }) => clusterName === request.clusterName);
  console.log(summarizeUp({ servers, allow: fleet?.allow ?? [], found }));
  return found.problems.length === 0 ? 0 : 1;
}

async function look(state: ExportedState): Promise<WholeReport> {
  const { servers } = outputsOf(state) as unknown as StackOutputs;
  const [cluster] = clustersIn(state);
  if (cluster === undefined) return NOTHING_KNOWN;
  return lookAtWhole(
    cluster,
    servers.map(({ name }) => name),
  );
}

const NOTHING_KNOWN = { states: {}, problems: ["the stack's state has no server, so nothing is known of the cluster"] };
