/** Whose a volume is, by what lies on it. Only what this project filled is ever started on or deleted. */
import { volumeIdentity } from "../render/entryScript";

/** What was found on a volume. */
export interface VolumeLook {
  /** Text of the identity that lies beside the data; empty where there is none. */
  readonly says: string;
  /** Names at its top. */
  readonly names: readonly string[];
  /** Whether RethinkDB's own folder has files. */
  readonly hasData: boolean;
}

/** What this project puts at the top of a data volume, and what a file system brings along. */
const OF_DATA = /^(identity|started|rethinkdb|(handover|leaving|moves)\.json)(\.new)?$|^lost\+found$/;
/** The same of a tls volume, of a server or of the web UI. */
const OF_TLS = /^[0-9a-f]{16}(\.new)?$|^join\.conf(\.new)?$|^left$|^lost\+found$/;
/** The same of the volume of the web UI's socket. */
const OF_SOCKET = /^(\.keep|http\.sock)$|^lost\+found$/;
/** Left by a preparation that was interrupted: nothing of a server's. */
const BEGUN = /^(rethinkdb|rethinkdb\.new|identity\.new|lost\+found)$/;

export type VolumeKind = "data" | "tls" | "socket";

/** Names at the top of a volume that this project did not put there. */
export function foreignNames(kind: VolumeKind, names: readonly string[]): readonly string[] {
  const known = { data: OF_DATA, tls: OF_TLS, socket: OF_SOCKET }[kind];
  return names.filter((name) => !known.test(name)).sort();
}

/** Nothing of a server is on it, nor of anyone else. */
export function isEmptyVolume({ says, names, hasData }: VolumeLook): boolean {
  return says === "" && !hasData && names.every((name) => BEGUN.test(name));
}

/** `identity/server/incarnation`, as this project writes it. */
function readIdentity(
  says: string,
): { readonly identity: string; readonly server: string; readonly incarnation: number } | undefined {
  const [, identity = "", server = "", incarnation = ""] = /^([0-9a-f]{24})\/(n\d+)\/(\d+)$/.exec(says) ?? [];
  return identity === "" ? undefined : { identity, server, incarnation: Number(incarnation) };
}

export interface VolumeOwner {
  readonly identity: string;
  readonly server: string;
  readonly incarnation: number;
}

export interface DataVerdict {
  /** What lies there, in words that end a sentence about the volume. */
  readonly holds: string;
  /** An earlier cluster's data of the same server: it may be started on where `adopt-data` says so. */
  readonly adoptable: boolean;
}

/** @returns why a server may not simply start on a data volume; undefined when it is its own or empty. */
export function judgeDataVolume(look: VolumeLook, wanted: VolumeOwner): DataVerdict | undefined {
  const { says, names } = look;
  if (says === volumeIdentity(wanted.identity, wanted.server, wanted.incarnation) || isEmptyVolume(look))
    return undefined;
  const no = (holds: string): DataVerdict => ({ holds, adoptable: false });
  if (says === "") return no(`holds ${listNames(names)} and no identity, so this project did not fill it`);
  const found = readIdentity(says);
  if (found === undefined) return no(`says "${says.slice(0, 80)}", which this project never wrote`);
  const { identity, server, incarnation } = found;
  if (identity === wanted.identity) {
    return no(
      server === wanted.server
        ? `holds data of ${server} that was given up or is not made yet (replacement ${String(incarnation)}, and ${String(wanted.incarnation)} is wanted)`
        : `holds this cluster's own data of ${server}`,
    );
  }
  if (server !== wanted.server) return no(`holds data of ${server} of an earlier cluster`);
  return { holds: `holds data of ${server} of an earlier cluster`, adoptable: true };
}

export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${String(names.length - 5)} more` : shown;
}
