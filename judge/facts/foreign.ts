/** What no reader knows: resources outside of a cluster's component, unknown kinds inside it, inputs that are not graded. */
import { LABELS } from "../../core/render/labels";
import { createHashText, type Fact, type Grade, neutral, NO, NONE, noteInto } from "../model/fact";
import { type Family } from "../model/property";
import { containerSubject, isOfWebUi, type Place, type Places, resourceSubject } from "../model/places";
import { hasSecret, hasUnknown, list, record, text, TYPES } from "../model/resources";
import { argvOf } from "../../core/render/argv";
import { shortType } from "./volumes";
import { COMMANDS } from "../../core/programs/all";

export const FOREIGN: Family = {
  "foreign/declared": {
    title: "% that this project does not declare",
    why: "This reader does not know what it is for.",
    anchor: "what-nobody-declares",
    args: [],
    absent: NO,
    promise: 0,
  },
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
  [TYPES.command]: ["create", "update", "delete", "stdin", "logging", "addPreviousOutputInEnv", "environment"],
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

/** Names of what this project declares, below the cluster's own. */
const ROLES = new RegExp(
  `^(${[
    `|identity|(network|engine)(-[\\w.-]+)?|operator-g\\d+|(cluster|driver|client)-ca-g\\d+(-key)?`,
    `${rolesOf("cluster")}|${rolesOf("webUi")}|ui|ui-(peer|peer-tls|tls|socket)`,
    `(ui-driver|ui-peer-cluster|ops-client|driver-.+-client|n\\d+-(cluster|driver|client))-(key(-g\\d+)?|request|certificate)`,
    `n\\d+(-(data(-\\d+)?|tls|${rolesOf("server")}))?`,
  ].join("|")})$`,
);

export function readForeign(places: Places, facts: Fact[]): void {
  for (const place of places.all) {
    const { resource } = place;
    if (TRANSPARENT.includes(resource.type) || isDefaultProvider(place)) continue;
    const server = resource.type === TYPES.container ? containerSubject(place) : undefined;
    const named = resourceSubject(place);
    const note = noteInto(facts, server ?? named, resource.urn);
    if (!isKnown(place)) noteInto(facts, named, resource.urn)("foreign/declared", neutral("yes"), shortType(place));
    const read = READ[resource.type] ?? [];
    for (const [key, value] of Object.entries(resource.inputs)) {
      if (read.includes(key) || readByServer(place, key)) continue;
      if (hasUnknown(value)) note("input/other", null, key);
      else note("input/other", unread(hasSecret(value) ? "a secret" : shown(value)), key);
    }
    const labels = otherLabels(resource.inputs["labels"]);
    if (labels.length > 0) note("input/other", unread(shown(labels)), "labels");
    for (const key of Object.keys(record(resource.inputs["environment"]))) {
      if (resource.type === TYPES.command && !(place.cluster !== "" && isShown(place, key))) {
        note("input/other", unread("set"), `environment ${key}`);
      }
    }
  }
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
  return place.cluster !== "" && place.resource.type in READ && ROLES.test(place.role);
}

function isDefaultProvider(place: Place): boolean {
  return /^pulumi:providers:/.test(place.resource.type) && /^default(_|$)/.test(place.resource.name);
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
  return list(value).filter((entry) => !ours.includes(text(record(entry)["label"])));
}

function nameOf(place: Place): string {
  return place.role || place.resource.name;
}

/** Plain short values as they are; what is longer, or has parts, by its hash. */
function shown(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && /^[\w./:-]{1,40}$/.test(value) ? value : `value ${createHashText(value)}`;
}
