/** What the command line reads from a stack's exported state. */
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
  /** URN and id of its provider. */
  readonly provider?: string;
  /** It was replaced, and waits for its end. */
  readonly delete?: boolean;
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
  const asked = recordsIn(state, MEMBER).map(({ read }) => read(fields));
  return [...new Map(asked.map((request) => [request.identity, request])).values()];
}

/** A secret in an exported state is wrapped, its text in JSON. */
function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  return parseSecret<string>((value as { readonly plaintext: string }).plaintext, "a secret in the stack's state");
}

/** What each cluster of the stack was last given, secrets in clear where the state has them so. */
export function argsIn(state: ExportedState): readonly Readonly<Record<string, unknown>>[] {
  return resourcesOf(state, "rethinkdb:index:RethinkdbCluster").map(
    ({ inputs = {} }) => unwrapped(inputs) as Readonly<Record<string, unknown>>,
  );
}

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== "object" || value === null) return value;
  const { plaintext } = value as { readonly plaintext?: unknown };
  if (typeof plaintext === "string") return parseSecret(plaintext, "a secret in the stack's state");
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrapped(inner)]));
}

/** Whether it belongs to a cluster: the programs of others may use the same names. */
export function isOurs(urn: string): boolean {
  return urn.includes("rethinkdb:index:RethinkdbCluster$");
}

/** Identity of every cluster in the stack. */
export function identitiesIn(state: ExportedState): readonly string[] {
  return resourcesOf(state, "tls:index/privateKey:PrivateKey")
    .filter(({ urn }) => urn.endsWith("-identity") && isOurs(urn))
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

export interface ProgramRecord<P extends Program> {
  readonly result: string;
  /** Whether it has a field: those of earlier versions may not. */
  readonly says: (field: keyof RequestOf<P> & string) => boolean;
  /** @throws Failure when one of the fields is missing. */
  readonly read: <K extends keyof RequestOf<P> & string>(fields: readonly K[]) => Pick<RequestOf<P>, K>;
}

/** What the programs of one kind were last asked, secrets in clear: only of a state exported with `--show-secrets`. */
export function recordsIn<P extends Program>(state: ExportedState, program: P): readonly ProgramRecord<P>[] {
  const role = program.command?.role ?? "";
  return resourcesOf(state, "command:local:Command")
    .filter(({ urn }) => urn.endsWith(`-${role}`) && isOurs(urn))
    .map(({ inputs, outputs }) => {
      const raw = parseSecret<Readonly<Record<string, unknown>>>(
        plainText(inputs?.["stdin"]) || "{}",
        "a request in the stack's state",
      );
      return {
        result: plainText(outputs?.["stdout"]),
        says: (field) => raw[field] !== undefined,
        read: (fields) => readRequest(program, fields, raw) as never,
      };
    });
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
