/** The running cluster of a stack as its state knows it: who it is, and how to log in. */
import { ACCOUNT_FIELDS, ACCOUNTS, type AccountsRequest } from "../../core/programs/accounts";
import { UI_PREPARE, type UiPrepareRequest } from "../../core/programs/uiPrepare";
import type { AccountsRecord } from "../../ops/programs/accounts";
import { Failure } from "../../ops/lib/failure";
import { LocalStack, STACK } from "./localStack";
import { PulumiCli } from "./pulumiCli";
import { type ExportedState, exportState, requestsIn } from "./state";

/** What it takes to lead a person there. */
const UI_FIELDS = ["clusterName", "dockerHost", "hosts", "container", "publish", "user"] as const;

export interface LiveCluster {
  /** What the stack last asked for: also the identity, the driver CA and all passwords. */
  readonly request: AccountsRequest;
  /** Users that the stack manages. */
  readonly managed: readonly string[];
  /** Undefined when there is no web UI. */
  readonly webUi?: Pick<UiPrepareRequest, (typeof UI_FIELDS)[number]>;
}

/** @param options as parsed; without `--stack` it is the local stack's. */
export async function readLiveCluster(project: string, options: ReadonlyMap<string, string>): Promise<LiveCluster> {
  const stack = options.get("--stack");
  const state =
    stack === undefined
      ? await exportState(localPulumi(project), "--show-secrets", "--stack", STACK)
      : await exportState(new PulumiCli(project, process.env), "--show-secrets", "--stack", stack);
  return chooseCluster(state, options.get("--cluster"));
}

function localPulumi(project: string): PulumiCli {
  const local = new LocalStack(project);
  local.checkPassphrase();
  if (!local.exists) {
    throw new Failure("There is no local stack here (.state/): npm run up makes one, --stack NAME names another one");
  }
  return local.pulumi;
}

export function chooseCluster(state: ExportedState, wanted: string | undefined): LiveCluster {
  const names = requestsIn(state, ACCOUNTS, ["clusterName"]).map(({ request }) => request.clusterName);
  const [chosen, second] = names.filter((name) => wanted === undefined || name === wanted);
  if (chosen === undefined) {
    throw new Failure(
      names.length === 0
        ? "this stack has no cluster yet, or an older version made it; run up first"
        : `--cluster: "${wanted ?? ""}" is not in this stack; it has ${names.join(", ")}`,
    );
  }
  if (second !== undefined) {
    throw new Failure(
      `this stack has ${String(names.length)} clusters; choose one: --cluster ${names.join(" or --cluster ")}`,
    );
  }
  const isChosen = ({ clusterName }: Readonly<Record<string, unknown>>): boolean => clusterName === chosen;
  const [first] = requestsIn(state, ACCOUNTS, ACCOUNT_FIELDS, isChosen);
  if (first === undefined) throw new Error(`${chosen} was there a moment ago`);
  const record = first.result === "" ? undefined : (JSON.parse(first.result) as AccountsRecord);
  const [ui] = requestsIn(state, UI_PREPARE, UI_FIELDS, isChosen);
  const webUi = ui?.request;
  return { request: first.request, managed: record?.users ?? [], ...(webUi && { webUi }) };
}
