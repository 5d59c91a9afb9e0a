/** The cluster as a whole: its name, its size, its passwords. */
import type { Input } from "@pulumi/pulumi";
import type { Complete } from "./shape/complete";
import { MAX_NODES } from "./constants";
import type { Report } from "./report";
import { judgeImage } from "./values/image";
import { checkPassword } from "./values/password";

export interface ClusterArgs {
  /**
   * Prefix of every Docker name of this cluster (containers, volumes, the network); you cannot change it later. Letters,
   * digits, `.`, `_` and `-`, starting with a letter or digit; at most 57 characters, 56 with the web UI.
   * @config ""
   */
  readonly clusterName: string;

  /**
   * Password of RethinkDB's `admin` account. 1–1024 printable ASCII characters: the official Python driver encodes
   * passwords as latin-1. A plain string is checked before any resource exists, an Output as soon as it is known. It is a
   * secret in the state.
   * @secret
   */
  readonly adminPassword: Input<string>;

  /**
   * Number of servers, 1–64. Raising it adds servers and changes nothing of those that run. Lowering it moves the data off
   * the last servers before they are removed; their data volumes stay. It is refused before anything is touched if a table
   * has more replicas than servers would remain, see `allow`.
   * @default 3
   */
  readonly nodes?: number;

  /**
   * RethinkDB image, version 2.4.3 or newer of the 2.4 series. The owner of a tag can move it. A digest
   * (`rethinkdb:2.4.4-bookworm-slim@sha256:…`) cannot be moved and is recommended: `npx pulumi-rethinkdb pin` writes it.
   * @default "rethinkdb:2.4.4-bookworm-slim"
   * @page operations.md
   */
  readonly image?: string;

  /**
   * Servers whose data is lost, with how often each was replaced: `{ n1: 1 }`. The server gets a new, empty data volume
   * and its place in every table that kept a majority. The other tables are named and not touched. The old volume stays.
   * It is refused while the server still runs with its data. A number can only rise.
   * @default {}
   * @page operations.md
   */
  readonly replacements?: Readonly<Record<string, number>>;

  /**
   * Raise it by one to change the password of the account that the programs of this package use. Restarts nothing. `npm
   * run rotate-operator` does it.
   * @default 1
   */
  readonly operatorGeneration?: number;
}

export function checkCluster(
  args: Complete<ClusterArgs> & { readonly webUi: { readonly enabled: boolean } },
  report: Report,
): void {
  checkClusterName(args.clusterName, args.webUi.enabled, report);
  report.whole("nodes", args.nodes, 1, MAX_NODES);
  if (args.nodes === 2)
    report.warn("nodes: 2 servers survive no failure: either one alone is no majority; use 1, 3 or more");
  if (typeof args.adminPassword === "string") report.take(checkPassword("adminPassword", args.adminPassword));
  report.take(judgeImage(args.image), "image: ");
}

function checkClusterName(name: string, hasWebUi: boolean, report: Report): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    report.error(
      `clusterName: "${name}" cannot prefix a Docker name; use letters, digits, ".", "_" and "-", starting with a letter or digit`,
    );
  } else if (name.length > 57) {
    report.error(
      `clusterName: "${name}" has ${String(name.length)} characters; use 57 or fewer, so that <name>-n63 is a host name`,
    );
  } else if (hasWebUi && name.length > 56) {
    // A Linux host name has 64 characters at most.
    report.error(
      `clusterName: "${name}" has ${String(name.length)} characters; with the web UI use 56 or fewer, so that <name>-ui-peer is a host name`,
    );
  }
}

/** @param names of all servers. */
export function checkReplacements(
  { replacements }: Complete<ClusterArgs>,
  names: readonly string[],
  report: Report,
): void {
  for (const [name, count] of Object.entries(replacements)) {
    if (!names.includes(name)) {
      const gaps = names.at(-1) !== `n${String(names.length - 1)}`;
      const known = gaps ? names.join(", ") : `n0 to n${String(names.length - 1)}`;
      report.error(`replacements.${name}: there is no server "${name}"; they are ${known}`);
    } else report.whole(`replacements.${name}`, count, 0, 1000);
  }
}
