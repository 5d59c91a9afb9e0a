/** The running cluster of a stack as its state knows it: who it is, and how to log in. */
import { ACCOUNT_FIELDS, ACCOUNTS, type AccountsRequest } from "../../core/programs/accounts";
import { UI_PREPARE, type UiPrepareRequest } from "../../core/programs/uiPrepare";
import type { AccountsRecord } from "../../ops/programs/accounts";
import { Failure } from "../../ops/lib/failure";
import { LocalStack, STACK } from "./localStack";
import { PulumiCli } from "./pulumiCli";
import { type ExportedState, exportState, recordsIn } from "./state";

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
  const records = recordsIn(state, ACCOUNTS);
  const names = records.map(nameOf);
  const [chosen, second] = records.filter((record) => wanted === undefined || nameOf(record) === wanted);
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
  const request = chosen.read(ACCOUNT_FIELDS);
  const record = chosen.result === "" ? undefined : (JSON.parse(chosen.result) as AccountsRecord);
  const ui = recordsIn(state, UI_PREPARE).find((candidate) => nameOf(candidate) === request.clusterName);
  return { request, managed: record?.users ?? [], ...(ui && { webUi: ui.read(UI_FIELDS) }) };
}

function nameOf({ read }: { readonly read: (fields: readonly ["clusterName"]) => { clusterName: string } }): string {
  return read(["clusterName"]).clusterName;
}
