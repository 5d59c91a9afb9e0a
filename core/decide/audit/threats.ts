/** The lines of the threat table in docs/security.md; a test holds the two together. */

export interface Threat {
  /** Anchor in docs/security.md. */
  readonly id: string;
  readonly attacker: string;
  readonly attack: string;
  readonly stops: string;
}

export const THREATS = [
  {
    id: "http-port",
    attacker: "anyone on the network",
    attack: "http port 8080: everyone who reaches it is admin, without a password",
    stops: "servers run with `--no-http-admin`; nothing listens on 8080",
  },
  {
    id: "cluster-port",
    attacker: "anyone on the network",
    attack: "the cluster port: every peer is admin",
    stops:
      "mutual TLS with a CA that signs nothing else. RethinkDB does not check the host name of a peer, so everyone with a certificate of this CA is a member",
  },
  {
    id: "driver-port",
    attacker: "anyone on the network",
    attack: "the driver port without TLS, or the old handshake, which sends the password in clear",
    stops:
      'TLS 1.2 or newer, always. The port is published on 127.0.0.1 unless you name one address; a public address, or every address, needs `allow: ["public-driver"]`',
  },
  {
    id: "open-ports",
    attacker: "anyone on the network",
    attack: "a port that is open and that the stack does not declare",
    stops: "servers listen on the driver and the cluster port alone; Docker publishes the declared ports alone",
  },
  {
    id: "middle",
    attacker: "a server in the middle",
    attack: "pretends to a client that it is one of our servers",
    stops: "clients verify the certificate against the driver CA and the name or address that they dialled",
  },
  {
    id: "r-http",
    attacker: "an app with `connect`",
    attack: "`r.http` to the web API of a server",
    stops: "no server has a web API",
  },
  {
    id: "escape",
    attacker: "an app that escapes from `r.js`",
    attack: "writes what the server process can write",
    stops:
      "the root file system is read-only; the server cannot change its keys, certificates, join list and identity; every security option is in argv, which overrides a file",
  },
  {
    id: "first-second",
    attacker: "anyone who connects in the first second",
    attack: "an empty admin password",
    stops:
      "every server, also the first, starts with `--initial-password auto`. This one-time password stops working when the real one is set, before a second server starts",
  },
  {
    id: "local-user",
    attacker: "a local user of the host, not in the docker group",
    attack: "`ps`, `/proc`, volumes",
    stops: "no secret in argv, environment or labels; a uid that no login has; keys have mode 0400",
  },
  {
    id: "process",
    attacker: "a compromised server process",
    attack: "the container",
    stops: "capabilities dropped, `no-new-privileges`, read-only root, memory limit, its own network",
  },
  {
    id: "web-ui",
    attacker: "anyone who reaches the web UI",
    attack: "no password, a guessed one, or a page of another site that uses the browser's session",
    stops:
      "nginx asks for a password over TLS, slows guessing down, refuses a foreign Host and Origin, and gives a session cookie that no script and no other site can use",
  },
  {
    id: "account-rights",
    attacker: "a user with rights that the stack does not give",
    attack: "reads, writes or grants more than the stack says",
    stops: "accounts are code: what was changed by hand is drift, and the next `up` puts it back",
  },
  {
    id: "by-hand",
    attacker: "anyone who uses Docker on a host by hand",
    attack: "`docker update`, `network connect`, `exec`, or another container on our volumes weakens what was declared",
    stops: "`up` makes what is declared; `doctor` names what differs from it",
  },
  {
    id: "engine",
    attacker: "anyone who reaches the Docker engine",
    attack: "the engine's API: everyone who uses it is root",
    stops: "a local socket, ssh with a checked host key, or TLS; never TCP in clear",
  },
  {
    id: "another-stack",
    attacker: "another stack, a second clone, lost state",
    attack: "the same `clusterName` on the same engine",
    stops:
      "containers and the network have the cluster's random identity in a label, data volumes have it inside; anything that does not match is refused",
  },
  {
    id: "foreign-volume",
    attacker: "an empty, cloned or foreign data volume",
    attack: "starts under a known address, which can make every other server exit",
    stops:
      "the first process of a container compares the volume's identity at every start; loopback is one of each server's canonical addresses",
  },
  {
    id: "foreign-data",
    attacker: "a volume with other data under one of our names",
    attack: "the deployment starts on it, or deletes it",
    stops:
      "the fleet check looks into each volume before Docker uses it, and says what lies there. A destroy and a shrink delete nothing that this project did not put there",
  },
  {
    id: "time",
    attacker: "time",
    attack: "a certificate ends, a clock is wrong, a disk is full",
    stops: "`up` renews certificates in their last 30 days; `doctor` says what is left, and names what is near its end",
  },
] as const satisfies readonly Threat[];

export type ThreatId = (typeof THREATS)[number]["id"];
