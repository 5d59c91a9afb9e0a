/** Keys, CAs by generation, and the certificates of servers: how strong, how long, for which names, signed by whom. */
import { LABELS } from "../../core/render/labels";
import {
  type Fact,
  type Family,
  type Grade,
  neutral,
  NO,
  NONE,
  noteInto,
  type Property,
  required,
} from "../model/fact";
import { type Place, type Places, subjectOf } from "../model/places";
import { hasUnknown, type Inputs, isUnknown, list, record, text, TYPES } from "../model/resources";

const certificate = (
  title: string,
  why: string,
  absent: Grade,
  args: readonly string[] = [],
  promise = 0,
): Property => ({ title, why, anchor: "tls", args, absent, promise });

const revoke = "Nothing revokes a certificate; only its end does.";
const sign = "What a CA signs for can pose as it.";

export const CERTIFICATES: Family = {
  "key/strength": certificate("key", "A weak key can be computed.", NONE),
  "certificate/validity": certificate("validity", revoke, NONE, ["certValidityDays", "caValidityDays"], Infinity),
  "certificate/early-renewal": certificate(
    "time for renewal before its end",
    "Nobody renews between two runs of up; what is not renewed in time stops the cluster.",
    NONE,
    ["certEarlyRenewalDays"],
    Infinity,
  ),
  "certificate/name": certificate("valid for %", "Clients accept it for that name or address.", NO, ["driverSans"]),
  "certificate/wildcard": certificate(
    "valid for every name below %",
    "A wildcard certificate poses as hosts that are no servers.",
    NO,
    ["driverSans"],
  ),
  "certificate/use": certificate("may be used for %", sign, NO),
  "certificate/is-ca": certificate("may sign certificates itself", sign, NO),
  "certificate/subject": certificate("common name", "OpenSSL finds an issuer by it.", NONE),
  "certificate/issuer": certificate("issued by", "A new issuer has to be trusted everywhere before it is used.", NONE, [
    "clusterCa",
    "driverCa",
  ]),
  "ca/other-purpose": certificate(
    "CA signs for one purpose only",
    "Peers check no host name: every certificate of the cluster CA is a member of the cluster, and so admin.",
    required(true),
  ),
  "ca/renewed": certificate(
    "renewed before what it signs would outlive it",
    "A CA that ends ends everything that it signed.",
    required(true),
    ["renewal"],
  ),
  "trust/generation": certificate(
    "trusts generation %",
    "One more key whose holder is believed.",
    NO,
    ["clusterCa", "driverCa", "clientCa"],
    1,
  ),
  "trust/issue": certificate("generation of the % that issues", "Others have to trust it first.", NONE, [
    "clusterCa",
    "driverCa",
    "clientCa",
  ]),
};

const EXPECTED_USES: Readonly<Record<string, readonly string[]>> = {
  ca: ["cert_signing", "crl_signing", "digital_signature"],
  cluster: ["digital_signature", "server_auth", "client_auth"],
  driver: ["digital_signature", "server_auth"],
  client: ["digital_signature", "client_auth"],
};

export function readCertificates(places: Places, facts: Fact[]): void {
  for (const place of places.ofType(TYPES.key)) readKey(place, facts);
  for (const place of places.ofType(TYPES.request)) readRequest(place, facts);
  for (const place of places.ofType(TYPES.certificate)) readLeaf(place, facts);
  for (const place of places.ofType(TYPES.ca)) readCa(place, places, facts);
}

/** Key, request and certificate of one purpose are one subject: `n0 driver certificate`. */
function nameOf(place: Place): string {
  const role = place.role || place.resource.name;
  const leaf = /^(n\d+|ui|ui-peer|ops|driver-.+)-(\w+)-(key(?:-g\d+)?|request|certificate)$/.exec(role);
  if (leaf !== null) return `${leaf[1] ?? ""} ${leaf[2] ?? ""} certificate`;
  const ca = /^(\w+)-ca-g(\d+)(-key)?$/.exec(role);
  return ca === null ? role : `${ca[1] ?? ""} CA g${ca[2] ?? ""}`;
}

const noteOn = (place: Place, facts: Fact[]): ReturnType<typeof noteInto> =>
  noteInto(facts, { ...subjectOf(place, "certificate"), name: nameOf(place) }, place.resource.urn);

function readKey(place: Place, facts: Fact[]): void {
  const { algorithm, ecdsaCurve, rsaBits } = place.resource.inputs;
  if (hasUnknown([algorithm, ecdsaCurve, rsaBits])) return;
  noteOn(place, facts)("key/strength", strength(text(algorithm), text(ecdsaCurve), rsaBits));
}

/** Absent curve and bits are the provider's own defaults. */
function strength(algorithm: string, curve: string, bits: unknown): Grade {
  if (algorithm === "ED25519") return neutral(algorithm);
  if (algorithm === "ECDSA")
    return { text: `ECDSA ${curve || "P224"}`, rank: curve === "" || curve === "P224" ? 1 : 0 };
  const size = typeof bits === "number" ? bits : 2048;
  return { text: `${algorithm} of ${String(size)} bits`, rank: algorithm === "RSA" && size >= 2048 ? 0 : 1 };
}

function readNames(inputs: Inputs, note: ReturnType<typeof noteInto>): void {
  for (const key of ["dnsNames", "ipAddresses"]) {
    if (isUnknown(inputs[key])) note("certificate/name", null, "(all)");
    for (const name of list(inputs[key]).map(String)) {
      if (name.startsWith("*.")) note("certificate/wildcard", { text: "yes", rank: 1 }, name.slice(2));
      else note("certificate/name", neutral("yes"), name);
    }
  }
  const subject = record(inputs["subject"]);
  note("certificate/subject", hasUnknown(subject) ? null : neutral(text(subject["commonName"]) || "none"));
}

function readRequest(place: Place, facts: Fact[]): void {
  readNames(place.resource.inputs, noteOn(place, facts));
}

function readLeaf(place: Place, facts: Fact[]): void {
  const { inputs, options } = place.resource;
  const note = noteOn(place, facts);
  const purpose = /-(\w+)-certificate$/.exec(place.role)?.[1] ?? "driver";
  readLife(inputs, purpose, note);
  note("certificate/is-ca", {
    text: inputs["isCaCertificate"] === true ? "yes" : "no",
    rank: inputs["isCaCertificate"] === true ? 1 : 0,
  });
  readEarly(inputs, note);
  const issuers = options.propertyDependencies["caCertPem"] ?? [];
  if (issuers.length > 0) note("certificate/issuer", neutral(issuers.map(issuerName).sort().join(", ")));
}

function readEarly(inputs: Inputs, note: ReturnType<typeof noteInto>): void {
  const early = inputs["earlyRenewalHours"];
  const hours = typeof early === "number" ? early : 0;
  note("certificate/early-renewal", isUnknown(early) ? null : { text: days(hours), rank: -hours });
}

function issuerName(urn: string): string {
  const name = urn.slice(urn.lastIndexOf("::") + 2);
  const ca = /(cluster|driver|client)-ca-g(\d+)$/.exec(name);
  return ca === null ? name : `${ca[1] ?? ""} CA g${ca[2] ?? ""}`;
}

function readLife(inputs: Inputs, purpose: string, note: ReturnType<typeof noteInto>): void {
  const hours = inputs["validityPeriodHours"];
  note("certificate/validity", typeof hours === "number" ? { text: days(hours), rank: hours } : null);
  for (const use of list(inputs["allowedUses"]).map(String)) {
    const expected = (EXPECTED_USES[purpose] ?? EXPECTED_USES["driver"] ?? []).includes(use);
    note("certificate/use", { text: "yes", rank: expected ? 0 : 1 }, use);
  }
}

function readCa(place: Place, places: Places, facts: Fact[]): void {
  const { inputs, urn } = place.resource;
  const note = noteOn(place, facts);
  readLife(inputs, "ca", note);
  const early = inputs["earlyRenewalHours"];
  // How long before hangs on the lives of what it signs; here counts that it is.
  note("ca/renewed", isUnknown(early) ? null : required(typeof early === "number" && early > 0));
  readNames(inputs, note);
  const signed = places
    .ofType(TYPES.certificate)
    .filter(({ resource }) => (resource.options.propertyDependencies["caCertPem"] ?? []).includes(urn))
    .map(({ role }) => /-(\w+)-certificate$/.exec(role)?.[1] ?? role);
  note("ca/other-purpose", required(new Set(signed).size <= 1));
}

/** Which generations a server trusts and presents stands in its labels. */
export function readTrust(inputs: Inputs, note: ReturnType<typeof noteInto>): void {
  const labels = new Map(list(inputs["labels"]).map((entry) => [text(record(entry)["label"]), record(entry)["value"]]));
  for (const [purpose, issue, trust] of [
    ["cluster CA", LABELS.clusterCaIssue, LABELS.clusterCaTrust],
    ["driver CA", LABELS.driverCaIssue, LABELS.driverCaTrust],
    ["client CA", LABELS.clientCaIssue, LABELS.clientCaTrust],
  ] as const) {
    if (isUnknown(labels.get(issue)) || isUnknown(inputs["labels"])) note("trust/issue", null, purpose);
    else if (labels.has(issue)) note("trust/issue", neutral(text(labels.get(issue))), purpose);
    for (const generation of text(labels.get(trust)).split(",").filter(Boolean)) {
      // Of clients that need a password besides: what demands a certificate is a fact of its own.
      const rank = purpose === "client CA" ? 0 : 1;
      note("trust/generation", { text: "yes", rank }, `${generation} of the ${purpose}`);
    }
  }
}

function days(hours: number): string {
  return hours % 24 === 0 ? `${String(hours / 24)} days` : `${String(hours)} hours`;
}
