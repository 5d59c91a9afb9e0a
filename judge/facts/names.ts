/** For which names and addresses a certificate is good. */
import { type Grade, neutral, NO, NONE, type Note } from "../model/fact";
import type { Family, Property } from "../model/property";
import { hasUnknown, type Inputs, isUnknown, list, record, text } from "../model/resources";

const named = (title: string, why: string, absent: Grade, args: readonly string[] = []): Property => ({
  ...{ title, why, args, absent },
  anchor: "tls",
  promise: 0,
});

export const NAMES: Family = {
  "certificate/name": {
    ...named("valid for %", "Clients accept it for that name or address.", NO, ["driverSans"]),
    // Names that the args add are an offer.
    promise: 1,
  },
  "certificate/wildcard": named(
    "valid for every name below %",
    "A wildcard certificate poses as hosts that are no servers.",
    NO,
    ["driverSans"],
  ),
  "certificate/subject": { ...named("common name", "OpenSSL finds an issuer by it.", NONE), ungraded: true },
};

/** @param own names and addresses of the cluster's own */
export function readNames(inputs: Inputs, own: ReadonlySet<string>, note: Note): void {
  for (const key of ["dnsNames", "ipAddresses"]) {
    if (isUnknown(inputs[key])) note("certificate/name", null, "(all)");
    for (const name of list(inputs[key]).map(String)) {
      if (name.startsWith("*.")) note("certificate/wildcard", { text: "yes", rank: 1 }, name.slice(2));
      else note("certificate/name", { text: "yes", rank: own.has(name) ? 0 : 1 }, name);
    }
  }
  const subject = record(inputs["subject"]);
  note("certificate/subject", hasUnknown(subject) ? null : neutral(commonName(text(subject["commonName"]), own)));
}

function commonName(name: string, own: ReadonlySet<string>): string {
  const ca = /^(.+) (cluster|driver|client) CA g\d+$/.exec(name)?.[1];
  // The health check of a server shows a certificate of its own.
  return own.has(ca ?? name.replace(/-health$/, "")) ? "its own" : name || "none";
}
