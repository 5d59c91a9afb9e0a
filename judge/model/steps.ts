/** What happens to each resource between two sets: as the engine said, or worked out from the inputs alone. */
import { canonical, type Inputs, record, type Resource, type ResourceSet, TYPES } from "./resources";

export type Op = "same" | "create" | "update" | "replace" | "delete";

export interface Step {
  readonly op: Op;
  readonly before: Resource | undefined;
  readonly after: Resource | undefined;
  /** Names of the inputs that differ. */
  readonly changed: readonly string[];
  /** A certificate inside its early-renewal window: no change of the program. */
  readonly renewal: boolean;
}

/** Inputs of a container that the provider changes, or says that it changes, in place: `willReplaceOnChanges` of its schema. */
const IN_PLACE = new Set([
  ...["attach", "containerReadRefreshTimeoutMilliseconds", "cpuPeriod", "cpuQuota", "cpuSet", "cpuShares"],
  ...[
    "destroyGraceSeconds",
    "healthcheck",
    "init",
    "logs",
    "maxRetryCount",
    "memory",
    "memoryReservation",
    "memorySwap",
  ],
  ...["mustRun", "removeVolumes", "restart", "rm", "start", "tmpfs", "wait", "waitTimeout"],
]);

/** Whether a change of one input makes a new resource. */
const REPLACES: Readonly<Record<string, (input: string) => boolean>> = {
  [TYPES.container]: (input) => !IN_PLACE.has(input),
  [TYPES.volume]: () => true,
  [TYPES.network]: () => true,
  [TYPES.key]: () => true,
  [TYPES.request]: () => true,
  [TYPES.certificate]: (input) => input !== "earlyRenewalHours",
  [TYPES.ca]: (input) => input !== "earlyRenewalHours",
  [TYPES.command]: (input) => input === "triggers",
};

/** Pairs by URN, or by an alias that the new resource names. */
export function workOutSteps(before: ResourceSet, after: ResourceSet): readonly Step[] {
  const old = new Map(before.resources.map((resource) => [resource.urn, resource]));
  const steps: Step[] = [];
  const taken = new Set<string>();
  const exact = new Set(after.resources.map(({ urn }) => urn));
  for (const resource of after.resources) {
    const known = [resource.urn, ...resource.options.aliases].find(
      (urn) => old.has(urn) && !taken.has(urn) && (urn === resource.urn || !exact.has(urn)),
    );
    if (known !== undefined) taken.add(known);
    steps.push(workOut(known === undefined ? undefined : old.get(known), resource));
  }
  for (const resource of before.resources) if (!taken.has(resource.urn)) steps.push(workOut(resource, undefined));
  return steps;
}

function workOut(before: Resource | undefined, after: Resource | undefined): Step {
  if (before === undefined) return { op: "create", before, after, changed: [], renewal: false };
  if (after === undefined) return { op: "delete", before, after, changed: [], renewal: false };
  const changed = differences(before.inputs, after.inputs);
  const on = after.options.replaceOnChanges.map((path) => path.replace(/[.[].*$/, ""));
  const replaces = (input: string): boolean =>
    on.includes(input) || on.includes("*") || (REPLACES[after.type]?.(input) ?? false);
  const op = changed.length === 0 ? "same" : changed.some(replaces) ? "replace" : "update";
  return { op, before, after, changed, renewal: false };
}

export function differences(a: Inputs, b: Inputs): readonly string[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return keys.filter((key) => canonical(a[key]) !== canonical(b[key]));
}

/** Without the directory of the certificates, which is another for each of them, and what follows from it. */
export function withoutFingerprint(inputs: Inputs): Inputs {
  const plain = JSON.stringify(inputs).replace(/\/tls\/[0-9a-f]{16}\//g, "/tls/…/");
  const parsed = record(JSON.parse(plain));
  const labels = parsed["labels"];
  if (!Array.isArray(labels)) return parsed;
  return { ...parsed, labels: labels.filter((entry) => record(entry)["label"] !== "pulumi-rethinkdb.spec") };
}
