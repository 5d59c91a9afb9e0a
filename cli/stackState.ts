/** What a stack's exported state says, as far as the command line needs it. */
import { identityOf } from "../core/identity";
import type { PulumiCli } from "./pulumiCli";

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface ExportedState {
  readonly version: number;
  readonly deployment: {
    readonly resources?: readonly StateResource[];
    /** Operations that a killed run never ended. */
    readonly pending_operations?: readonly unknown[];
  };
}

export async function exportState(pulumi: PulumiCli): Promise<ExportedState> {
  return JSON.parse(await pulumi.read(["stack", "export"])) as ExportedState;
}

/** Identity of every cluster in the stack. */
export function identitiesIn(state: ExportedState): readonly string[] {
  return resourcesOf(state, "tls:index/privateKey:PrivateKey")
    .filter(({ urn }) => urn.endsWith("-identity"))
    .map(({ outputs }) => outputs?.["publicKeyPem"])
    .filter((pem) => typeof pem === "string")
    .map(identityOf);
}

/** Docker's names of all objects of one type that the stack knows. */
export function namesIn(state: ExportedState, type: string): readonly string[] {
  return resourcesOf(state, type)
    .map(({ inputs }) => inputs?.["name"])
    .filter((name) => typeof name === "string");
}

export function outputsOf(state: ExportedState): Readonly<Record<string, unknown>> {
  return resourcesOf(state, "pulumi:pulumi:Stack")[0]?.outputs ?? {};
}

function resourcesOf(state: ExportedState, type: string): readonly StateResource[] {
  return (state.deployment.resources ?? []).filter((resource) => resource.type === type);
}
