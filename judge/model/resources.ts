/** What a review reads: sets of resources, from an engine's preview or from a run of the program under mocks. */

import type { Inputs } from "../../core/render/previewValues";

export {
  canonical,
  hasSecret,
  hasUnknown,
  type Inputs,
  isUnknown,
  list,
  record,
  SECRET,
  text,
  UNKNOWN,
} from "../../core/render/previewValues";

export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN, empty for the root. */
  readonly parent: string;
  readonly inputs: Inputs;
  readonly options: Options;
  /** Of a program of this project: what it is asked, secrets apart; absent where that is not known. */
  readonly request?: Inputs;
  /** Of a cluster: secret args whose values come from nowhere but the program. */
  readonly literals?: readonly string[];
  /** Of a certificate: digests of what was issued. */
  readonly pem?: readonly string[];
  /** Where the program declares it, `file:line`, when that is known. */
  readonly source?: string;
}

export interface Options {
  readonly protect: boolean;
  /** null where the source does not say. */
  readonly retainOnDelete: boolean | null;
  readonly replaceOnChanges: readonly string[];
  readonly ignoreChanges: readonly string[];
  /** URNs. */
  readonly dependencies: readonly string[];
  /** URNs by input. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** Kinds of hooks that are set, such as `beforeCreate`. */
  readonly hooks: readonly string[];
  /** URNs under which it was known before. */
  readonly aliases: readonly string[];
  /** URN of what it is deleted with, without being asked; empty for none. */
  readonly deletedWith: string;
  /** Outputs that are kept as secrets. */
  readonly secretOutputs: readonly string[];
  /** Name of its provider; `default` is the engine's own choice, empty is not known. */
  readonly provider: string;
  /** Where its provider's plugin is loaded from, when not from the usual place. */
  readonly pluginUrl: string;
}

/** A leak is in clear, and holds what the config keeps as a secret. */
export type Clarity = "secret" | "clear" | "leak" | "unknown";

export interface ResourceSet {
  readonly project: string;
  readonly stack: string;
  readonly resources: readonly Resource[];
  /** How each config value is kept. */
  readonly config: Readonly<Record<string, Clarity>>;
  /** How each output of the stack is shown. */
  readonly outputs: Readonly<Record<string, Clarity>>;
  /** What an up made, where servers that did not exist started side by side; a preview declares all in a chain. */
  readonly isApplied?: true;
}

export const NO_OPTIONS: Options = {
  protect: false,
  retainOnDelete: false,
  replaceOnChanges: [],
  ignoreChanges: [],
  dependencies: [],
  propertyDependencies: {},
  hooks: [],
  aliases: [],
  deletedWith: "",
  secretOutputs: [],
  provider: "",
  pluginUrl: "",
};

export const TYPES = {
  stack: "pulumi:pulumi:Stack",
  cluster: "rethinkdb:index:RethinkdbCluster",
  pki: "rethinkdb:index:Pki",
  container: "docker:index/container:Container",
  volume: "docker:index/volume:Volume",
  network: "docker:index/network:Network",
  engine: "pulumi:providers:docker",
  command: "command:local:Command",
  key: "tls:index/privateKey:PrivateKey",
  request: "tls:index/certRequest:CertRequest",
  certificate: "tls:index/locallySignedCert:LocallySignedCert",
  ca: "tls:index/selfSignedCert:SelfSignedCert",
} as const;
