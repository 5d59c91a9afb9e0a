/** What several rules ask of a resource. */
import { type Argv, argvOf, values } from "../../core/render/argv";
import { exposureOf } from "../../args/values/exposure";
import type { Flags } from "../../core/render/flagReader";
import { LABELS } from "../../core/render/labels";
import { type Inputs, isUnknown, list, record, text } from "../../core/render/previewValues";
import type { PolicyResource } from "./rule";

export const CONTAINER = "docker:index/container:Container";
export const VOLUME = "docker:index/volume:Volume";
export const ENGINE = "pulumi:providers:docker";
export const COMMAND = "command:local:Command";
export const KEY = "tls:index/privateKey:PrivateKey";
export const CERTIFICATE = "tls:index/locallySignedCert:LocallySignedCert";
export const CA = "tls:index/selfSignedCert:SelfSignedCert";

/** A container that runs RethinkDB, as a server or as a proxy. */
export function rethinkdb(resource: PolicyResource): Argv | undefined {
  return argvOf(resource.inputs) ?? (isServer(resource) ? "unknown" : undefined);
}

/** `--bind-X` wins over `--bind`; without either only loopback is bound. What is not known yet breaks no rule. */
export function onlyOnLoopback(argv: Flags, port: "http" | "driver"): boolean {
  const own = values(argv, `bind-${port}`);
  const bound = own.length > 0 ? own : values(argv, "bind");
  return bound.every((address) => isUnknown(address) || exposureOf(address) === "loopback");
}

/** A server of this project: with data, and found by its label or by its name. */
export function isServer({ name, inputs }: PolicyResource): boolean {
  return labels(inputs).some((entry) => text(entry["label"]) === LABELS.server) || /-n\d+$/.test(name);
}

/** nginx in front of the web UI, found by its name below a cluster's and the cluster's label. */
export function isWebUi({ name, inputs }: PolicyResource): boolean {
  return /-ui$/.test(name) && labels(inputs).some((entry) => text(entry["label"]) === LABELS.clusterName);
}

/** RethinkDB as a proxy: a peer without data, which serves the web UI to nginx. */
export function isProxy(resource: PolicyResource): boolean {
  const argv = rethinkdb(resource);
  return argv !== undefined && (argv === "unknown" ? /-ui-peer$/.test(resource.name) : argv.subcommand === "proxy");
}

export function labels(inputs: Inputs): readonly Inputs[] {
  return list(inputs["labels"]).map(record);
}

export function ports(inputs: Inputs): readonly Inputs[] {
  return list(inputs["ports"]).map(record);
}

export function mounts(inputs: Inputs): readonly Inputs[] {
  const old = list(inputs["volumes"]).map(record);
  const typed = list(inputs["mounts"]).map(record);
  return [
    ...old,
    ...typed.map(({ type, source, target, readOnly }) => ({
      containerPath: target,
      readOnly,
      [type === "bind" ? "hostPath" : "volumeName"]: source,
    })),
  ];
}

/** `cluster`, `driver` or `client`, from the name of a key or certificate of this project. */
export function purposeOf({ name }: PolicyResource): string {
  return /-(cluster|driver|client)-(ca-g\d+|key|request|certificate)/.exec(name)?.[1] ?? "";
}

/** An address, a number or a word of Docker's own; anything else could be somebody's secret. */
export function plain(value: unknown): string {
  const given = typeof value === "number" ? String(value) : text(value);
  return /^[0-9.]{1,15}$/.test(given) || (/^[0-9a-f:]{2,39}$/i.test(given) && given.includes(":"))
    ? given
    : "another value";
}
