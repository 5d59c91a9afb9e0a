/** The shape of every arg. A test holds it to the interfaces of `args.ts`. */
import type { CaArgs, CaPems, GrantArgs, HostArgs, RethinkdbClusterArgs, UserArgs, WebUiArgs } from "./args";
import type { Field, Shape } from "./shape";

const TEXT = { kind: "text" } as const;
const SECRET = { kind: "text", late: true, secret: true } as const;
const NUMBER = { kind: "number" } as const;
const BOOLEAN = { kind: "boolean" } as const;
const REQUIRED = { required: true } as const;

function list(of: Shape): Shape {
  return { kind: "list", of };
}

function map(of: Shape): Shape {
  return { kind: "map", of };
}

function object<T>(fields: Readonly<Record<keyof T & string, Field>>): Shape {
  return { kind: "object", fields };
}

const CA = object<CaArgs>({ issue: NUMBER, trust: list(NUMBER) });
const PEMS = object<CaPems>({ certPem: SECRET, keyPem: SECRET });

const GRANT = object<GrantArgs>({
  db: TEXT,
  table: TEXT,
  read: BOOLEAN,
  write: BOOLEAN,
  connect: BOOLEAN,
  config: BOOLEAN,
});

const USER = object<UserArgs>({ name: { ...TEXT, ...REQUIRED }, grants: list(GRANT) });

const HOST = object<HostArgs>({
  name: { ...TEXT, ...REQUIRED },
  dockerHost: { ...TEXT, ...REQUIRED },
  certPath: TEXT,
  address: TEXT,
  zone: TEXT,
  lost: BOOLEAN,
});

const WEB_UI = object<WebUiArgs>({
  enabled: { ...BOOLEAN, ...REQUIRED },
  publish: TEXT,
  port: NUMBER,
  user: TEXT,
  image: TEXT,
});

/** Of users, by name. */
export const PASSWORDS = { kind: "map", of: SECRET, late: true, secret: true } as const;

export const ARGS = object<RethinkdbClusterArgs>({
  clusterName: { ...TEXT, ...REQUIRED },
  adminPassword: { ...SECRET, ...REQUIRED },
  nodes: NUMBER,
  image: TEXT,
  subnet: TEXT,
  driverPublish: TEXT,
  driverPort: NUMBER,
  driverSans: list(TEXT),
  memoryMiB: NUMBER,
  limitSwap: BOOLEAN,
  cacheSizeMiB: NUMBER,
  certValidityDays: NUMBER,
  certEarlyRenewalDays: NUMBER,
  caValidityDays: NUMBER,
  runAsUid: NUMBER,
  dockerHost: TEXT,
  hosts: list(HOST),
  placement: map(TEXT),
  replacements: map(NUMBER),
  protectSingleReplicaTables: BOOLEAN,
  strictInterruption: BOOLEAN,
  allow: list(TEXT),
  databases: list(TEXT),
  users: list(USER),
  userPasswords: PASSWORDS,
  driverNetworks: list(TEXT),
  webUi: WEB_UI,
  webUiPassword: SECRET,
  clusterCa: CA,
  driverCa: CA,
  clientCa: CA,
  clusterCaPems: map(PEMS),
  driverCaPems: map(PEMS),
  driverClients: list(TEXT),
  renewal: TEXT,
  operatorGeneration: NUMBER,
});
