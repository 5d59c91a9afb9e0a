/** Which certificates there are, how long they last, and what is wrong with that. */
import type { CaArg } from "../../args/certificates";

/** A certificate that a running or stopped server presents. */
export interface ServedCertificate {
  readonly server: string;
  /** CA that signed it: `cluster`, `driver` or `client`. */
  readonly purpose: string;
  /** Generation of that CA. */
  readonly generation: number;
  /** ISO 8601. */
  readonly notAfter: string;
}

/** One certificate in use. */
export interface CertificateEntry {
  /** Name of the server or client, or `CA`. */
  readonly owner: string;
  /** Which CA it is, or is signed by: `cluster`, `driver` or `client`. */
  readonly purpose: string;
  /** Generation of that CA. */
  readonly generation: number;
  /** Its end, as an ISO 8601 time. */
  readonly notAfter: string;
  /** On a CA of your own, which this project cannot renew. */
  readonly isOwn?: true;
}

export interface CertificateRow {
  readonly owner: string;
  readonly purpose: string;
  readonly generation: number;
  readonly notAfter: string;
  readonly daysLeft: number;
  /** What to do about it; empty when nothing is. */
  readonly note: string;
}

export const CA_OF = { cluster: "clusterCa", driver: "driverCa", client: "clientCa" } as const satisfies Record<
  string,
  CaArg
>;

export const DAY_MS = 24 * 3600 * 1000;

/** Days before its end from which on a certificate is a problem: the renewal that should have come did not. */
export const LATE_DAYS = 7;

/**
 * Of servers, what they present; of all others, what the stack knows.
 * @param daysUntil of a time, now.
 */
export function listCertificates(
  served: readonly ServedCertificate[],
  known: readonly CertificateEntry[],
  daysUntil: (time: string) => number,
): readonly CertificateRow[] {
  const servers = new Set(served.map(({ server }) => server));
  const ofServers = served.map((certificate): CertificateRow => {
    const { server, purpose } = certificate;
    const wanted = known.find((entry) => entry.owner === server && entry.purpose === purpose);
    const note =
      wanted !== undefined && inSeconds(wanted.notAfter) !== inSeconds(certificate.notAfter)
        ? "a newer one waits for its restart: run up"
        : noteOn(certificate.notAfter, daysUntil, "run up");
    return row({ ...certificate, owner: server }, daysUntil, note);
  });
  const others = known
    .filter(({ owner }) => !servers.has(owner))
    .map((entry) => row(entry, daysUntil, noteOn(entry.notAfter, daysUntil, cureOf(entry))));
  return [
    ...others.filter(({ owner }) => owner === "CA"),
    ...ofServers,
    ...others.filter(({ owner }) => owner !== "CA"),
  ];
}

function cureOf({ owner, purpose, generation, isOwn }: CertificateEntry): string {
  if (owner !== "CA") return "run up";
  if (isOwn) return `give its renewed certificate as ${purpose}CaPems["${String(generation)}"], then run up`;
  return `run renew -- --ca ${purpose}`;
}

function row(entry: CertificateEntry, daysUntil: (time: string) => number, note: string): CertificateRow {
  const { owner, purpose, generation } = entry;
  const notAfter = inSeconds(entry.notAfter);
  return { owner, purpose, generation, notAfter, daysLeft: Math.floor(daysUntil(notAfter)), note };
}

/** The provider has fractions of a second in mind that no certificate holds. */
function inSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}

function noteOn(notAfter: string, daysUntil: (time: string) => number, cure: string): string {
  const days = daysUntil(notAfter);
  if (days < 0) return `ended: ${cure}`;
  return days < LATE_DAYS ? `ends soon: ${cure}` : "";
}
