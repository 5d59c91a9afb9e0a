/** The public contract: what a user of the component can say. */
import type { Input } from "@pulumi/pulumi";

export interface RethinkdbClusterArgs {
  /**
   * Prefix of every Docker name of this cluster: containers, volumes and the network. Fixed for the cluster's life.
   * Letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 57 characters, 56 with the web UI.
   */
  readonly clusterName: string;

  /**
   * Password of RethinkDB's `admin` account, 1–1024 printable ASCII characters (the official Python driver encodes it
   * as latin-1). A plain string is checked before any resource exists, an Output as soon as it is known; either way it
   * is a secret in the state.
   */
  readonly adminPassword: Input<string>;

  /**
   * Number of servers, 1–64. Raising it adds servers and touches nothing else.
   * Lowering it moves the data off the last servers before they go; their data volumes stay. Refused before anything is
   * touched where a table has more replicas than servers would remain, see `allow`.
   * @default 3
   */
  readonly nodes?: number;

  /**
   * RethinkDB image: 2.4.3 or newer of the 2.4 series. A tag can be moved by its owner; a digest
   * (`rethinkdb:2.4.4-bookworm-slim@sha256:…`) can not, and is recommended.
   * @default "rethinkdb:2.4.4-bookworm-slim"
   */
  readonly image?: string;

  /**
   * IPv4 subnet of the cluster's Docker network in CIDR notation. Server `nI` gets the fixed address `subnet + 10 + I`;
   * Docker hands out the upper half to other containers. Fixed for the cluster's life: choose one with room to grow.
   * @default "10.213.0.0/24"
   */
  readonly subnet?: string;

  /**
   * Who reaches the driver ports. An address of the host: they are published there. `network`: only containers on the
   * cluster's Docker network and on `driverNetworks`, as `<clusterName>-nI:28015`. `none`: nobody but a tunnel.
   * `host-address`: on the `address` of each of `hosts`.
   * A public address, and `0.0.0.0` and `::` for every address, need `allow: ["public-driver"]`.
   * Changing it restarts every server, one at a time.
   * @default "127.0.0.1"
   */
  readonly driverPublish?: string;

  /**
   * Port on which the driver port of server `n0` is published; server `nI` is published on `driverPort + I`.
   * @default 28015
   */
  readonly driverPort?: number;

  /**
   * Further host names and IP addresses under which clients reach the servers; each stands in every driver certificate.
   * Changing it restarts every server, one at a time.
   * @default []
   */
  readonly driverSans?: readonly string[];

  /**
   * Memory limit of each server in MiB; `limitSwap` says whether it may swap beyond it. Changing it restarts every server,
   * one at a time.
   * @default 1024
   */
  readonly memoryMiB?: number;

  /**
   * Whether no container may swap beyond its memory limit. `false` is for hosts whose kernel does not count swap (`docker info`:
   * `SwapLimit` false): a server may then fill the host's swap, is slow while it does, and leaves data of the database on that
   * disk. Changing it restarts every server, one at a time.
   * @default true
   */
  readonly limitSwap?: boolean;

  /**
   * RethinkDB's `--cache-size` in MiB, below `memoryMiB`. Changing it restarts every server, one at a time.
   * @default - half of `memoryMiB`
   */
  readonly cacheSizeMiB?: number;

  /**
   * Days for which a server's certificates are valid. RethinkDB does not reload certificates: a renewal restarts each
   * server, one at a time.
   * @default 90
   */
  readonly certValidityDays?: number;

  /**
   * A certificate is renewed by the first `pulumi up` in the last so many days of its life.
   * @default 30
   */
  readonly certEarlyRenewalDays?: number;

  /**
   * Days for which the cluster CA and the driver CA are valid.
   * @default 3650
   */
  readonly caValidityDays?: number;

  /**
   * Numeric user and group id of the server process, 1000 or higher. A uid that no login of the host has keeps local
   * users away from `/proc` and the key files.
   * @default 28015
   */
  readonly runAsUid?: number;

  /**
   * Docker engine, `unix://…` or `ssh://…`. One on `tcp://…` is named in `hosts`, with `certPath`.
   * @default - `DOCKER_HOST`, else the endpoint of the current Docker context, else the engine's own default socket
   */
  readonly dockerHost?: string;

  /**
   * Hosts with a Docker engine each. Several reach each other by `address`, and whether they do is fixed for the cluster's
   * life. A host may be added at any time; one that is taken out must have no server in `placement`.
   * @default []
   */
  readonly hosts?: readonly HostArgs[];

  /**
   * Which host each server is on: `{ n0: "a", n1: "b" }`, as many as `nodes`. `npm run place` proposes and writes it. A
   * server stays where it is; taking one out moves its data off it first.
   * @default {}
   */
  readonly placement?: Readonly<Record<string, string>>;

  /**
   * Servers whose data is lost, with how often they were replaced: `{ n1: 1 }` gives `n1` a new, empty data volume and
   * puts it where it was in every table that kept a majority. The others are named and left alone. The old volume stays.
   * Refused while the server still runs with its data. A number can only rise.
   * @default {}
   */
  readonly replacements?: Readonly<Record<string, number>>;

  /**
   * Copy tables of one replica to another server before theirs restarts, and back afterwards, instead of interrupting
   * them for the length of a restart. Takes the time and the disk of two copies.
   * @default false
   */
  readonly protectSingleReplicaTables?: boolean;

  /**
   * Refuse to restart a server while that interrupts a table, instead of naming the tables.
   * @default false
   */
  readonly strictInterruption?: boolean;

  /**
   * Overrides of guards, each named after what it risks: `public-driver`, `public-cluster-port`, `public-web-ui`, `adopt-data`,
   * `lower-replicas`, `abandon-data`, `lose-majority`, `lose-host`. Shown in every preview while they stand here.
   * @default []
   */
  readonly allow?: readonly string[];

  /**
   * Databases that are made when they are missing. A name taken out of the list drops nothing.
   * @default []
   */
  readonly databases?: readonly string[];

  /**
   * Users and all that they may do. What is not granted here is revoked from them; a user taken out of the list is
   * removed; users that were never in it are left alone.
   * @default []
   */
  readonly users?: readonly UserArgs[];

  /**
   * The password of each of `users`, by user name, 1–1024 printable ASCII characters; a secret in the state. A map of
   * plain strings is checked before any resource exists, an Output as soon as it is known.
   * @default {}
   */
  readonly userPasswords?: Input<Readonly<Record<string, Input<string>>>>;

  /**
   * Existing Docker networks on which containers reach the driver ports too, as `<clusterName>-nI:28015`. Only the
   * driver listens there. Changing it restarts every server, one at a time.
   * @default []
   */
  readonly driverNetworks?: readonly string[];

  /**
   * RethinkDB's web UI behind TLS and a password. Whoever gets in is admin.
   * @default - no web UI
   */
  readonly webUi?: WebUiArgs;

  /**
   * Password of the web UI, 1–72 printable ASCII characters; needed when it is enabled. A secret in the state.
   * @default - none
   */
  readonly webUiPassword?: Input<string>;

  /**
   * Generations of the CA of the cluster ports: which one issues the servers' certificates, and which are trusted. A
   * rotation takes three runs, each legal only after the one before: trust both, `{ issue: 1, trust: [1, 2] }`; issue from
   * the new one, `{ issue: 2, trust: [1, 2] }`; retire the old one, `{ issue: 2, trust: [2] }`. Each restarts every server,
   * one at a time, and `npm run rotate-ca` walks all three. Anything else is refused before a server is touched.
   * @default { issue: 1, trust: [1] }
   */
  readonly clusterCa?: CaArgs;

  /**
   * The same for the CA that clients verify: `driverCaPem` holds both generations in between, and clients have to have it
   * before the second step.
   * @default { issue: 1, trust: [1] }
   */
  readonly driverCa?: CaArgs;

  /**
   * The same for the CA of `driverClients`: clients have to have their new certificates before the third step.
   * @default { issue: 1, trust: [1] }
   */
  readonly clientCa?: CaArgs;

  /**
   * CAs of your own for the cluster ports, by generation: `{ "1": { certPem, keyPem } }`. Generations that are not here are
   * made. Keys are secrets in the state. Plain strings are checked before any resource exists, Outputs as soon as they are
   * known. Whoever holds a certificate of this CA, or of any CA that its root signs, is admin.
   * @default {}
   */
  readonly clusterCaPems?: Readonly<Record<string, CaPems>>;

  /**
   * CAs of your own that sign what clients verify, by generation, as `clusterCaPems`.
   * @default {}
   */
  readonly driverCaPems?: Readonly<Record<string, CaPems>>;

  /**
   * Names of clients that get a certificate, as the secret output `driverClientCertificates`. With the first name the
   * driver ports demand one from everybody, and a password besides; `rethinkdb-dump` and its sisters cannot present one.
   * Changing between none and some restarts every server, one at a time. A name taken out gets no new certificate, but
   * the one it has stays good until it ends: to revoke it, rotate the client CA (`npm run rotate-ca -- client`).
   * @default []
   */
  readonly driverClients?: readonly string[];

  /**
   * `hold` keeps certificates that fall due as they are, for a run that shall do nothing else; said aloud while it stands
   * here, since certificates that end stop the cluster. One that has ended is renewed all the same.
   * @default "auto"
   */
  readonly renewal?: string;

  /**
   * Raise it by one for another password of the account that the programs of this package use. Restarts nothing.
   * @default 1
   */
  readonly operatorGeneration?: number;
}

/** A CA by generations: whole numbers from 1, which only rise. */
export interface CaArgs {
  /** Generation that signs the certificates in use. */
  readonly issue: number;

  /** Generations that are trusted: the one that issues, and during a rotation another one. */
  readonly trust: readonly number[];
}

/** A CA of your own, PEM each. */
export interface CaPems {
  /** Its certificate; where it is an intermediate, followed by those of its issuers up to the root. */
  readonly certPem: Input<string>;

  /** Its private key, P-256 or RSA of at least 2048 bits, not encrypted. */
  readonly keyPem: Input<string>;
}

/** One host with a Docker engine. */
export interface HostArgs {
  /** Name of the host in `placement`: letters, digits and `-`, starting with a letter or digit. */
  readonly name: string;

  /**
   * Its Docker engine: `unix://…`, `ssh://user@host`, or `tcp://…` with `certPath`. The host key of an ssh host must be
   * known already.
   */
  readonly dockerHost: string;

  /**
   * Folder with `ca.pem`, `cert.pem` and `key.pem` for an engine on `tcp://…`, as the docker command takes it.
   * @default - none
   */
  readonly certPath?: string;

  /**
   * Private IPv4 address of the host under which the other hosts reach it. The cluster port of server `nI` is published
   * there, and nowhere else, on port `29015 + I`. Needed with several hosts.
   * @default - servers reach each other on the host's own Docker network, and no other host can ever be added
   */
  readonly address?: string;

  /**
   * Its zone, a server tag of its servers from their first start: letters, digits, `_` and `-`. `npm run place` spreads
   * servers over zones.
   * @default - none
   */
  readonly zone?: string;

  /**
   * The host is gone and will not come back: the deployment asks nothing of it any more. Needs `allow: ["lose-host"]`.
   * @default false
   */
  readonly lost?: boolean;
}

/** RethinkDB's web UI. Changing anything of it restarts no server. */
export interface WebUiArgs {
  /** Whether there is one. */
  readonly enabled: boolean;

  /**
   * Address of the host on which it is published, or `none`: then `npm run ui` leads there. A public one needs
   * `allow: ["public-web-ui"]`, and every address is refused.
   * @default "127.0.0.1"
   */
  readonly publish?: string;

  /**
   * Port on which it is published.
   * @default 8080
   */
  readonly port?: number;

  /**
   * Name to log in with; it has nothing to do with RethinkDB's users.
   * @default "admin"
   */
  readonly user?: string;

  /**
   * Image of nginx, 1.22 or newer, built on Debian.
   * @default "nginx:1.30.6"
   */
  readonly image?: string;
}

/** One user of RethinkDB. */
export interface UserArgs {
  /** Printable ASCII without spaces, `,` and `=`, which drivers do not send as they are. Not `admin`. */
  readonly name: string;

  /**
   * What the user may do; nothing else.
   * @default []
   */
  readonly grants?: readonly GrantArgs[];
}

/**
 * Rights on one table, one database, or every database but RethinkDB's own. In each, `true` grants, `false` denies what
 * a wider grant gives. RethinkDB looks at the table first, then at the database, then at what holds everywhere.
 */
export interface GrantArgs {
  /**
   * Database.
   * @default - every database but `rethinkdb`
   */
  readonly db?: string;

  /**
   * Table of `db`. It must exist already.
   * @default - every table of `db`
   */
  readonly table?: string;

  /**
   * Read documents.
   * @default - as a wider grant says, else no
   */
  readonly read?: boolean;

  /**
   * Write documents.
   * @default - as a wider grant says, else no
   */
  readonly write?: boolean;

  /**
   * Let the servers open http connections for the user (`r.http`). Only without `db`.
   * @default - no
   */
  readonly connect?: boolean;

  /**
   * Make, change and drop tables and indexes; without `db` databases too.
   * @default - as a wider grant says, else no
   */
  readonly config?: boolean;
}
