/** Records what a program declares, under Pulumi's own mocks: names, types, inputs and options, no engine. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as settings from "@pulumi/pulumi/runtime/settings";
import * as state from "@pulumi/pulumi/runtime/state";
import { withoutEngine } from "./noEngine";

export interface Declared {
  readonly type: string;
  readonly name: string;
  /** As the engine would get them: a secret is wrapped in its signature. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Recording {
  readonly resources: readonly Declared[];
  /** Options of every child, by name. */
  readonly options: ReadonlyMap<string, pulumi.CustomResourceOptions>;
}

const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Private keys that the mocks hand out; none may ever be seen in clear. */
export function privateKeyOf(name: string): string {
  return `-----BEGIN MOCK KEY-----\nPRIVATE-${name}\n-----END MOCK KEY-----\n`;
}

/**
 * Runs `declare` under mocks and waits until everything is registered.
 * @param outputsOf more that a provider says of a resource; what is not said is not known in a preview.
 * @param docker variables that say where an engine is; none by default.
 * @param declare gets a transformation that records options; legacy transformations are the only place that sees them.
 */
export async function record(
  declare: (recorder: pulumi.ResourceTransformation) => pulumi.ComponentResource,
  preview = false,
  outputsOf: (name: string) => Readonly<Record<string, unknown>> = () => ({}),
  docker: Readonly<Record<string, string>> = {},
): Promise<Recording> {
  return withoutEngine(() => recordHere(declare, preview, outputsOf), docker);
}

async function recordHere(
  declare: (recorder: pulumi.ResourceTransformation) => pulumi.ComponentResource,
  preview: boolean,
  outputsOf: (name: string) => Readonly<Record<string, unknown>>,
): Promise<Recording> {
  const resources: Declared[] = [];
  const options = new Map<string, pulumi.CustomResourceOptions>();
  await pulumi.runtime.setMocks(
    {
      call: (args) => args.inputs as Record<string, unknown>,
      newResource: (args) => {
        resources.push({ type: args.type, name: args.name, inputs: args.inputs as Record<string, unknown> });
        return {
          id: `${args.name}-id`,
          state: { ...args.inputs, ...computed(args.type, args.name), ...outputsOf(args.name) } as Record<
            string,
            unknown
          >,
        };
      },
    },
    "rethinkdb",
    "test",
    preview,
  );
  // The mock monitor knows no hooks; the real engine runs them in the e2e tests.
  const { getStore } = state as unknown as { getStore: () => { callbacks: unknown } };
  getStore().callbacks = {
    registerResourceHook: () => Promise.resolve(),
    awaitStackRegistrations: () => Promise.resolve(),
    shutdown: () => undefined,
  };
  const { waitForRPCs } = settings as unknown as { waitForRPCs: () => Promise<void> };
  declare(({ name, opts, props }) => {
    options.set(name, opts);
    return { opts, props };
  });
  await waitForRPCs();
  return { resources, options };
}

function computed(type: string, name: string): Record<string, unknown> {
  switch (type) {
    case "tls:index/privateKey:PrivateKey":
      return { privateKeyPem: pulumi.secret(privateKeyOf(name)), publicKeyPem: `public key of ${name}` };
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: `certificate ${name}` };
    case "tls:index/certRequest:CertRequest":
      return { certRequestPem: `request ${name}` };
    case "command:local:Command":
      return { stdout: printed(name), stderr: "" };
    default:
      return {};
  }
}

/** What a program of `ops/` prints at its first run. */
function printed(name: string): string {
  if (name.endsWith("-fleet")) return JSON.stringify({ leaving: [] });
  if (name.endsWith("-prepare")) return JSON.stringify({ fingerprint: "", spec: "", run: `run of ${name}` });
  return "";
}

export function isSecret(value: unknown): value is { readonly value: unknown } {
  return typeof value === "object" && value !== null && SECRET_SIGNATURE in value;
}

/** The value below secret wrappings at any depth. */
export function unwrap(value: unknown): unknown {
  if (isSecret(value)) return unwrap(value.value);
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner)]));
  }
  return value;
}

/** What stands in clear: secrets are cut out. */
export function clearText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isSecret(inner) ? "[secret]" : inner));
}

/** Inputs of the only resource of that name. */
export function inputsOf({ resources }: Recording, name: string): Readonly<Record<string, unknown>> {
  const found = resources.filter((resource) => resource.name === name);
  assert.equal(found.length, 1, name);
  return found[0]?.inputs ?? {};
}

/** What a Command's program is asked. */
export function requestOf(recording: Recording, name: string): Readonly<Record<string, unknown>> {
  return JSON.parse(unwrap(inputsOf(recording, name)["stdin"]) as string) as Record<string, unknown>;
}
