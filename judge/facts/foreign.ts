/** What no reader knows: resources outside of a cluster's component, unknown kinds inside it, inputs that are not graded. */
import { LABELS } from "../../core/render/labels";
import { createHashText, type Fact, type Grade, NONE, noteInto } from "../model/fact";
import { type Family } from "../model/property";
import { containerSubject, isOfWebUi, type Place, type Places, resourceSubject } from "../model/places";
import { canonical, hasSecret, hasUnknown, list, record, text, TYPES } from "../model/resources";
import { argvOf } from "../../core/render/argv";
import { COMMANDS } from "../../core/programs/all";

export const FOREIGN: Family = {
  "input/other": {
    title: "input %",
    why: "No reader judges this input: look at it yourself.",
    anchor: "what-nobody-declares",
    args: [],
    absent: NONE,
    // What comes with all its inputs is named as a whole.
    promise: 1,
    ungraded: true,
  },
};

/** Inputs that families read, or that follow from others. */
const READ: Readonly<Record<string, readonly string[]>> = {
  [TYPES.container]: [
    ...["ports", "publishAllPorts", "image", "user", "groupAdds", "readOnly", "privileged", "capabilities"],
    ...["securityOpts", "devices", "pidMode", "ipcMode", "usernsMode", "cgroupnsMode", "networkMode", "sysctls"],
    ...["volumes", "mounts", "tmpfs", "uploads", "memory", "memorySwap", "restart", "logDriver", "stopTimeout"],
    ...["destroyGraceSeconds", "stopSignal", "envs", "networksAdvanced", "labels", "name", "hostname"],
  ],
  [TYPES.volume]: ["name", "driver", "driverOpts", "labels"],
  [TYPES.network]: ["name", "driver", "internal", "attachable", "options", "ipv6", "labels"],
  [TYPES.command]: [
    ...["create", "update", "delete", "interpreter", "stdin", "logging", "addPreviousOutputInEnv"],
    "environment",
  ],
  [TYPES.key]: ["algorithm", "ecdsaCurve", "rsaBits"],
  [TYPES.request]: ["privateKeyPem", "dnsNames", "ipAddresses", "subject"],
  [TYPES.certificate]: [
    ...["certRequestPem", "caPrivateKeyPem", "caCertPem", "allowedUses", "validityPeriodHours", "earlyRenewalHours"],
    "isCaCertificate",
  ],
  [TYPES.ca]: [
    "privateKeyPem",
    "subject",
    "dnsNames",
    "ipAddresses",
    "allowedUses",
    "validityPeriodHours",
    "earlyRenewalHours",
  ],
  [TYPES.engine]: ["host", "sshOpts"],
};

/** The component's own inputs are its args; they are judged in what they become. */
const TRANSPARENT = [TYPES.cluster, TYPES.pki, TYPES.stack] as readonly string[];

const rolesOf = (of: "cluster" | "server" | "webUi"): string =>
  COMMANDS.filter((command) => command.of === of)
    .map(({ role }) => role)
    .join("|");

const LEAF = "(ui-driver|ui-peer-cluster|ops-client|driver-.+-client|n\\d+-(cluster|driver|client))";
const CA = "(cluster|driver|client)-ca-g\\d+";

/** Names of what this project declares, below the cluster's own: a resource of another type with such a name is not ours. */
const ROLES: Readonly<Record<string, RegExp>> = Object.fromEntries(
  Object.entries({
    [TYPES.container]: "n\\d+|ui|ui-peer",
    [TYPES.volume]: "n\\d+-(data(-\\d+)?|tls)|ui-(peer-tls|tls|socket)",
    [TYPES.network]: "network(-[\\w.-]+)?",
    [TYPES.engine]: "engine(-[\\w.-]+)?",
    [TYPES.command]: `${rolesOf("cluster")}|${rolesOf("webUi")}|n\\d+-(${rolesOf("server")})`,
    [TYPES.key]: `identity|operator-g\\d+|${CA}-key|${LEAF}-key(-g\\d+)?`,
    [TYPES.request]: `${LEAF}-request`,
    [TYPES.certificate]: `${LEAF}-certificate`,
    [TYPES.ca]: CA,
  }).map(([type, roles]) => [type, new RegExp(`^(${roles})$`)]),
);

export function readForeign(places: Places, facts: Fact[]): void {
  for (const place of places.all) {
    const { resource } = place;
    if (TRANSPARENT.includes(resource.type) || isDefaultProvider(place)) continue;
    const server = resource.type === TYPES.container ? containerSubject(place) : undefined;
    const named = resourceSubject(place);
    const note = noteInto(facts, server ?? named, resource.urn);
    const read = READ[resource.type] ?? [];
    for (const [key, value] of Object.entries(resource.inputs)) {
      if (read.includes(key) || readByServer(place, key) || isDefault(resource.type, key, value)) continue;
      if (hasUnknown(value)) note("input/other", null, key);
      else note("input/other", unread(hasSecret(value) ? "a secret" : shown(value)), key);
    }
    const labels = otherLabels(resource.inputs["labels"]);
    if (labels.length > 0) note("input/other", unread(shown(labels)), "labels");
    for (const key of resource.type === TYPES.container ? Object.keys(PARTS) : []) {
      const parts = otherParts(key, resource.inputs[key]);
      if (parts.length > 0) note("input/other", unread(shown(parts)), key);
    }
    for (const key of Object.keys(record(resource.inputs["environment"]))) {
      if (resource.type === TYPES.command && !(place.cluster !== "" && isShown(place, key))) {
        note("input/other", unread("set"), `environment ${key}`);
      }
    }
  }
}

/** The provider's own defaults: writing one of them out changes nothing. */
const DEFAULTS: Readonly<Record<string, boolean>> = {
  ...{ attach: false, logs: false, rm: false, stdinOpen: false, tty: false, wait: false },
  ...{ mustRun: true, start: true },
};

function isDefault(type: string, key: string, value: unknown): boolean {
  return type === TYPES.container && Object.hasOwn(DEFAULTS, key) && DEFAULTS[key] === value;
}

/** What other families read of each entry of a list. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  networksAdvanced: ["name", "ipv4Address"],
  mounts: ["type", "source", "target", "readOnly"],
};

function otherParts(key: string, value: unknown): readonly unknown[] {
  return list(value)
    .map((entry) => Object.fromEntries(Object.entries(record(entry)).filter(([part]) => !PARTS[key]?.includes(part))))
    .filter((rest) => Object.keys(rest).length > 0);
}

/** Weaker than not having it, until a reader grades it. */
const unread = (text: string): Grade => ({ text, rank: 1 });

/** What our programs show in a preview; each follows from what other families read. */
function isShown(place: Place, key: string): boolean {
  const role = place.server === "" ? place.role : place.role.slice(place.server.length + 1);
  const shows = COMMANDS.find((command) => command.role === role)?.shows ?? [];
  return shows.some((known) => (known.endsWith("_") ? key.startsWith(known) : key === known));
}

/** A sentence on a resource that is not judged as a whole, for one that changes. */
export function whyNotJudged(place: Place): readonly string[] {
  const judged = TRANSPARENT.includes(place.resource.type) || isDefaultProvider(place) || isKnown(place);
  return judged ? [] : [`${nameOf(place)} (${place.resource.type}): ${whyUnknown(place)}`];
}

function whyUnknown(place: Place): string {
  if (place.cluster !== "") return "this reader does not know what it is for in the cluster";
  return place.resource.type in READ
    ? "this project does not declare it; only its own inputs were judged"
    : "this project does not declare it, and its type is not known here";
}

export function isKnown(place: Place): boolean {
  return place.cluster !== "" && ROLES[place.resource.type]?.test(place.role) === true;
}

function isDefaultProvider(place: Place): boolean {
  // The engine's own have no parent; one that a program makes is a child of the stack, whatever its name.
  const { type, name, parent } = place.resource;
  return parent === "" && /^pulumi:providers:/.test(type) && /^default(_|$)/.test(name);
}

function readByServer(place: Place, key: string): boolean {
  if (place.resource.type !== TYPES.container) return false;
  const server = /^n\d+$/.test(place.role);
  if (isOfWebUi(place) && (key === "entrypoints" || key === "command")) return true;
  if (key === "healthcheck") return server;
  return key === "entrypoints" ? server : key === "command" && argvOf(place.resource.inputs) !== undefined;
}

function otherLabels(value: unknown): readonly unknown[] {
  const ours: readonly string[] = Object.values(LABELS);
  const others = list(value).filter((entry) => !ours.includes(text(record(entry)["label"])));
  return [...others].sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
}

function nameOf(place: Place): string {
  return place.role || place.resource.name;
}

/** Plain short values as they are; what is longer, or has parts, by its hash. */
function shown(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && /^[\w./:-]{1,40}$/.test(value) ? value : `value ${createHashText(value)}`;
}
