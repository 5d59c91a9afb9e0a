/** What a stack's exported state says, as far as the command line needs it. */
import { identityOf } from "../../core/plan/identity";
import type { ClusterRef, OperatorLogin } from "../../core/programs/parts/shared";
import { MEMBER } from "../../core/programs/member";
import { readFields } from "../../core/programs/parts/fields";
import type { Program, RequestOf } from "../../core/programs/parts/program";
import { Failure, parseSecret } from "../../ops/lib/failure";
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
    readonly pending_operations?: readonly { readonly resource: { readonly urn: string } }[];
  };
}

export async function exportState(pulumi: PulumiCli, ...flags: readonly string[]): Promise<ExportedState> {
  return parseSecret<ExportedState>(
    await pulumi.read(["stack", "export", ...flags]),
    "what pulumi stack export printed",
  );
}

/** How to ask each cluster of the stack, as its members were asked last; the state must be exported with its secrets. */
export function clustersIn(state: ExportedState): readonly (ClusterRef & { readonly operator: OperatorLogin })[] {
  const fields = ["clusterName", "identity", "image", "dockerHost", "hosts", "operator"] as const;
  const asked = requestsIn(state, MEMBER, fields).map(({ request }) => request);
  return [...new Map(asked.map((request) => [request.identity, request])).values()];
}

/** A secret in an exported state is wrapped, its text in JSON. */
function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  return parseSecret<string>((value as { readonly plaintext: string }).plaintext, "a secret in the stack's state");
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

/**
 * What the programs of one kind were last asked, secrets in clear: only of a state exported with `--show-secrets`.
 * @param fields those that are needed: an earlier version may not have said the others.
 * @param isWanted looks at a request before its fields are read.
 * @throws Failure when one of them is missing.
 */
export function requestsIn<P extends Program, K extends keyof RequestOf<P> & string>(
  state: ExportedState,
  program: P,
  fields: readonly K[],
  isWanted?: (raw: Readonly<Record<string, unknown>>) => boolean,
): readonly { readonly request: Pick<RequestOf<P>, K>; readonly result: string }[];
export function requestsIn(
  state: ExportedState,
  program: Program,
  fields: readonly string[],
  isWanted: (raw: Readonly<Record<string, unknown>>) => boolean = () => true,
): readonly { readonly request: unknown; readonly result: string }[] {
  const role = program.command?.role ?? "";
  return resourcesOf(state, "command:local:Command")
    .filter(({ urn }) => urn.endsWith(`-${role}`))
    .map(({ inputs, outputs }) => ({
      raw: parseSecret<Readonly<Record<string, unknown>>>(
        plainText(inputs?.["stdin"]) || "{}",
        "a request in the stack's state",
      ),
      result: plainText(outputs?.["stdout"]),
    }))
    .filter(({ raw }) => isWanted(raw))
    .map(({ raw, result }) => ({ request: readRequest(program, fields, raw), result }));
}

function readRequest({ verb, request }: Program, fields: readonly string[], raw: unknown): unknown {
  const wanted = Object.fromEntries(Object.entries(request).filter(([name]) => fields.includes(name)));
  try {
    return readFields(wanted, raw);
  } catch (error) {
    throw new Failure(`the stack's state is of another version (${verb}: ${(error as Error).message}); run up first`);
  }
}

export function resourcesOf(state: ExportedState, type: string): readonly StateResource[] {
  return (state.deployment.resources ?? []).filter((resource) => resource.type === type);
}
