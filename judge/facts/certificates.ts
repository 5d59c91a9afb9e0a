/** Keys, CAs by generation, and the certificates of servers: how strong, how long, for which names, signed by whom. */
import { type Fact, type Grade, NO, NONE, type Note, noteInto, required, unwanted } from "../model/fact";
import { type Family, held, type Property } from "../model/property";
import { type Place, type Places, subjectOf } from "../model/places";
import { purposeOf, readKey } from "./keys";
import { readNames } from "./names";
import { type Case, mandatory } from "../model/rule";
import { hasUnknown, type Inputs, isUnknown, list, TYPES } from "../model/resources";

const certificate = (
  title: string,
  why: string,
  absent: Grade,
  args: readonly string[] = [],
  promise = 0,
): Property => ({ title, why, anchor: "tls", args, absent, promise });

const revoke = "Nothing revokes a certificate; only its end does.";
const sign = "What a CA signs for can pose as it.";

const SEPARATE = mandatory(
  "separate-cas",
  "The CA that signs members signs nothing else: every certificate of it is admin.",
);
const SHORT_LIVED = mandatory(
  "short-lived-certificates",
  "Servers' certificates live 90 days or less: nothing revokes them.",
  { days: 90 },
);
const IN_TIME = mandatory("renewed-in-time", "A certificate is renewed well before it ends, and not at every run.", {
  days: 7,
});
const USES = mandatory(
  "certificate-uses",
  "Cluster certificates are for both ends, driver certificates for servers, and none of them signs others.",
);
const OUTLIVES = mandatory("ca-outlives-leaves", "A CA lives longer than what it signs.");

/** What a certificate that is used for more than its purpose does. */
const MISUSES: Readonly<Record<string, string>> = {
  cert_signing: "a server's certificate may sign others. Take isCaCertificate and cert_signing out.",
  client_auth: "a driver certificate poses as a client. Take client_auth out.",
  server_auth: "a client's certificate poses as a server. Take server_auth out.",
};

const isLeaf = ({ place }: Case): boolean => place.resource.type === TYPES.certificate;

export const CERTIFICATES: Family = {
  "certificate/validity": held(
    certificate("validity", revoke, NONE, ["certValidityDays", "caValidityDays"], Infinity),
    {
      rule: SHORT_LIVED,
      keeps: (given) => !isLeaf(given) || (given.grade.amount ?? 0) <= (given.config["days"] ?? 90) * 24,
      says: ({ grade, config: { days = 90 } }) =>
        `it is valid for ${String(Math.ceil((grade.amount ?? 0) / 24))} days, and RethinkDB knows no revocation. Use ${String(days)} days or less (certValidityDays).`,
    },
  ),
  "certificate/early-renewal": held(
    certificate(
      "time for renewal before its end",
      "Nothing renews between two runs of up; what is not renewed in time stops the cluster.",
      NONE,
      ["certEarlyRenewalDays"],
      Infinity,
    ),
    {
      rule: IN_TIME,
      keeps: (given) => !isLeaf(given) || (!renewsAlways(given) && early(given) >= (given.config["days"] ?? 7) * 24),
      says: (given) =>
        renewsAlways(given)
          ? "its time for renewal is its whole life, so every run restarts every server. Use about a third of it (certEarlyRenewalDays)."
          : `only in its last ${String(Math.floor(early(given) / 24))} days does up renew it; a run that comes later finds a stopped cluster. Use ${String(given.config["days"] ?? 7)} days or more (certEarlyRenewalDays).`,
    },
  ),
  "certificate/use": held(certificate("may be used for %", sign, NO), {
    rule: USES,
    keeps: (given) => !isLeaf(given) || given.grade.rank === 0,
    says: ({ fact: { detail } }) =>
      MISUSES[detail] ?? "it may be used for more than its purpose. Take the other uses out of allowedUses.",
  }),
  "certificate/both-ends": held(
    certificate("good for both ends of a connection", "Servers dial each other and answer each other.", NO),
    {
      rule: USES,
      says: "a server is both ends of a connection on the cluster port, and this certificate is not good for both. Allow server_auth and client_auth.",
    },
  ),
  "certificate/is-ca": held(certificate("may sign certificates itself", sign, NO), {
    rule: USES,
    says: MISUSES["cert_signing"] ?? "",
  }),
  "certificate/within-ca": held(
    certificate("ends before the CA that signs it", "It ends with its CA, and the reason is not seen.", required(true)),
    {
      rule: OUTLIVES,
      says: "it outlives the CA that signs it, and ends with it unseen. Lower certValidityDays or raise caValidityDays.",
    },
  ),
  "certificate/issuer": certificate(
    "issued by",
    "A new issuer has to be trusted everywhere before it is used.",
    NONE,
    ["clusterCa", "driverCa"],
    // A CA of one's own is declared by the args alone.
    1,
  ),
  "ca/other-purpose": held(
    certificate(
      "CA signs for one purpose only",
      "Peers check no host name: every certificate of the cluster CA is a member of the cluster, and so admin.",
      required(true),
    ),
    {
      rule: SEPARATE,
      says: ({ grade }) =>
        `this CA signs certificates for ${grade.text.replace(/^no, for /, "")}. Peers check no host name, so each of them could join the cluster as a member. Sign each purpose with a CA of its own.`,
    },
  ),
  "ca/renewed": certificate(
    "renewed before what it signs would outlive it",
    "A CA that ends ends everything that it signed.",
    required(true),
    ["renewal"],
  ),
};

function early({ grade }: Case): number {
  return grade.amount ?? 0;
}

function renewsAlways(given: Case): boolean {
  const whole = given.other("certificate/validity")?.amount;
  return whole !== undefined && early(given) >= whole;
}

const EXPECTED_USES: Readonly<Record<string, readonly string[]>> = {
  ca: ["cert_signing", "crl_signing", "digital_signature"],
  cluster: ["digital_signature", "server_auth", "client_auth"],
  driver: ["digital_signature", "server_auth"],
  client: ["digital_signature", "client_auth"],
};

export function readCertificates(places: Places, facts: Fact[]): void {
  for (const place of places.ofType(TYPES.key)) readKey(place, noteOn(place, facts));
  for (const place of places.ofType(TYPES.request)) {
    readNames(place.resource.inputs, places.wordsOf(place.cluster), noteOn(place, facts));
  }
  for (const place of places.ofType(TYPES.certificate)) readLeaf(place, places, facts);
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

const noteOn = (place: Place, facts: Fact[]): Note =>
  noteInto(facts, { ...subjectOf(place, "certificate"), name: nameOf(place) }, place.resource.urn);

function readLeaf(place: Place, places: Places, facts: Fact[]): void {
  const { inputs, options } = place.resource;
  const note = noteOn(place, facts);
  const purpose = purposeOf(place.role || place.resource.name) || "driver";
  readLife(inputs, purpose, note);
  note("certificate/is-ca", unwanted(inputs["isCaCertificate"] === true));
  readEarly(inputs, note);
  const issuers = options.propertyDependencies["caCertPem"] ?? [];
  const hours = [inputs, ...issuers.map((urn) => places.at(urn)?.resource.inputs ?? {})].map(hoursOf);
  const [own = 0, ...cas] = hours;
  if (cas.length > 0 && !hours.includes(null))
    note("certificate/within-ca", required(cas.every((life) => (own ?? 0) <= (life ?? 0))));
  note("certificate/issuer", issuerGrade(issuers.map(issuerName), purpose));
}

function issuerGrade(issuers: readonly string[], purpose: string): Grade {
  if (issuers.length === 0) return { text: "what is not declared here", rank: 1 };
  const own = issuers.every((name) => name.startsWith(`${purpose} CA g`));
  return { text: [...issuers].sort().join(", "), rank: own ? 0 : 2 };
}

function readEarly(inputs: Inputs, note: Note): void {
  const early = inputs["earlyRenewalHours"];
  const hours = typeof early === "number" ? early : 0;
  note("certificate/early-renewal", isUnknown(early) ? null : { text: days(hours), rank: -hours, amount: hours });
}

function hoursOf(inputs: Inputs): number | null {
  const hours = inputs["validityPeriodHours"];
  return typeof hours === "number" ? hours : null;
}

function issuerName(urn: string): string {
  const name = urn.slice(urn.lastIndexOf("::") + 2);
  const ca = /(cluster|driver|client)-ca-g(\d+)$/.exec(name);
  return ca === null ? name : `${ca[1] ?? ""} CA g${ca[2] ?? ""}`;
}

function readLife(inputs: Inputs, purpose: string, note: Note): void {
  const hours = hoursOf(inputs);
  note("certificate/validity", hours === null ? null : { text: days(hours), rank: hours, amount: hours });
  const uses = list(inputs["allowedUses"]).map(String);
  const ends = ["server_auth", "client_auth"].every((end) => uses.includes(end));
  if (purpose === "cluster") note("certificate/both-ends", hasUnknown(inputs["allowedUses"]) ? null : required(ends));
  for (const use of uses) {
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
  readNames(inputs, places.wordsOf(place.cluster), note);
  const signed = places
    .ofType(TYPES.certificate)
    .filter(({ resource }) => (resource.options.propertyDependencies["caCertPem"] ?? []).includes(urn))
    .map(({ role, resource: { name } }) => purposeOf(role) || (role === "" ? name : role));
  const purposes = [...new Set(signed)].sort();
  note(
    "ca/other-purpose",
    purposes.length <= 1 ? required(true) : { text: `no, for ${purposes.join(" and ")}`, rank: 1 },
  );
}

function days(hours: number): string {
  return hours % 24 === 0 ? `${String(hours / 24)} days` : `${String(hours)} hours`;
}
