/** Reads `pulumi preview --json --show-sames`: both sets of resources, and what the engine does to each of them. */
import { NO_OPTIONS, type Options, record, type Resource, type ResourceSet, SECRET, text, TYPES } from "./resources";
import { readOptions, words } from "./readSet";
import { pemDigests, readRequest } from "./request";
import { secretText, withoutSecrets } from "./secrets";
import type { Sides } from "../changes/review";
import { differences, type Op, type Step } from "./steps";

/** Why something is no preview that can be judged; a sentence for a person. */
export class NoPreview extends Error {}

/** Worst last: what several steps of one resource come down to. */
const OPS: Readonly<Record<string, Op>> = {
  same: "same",
  read: "same",
  refresh: "same",
  create: "create",
  import: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "import-replacement": "replace",
  "read-replacement": "replace",
  "read-discard": "delete",
  "discard-replaced": "replace",
  "remove-pending-replace": "replace",
};

interface Entry {
  op: Op;
  before: Resource | undefined;
  after: Resource | undefined;
  readonly reasons: Set<string>;
}

export function readPreview(parsed: unknown): Sides {
  const digest = record(parsed);
  refuseFailed(digest);
  const steps = digest["steps"];
  if (!Array.isArray(steps)) throw new NoPreview("it has no steps; make it with: pulumi preview --json --show-sames");
  const entries = new Map<string, Entry>();
  steps.forEach((step: unknown, index) => {
    readStep(record(step), `steps[${String(index)}]`, entries);
  });
  refuseWithoutSames(digest, steps.length === 0 ? [] : [...entries.values()]);
  return toSides(digest, [...entries.values()]);
}

function refuseFailed(digest: Readonly<Record<string, unknown>>): void {
  const diagnostics = Array.isArray(digest["diagnostics"])
    ? (digest["diagnostics"] as readonly unknown[]).map(record)
    : [];
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => text(message).trim());
  if (errors.length > 0) throw new NoPreview(`the preview itself failed: ${errors.join("; ")}`);
}

function readStep(step: Readonly<Record<string, unknown>>, at: string, entries: Map<string, Entry>): void {
  const [urn, name] = [text(step["urn"]), text(step["op"])];
  if (urn === "") throw new NoPreview(`${at}.urn is no text`);
  const op = Object.hasOwn(OPS, name) ? OPS[name] : undefined;
  if (op === undefined) throw new NoPreview(`${at}.op is "${name.slice(0, 40)}", which this reader does not know`);
  const entry = entries.get(urn) ?? { op: "same", before: undefined, after: undefined, reasons: new Set<string>() };
  entries.set(urn, entry);
  if (op !== "same") entry.op = op;
  if (op !== "create" && name !== "create-replacement") entry.before ??= readState(step["oldState"], at);
  if (op !== "delete" && name !== "delete-replaced") entry.after = readState(step["newState"], at) ?? entry.after;
  if (name === "same" || name === "read" || name === "refresh") entry.after ??= entry.before;
  for (const reason of words(step["diffReasons"])) entry.reasons.add(reason);
}

function readState(value: unknown, at: string): Resource | undefined {
  if (value === undefined || value === null) return undefined;
  const state = record(value);
  const [urn, type] = [text(state["urn"]), text(state["type"])];
  if (urn === "" || type === "") throw new NoPreview(`${at} has a state without a urn or a type`);
  const source = /^project:\/\/\/([\w./-]+)#(\d+)/.exec(text(state["sourcePosition"]));
  return {
    ...{ urn, type, name: urn.split("::").slice(3).join("::"), parent: text(state["parent"]) },
    inputs: record(withoutSecrets(withoutDefaults(state["inputs"]))),
    options: readStateOptions(state),
    ...readWhatItIs(type, state),
    ...(source === null || source[1]?.includes("..") === true
      ? {}
      : { source: `${source[1] ?? ""}:${source[2] ?? ""}` }),
  };
}

/** With `--show-secrets` the engine says what programs are asked; without, it says that there is a secret. */
function readWhatItIs(type: string, state: Readonly<Record<string, unknown>>): Pick<Resource, "request" | "pem"> {
  const inputs = record(state["inputs"]);
  const stdin = secretText(inputs["stdin"]);
  const request = type === TYPES.command && stdin !== "" ? readRequest(inputs, stdin) : undefined;
  const pem = pemDigests(record(state["outputs"])["certPem"]);
  return { ...(request === undefined ? {} : { request }), ...(pem.length === 0 ? {} : { pem }) };
}

function readStateOptions(state: Readonly<Record<string, unknown>>): Options {
  const hooks = Object.entries(record(state["resourceHooks"])).filter(([, names]) => words(names).length > 0);
  return {
    ...NO_OPTIONS,
    ...readOptions(state),
    hooks: hooks.map(([kind]) => kind.charAt(0).toLowerCase() + kind.slice(1)),
    aliases: [],
  };
}

/** What the provider filled in by itself is no choice of the program's. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== "object" || value === null) return value;
  const given = value as Readonly<Record<string, unknown>>;
  const filled = new Set([...words(given["__defaults"]), "__defaults", "__internal"]);
  return Object.fromEntries(
    Object.entries(given)
      .filter(([key]) => !filled.has(key))
      .map(([key, inner]) => [key, withoutDefaults(inner)]),
  );
}

/** Without the resources that stay, half of what there is would be taken for nothing. */
function refuseWithoutSames(digest: Readonly<Record<string, unknown>>, entries: readonly Entry[]): void {
  const said = record(digest["changeSummary"])["same"];
  const there = entries.filter(({ op }) => op === "same").length;
  if (typeof said === "number" && said > there) {
    throw new NoPreview(`it leaves out ${String(said - there)} unchanged resources; make it with --show-sames`);
  }
}

function toSides(digest: Readonly<Record<string, unknown>>, entries: readonly Entry[]): Sides {
  const [first] = entries;
  // urn:pulumi:<stack>::<project>::<types>::<name>
  const [, , stack = "", , project = ""] = ((first?.after ?? first?.before)?.urn ?? "").split(":");
  const set = (resources: readonly (Resource | undefined)[], config: ResourceSet["config"]): ResourceSet => ({
    ...{ project, stack, config, outputs: {} },
    resources: resources.filter((resource) => resource !== undefined),
  });
  const config = inClear(digest["config"]);
  const before = Object.fromEntries(Object.keys(config).map((key) => [key, "unknown"] as const));
  return {
    before: {
      ...set(
        entries.map((entry) => entry.before),
        before,
      ),
      isApplied: true,
    },
    after: set(
      entries.map((entry) => entry.after),
      config,
    ),
    steps: entries.map(toStep),
    source: "preview",
  };
}

/** A default that says nothing holds no secret. */
const EMPTY = ["", "{}", "[]"];

/** What a preview masks is a secret; only what it does not is worth a word. */
function inClear(config: unknown): ResourceSet["config"] {
  const entries = Object.entries(record(config)).filter(
    ([, value]) => !isMasked(value) && !EMPTY.includes(text(value)),
  );
  return Object.fromEntries(entries.map(([key]) => [key, "clear"] as const));
}

/** A map of secrets is JSON in a text, in which each is masked. */
function isMasked(value: unknown): boolean {
  if (value === SECRET) return true;
  try {
    const inner: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return typeof inner === "object" && inner !== null && Object.values(inner).every(isMasked);
  } catch {
    return false;
  }
}

function toStep({ op, before, after, reasons }: Entry): Step {
  const changed =
    op === "same" || before === undefined || after === undefined
      ? []
      : [
          ...new Set([
            ...differences(before.inputs, after.inputs),
            ...[...reasons].map((reason) => reason.replace(/[.[].*$/, "")),
          ]),
        ].sort();
  const renewal = op === "replace" && reasons.size > 0 && [...reasons].every((reason) => reason === "readyForRenewal");
  return { op: before === undefined && op !== "delete" ? "create" : op, before, after, changed, renewal };
}
