/**
 * Runs a program under Pulumi's mocks and records what it declares: no CLI, no plugins, no state, no Docker. What only a
 * provider knows is made up from the inputs; a resource whose inputs did not change keeps what was made up before.
 */
import { createHash } from "node:crypto";
import { canonical, type Clarity, type Resource, type ResourceSet } from "../../judge/model/resources";
import { pemDigests } from "../../judge/model/request";
import { urnOf } from "./aliases";
import { readRequest, type Request, type Struct } from "./request";
import { holdsPlaceholder, isMarked } from "../../judge/model/secrets";

/** What was made up, by URN, so that the next version of the program is given the same where nothing changed. */
export type MadeUp = Readonly<Record<string, { readonly inputs: string; readonly outputs: Values }>>;

type Values = Readonly<Record<string, unknown>>;

export interface Recording {
  readonly set: ResourceSet;
  readonly madeUp: MadeUp;
}

export interface RecordOptions {
  readonly project: string;
  readonly stack: string;
  readonly previous?: MadeUp;
  /** Folder of the program; source positions are given relative to it. */
  readonly folder?: string;
  readonly config?: Readonly<Record<string, Clarity>>;
  /** Values of the config that are secrets, made up as they are. */
  readonly secrets?: readonly string[];
}

/** The parts of the SDK that the program itself runs on, whatever version that is. */
export interface Sdk {
  readonly secret: (value: unknown) => unknown;
  readonly runtime: {
    readonly setMocks: (mocks: object, project: string, stack: string, preview: boolean) => Promise<void>;
  };
  readonly settings: { readonly getMonitor: () => Monitor; readonly waitForRPCs: () => Promise<void> };
  readonly state: { readonly getStore: () => Record<string, unknown> };
}

interface Monitor {
  newUrn: (parent: string, type: string, name: string) => string;
  registerResource: (request: Request, answer: unknown) => Promise<void>;
  registerResourceOutputs: (request: OutputsRequest, answer: unknown) => void;
}

interface OutputsRequest {
  readonly getUrn: () => string;
  readonly getOutputs: () => Struct | undefined;
}

/** @param declare runs the program; everything that it declares has to be registered when it is done. */
export async function recordProgram(
  sdk: Sdk,
  declare: () => unknown,
  { project, stack, previous = {}, folder = "", config = {}, secrets = [] }: RecordOptions,
): Promise<Recording> {
  const resources: Resource[] = [];
  const outputs: Record<string, Clarity> = {};
  const madeUp: Record<string, MadeUp[string]> = {};
  // Read by newResource, which is called for one request at a time and knows little of it.
  let current: { readonly urn: string; readonly aliases: readonly string[] } = { urn: "", aliases: [] };

  await sdk.runtime.setMocks(
    {
      call: (args: { readonly inputs: unknown }) => args.inputs,
      newResource: (args: { readonly type: string; readonly inputs: Values }) => {
        const plain = Object.fromEntries(Object.entries(args.inputs).filter(([key]) => matters(args.type, key)));
        const inputs = hash(canonical(plain));
        const known = [current.urn, ...current.aliases].map((urn) => previous[urn]).find((made) => made !== undefined);
        const made = known?.inputs === inputs ? known.outputs : makeUp(args.type, hash(current.urn + inputs));
        madeUp[current.urn] = { inputs, outputs: made };
        return { id: made["id"], state: { ...args.inputs, ...asSecrets(sdk, made) } };
      },
    },
    project,
    stack,
    // As in a preview: a program that acts on what is live leaves it alone.
    true,
  );
  const store = sdk.state.getStore();
  // The mock monitor knows no hooks.
  store["callbacks"] = {
    registerResourceHook: () => Promise.resolve(),
    awaitStackRegistrations: () => Promise.resolve(),
    shutdown: () => undefined,
  };

  const monitor = sdk.settings.getMonitor();
  // The mock monitor's own names only the parent's type, not the whole chain of types that the engine's has.
  monitor.newUrn = (parent, type, name) => urnOf({ stack, project, type, name, parent });
  const [register, registerOutputs] = [
    monitor.registerResource.bind(monitor),
    monitor.registerResourceOutputs.bind(monitor),
  ];
  monitor.registerResource = (request, answer) => {
    const resource = readRequest(request, { project, stack, folder, secrets }, resources);
    resources.push(resource);
    current = { urn: resource.urn, aliases: resource.options.aliases };
    return register(request, answer);
  };
  monitor.registerResourceOutputs = (request, answer) => {
    if (request.getUrn().includes("::pulumi:pulumi:Stack::")) {
      for (const [name, value] of Object.entries(request.getOutputs()?.toJavaScript() ?? {})) {
        outputs[name] = isMarked(value) ? "secret" : holdsPlaceholder(value) ? "leak" : "clear";
      }
    }
    registerOutputs(request, answer);
  };
  await declare();
  await sdk.settings.waitForRPCs();
  const issued = resources.map((resource) => {
    const pem = pemDigests(madeUp[resource.urn]?.outputs["certPem"]);
    return pem.length === 0 ? resource : { ...resource, pem };
  });
  return { set: { project, stack, resources: issued, config, outputs }, madeUp };
}

/** What changes nothing about what a provider would answer. */
function matters(type: string, input: string): boolean {
  return !(type.startsWith("tls:") && input === "earlyRenewalHours");
}

const SECRET_OUTPUTS = ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh", "stdout", "stderr"];

/** @param token what tells this resource with these inputs from every other. */
function makeUp(type: string, token: string): Values {
  const outputs: Record<string, Values> = {
    "tls:index/privateKey:PrivateKey": {
      privateKeyPem: pem("MADE UP PRIVATE KEY", token),
      privateKeyPemPkcs8: pem("MADE UP PRIVATE KEY", token),
      privateKeyOpenssh: pem("MADE UP PRIVATE KEY", token),
      publicKeyPem: pem("MADE UP PUBLIC KEY", hash(token)),
    },
    "tls:index/certRequest:CertRequest": { certRequestPem: pem("MADE UP REQUEST", token) },
    "tls:index/locallySignedCert:LocallySignedCert": { certPem: pem("MADE UP CERTIFICATE", token) },
    "tls:index/selfSignedCert:SelfSignedCert": { certPem: pem("MADE UP CERTIFICATE", token) },
    // A program of ours prints JSON.
    "command:local:Command": { stdout: "{}", stderr: "" },
  };
  return { id: token, ...outputs[type] };
}

function asSecrets(sdk: Sdk, made: Values): Values {
  return Object.fromEntries(
    Object.entries(made).map(([key, value]) => [key, SECRET_OUTPUTS.includes(key) ? sdk.secret(value) : value]),
  );
}

function pem(label: string, token: string): string {
  return `-----BEGIN ${label}-----\n${token}\n-----END ${label}-----\n`;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
