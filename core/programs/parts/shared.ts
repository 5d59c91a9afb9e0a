/** Fields that many requests have. */
import { list, nullable, number, object, optional, orNull, secret, text, type ValueOf, type ValuesOf } from "./fields";

/** A host, as programs find its engine. */
export const hostRef = object({
  name: text,
  dockerHost: nullable(text),
  certPath: orNull(text),
  /** Under which the other hosts reach it. */
  address: orNull(text),
});
export type HostRef = ValueOf<typeof hostRef>;

/** What every program needs to find its cluster. */
export const clusterRef = {
  clusterName: text,
  identity: text,
  image: text,
  /** Of the host it is about, as written by the user; null is the ambient engine. */
  dockerHost: nullable(text),
  /** All hosts that are asked, of a cluster on several. */
  hosts: optional(list(hostRef)),
};
export type ClusterRef = ValuesOf<typeof clusterRef>;

/** What a driver port that asks for a client certificate is shown, PEM each. */
const certificatePair = object({ certPem: text, keyPem: secret });

/** What a TLS connection to a driver port takes. */
export const driverAccess = {
  /** PEM bundle that verifies the driver ports. */
  driverCa: text,
  /** Null where they ask for nothing. */
  client: orNull(certificatePair),
};
export type DriverAccess = ValuesOf<typeof driverAccess>;

const passwords = {
  password: secret,
  /** Of the generation before, in force until a run has got to setting the new one; null in the first. */
  previousPassword: orNull(secret),
};

/** Of the operator, for programs that get everything else from the servers themselves. */
export const operatorPasswords = object(passwords);
export type OperatorPasswords = ValueOf<typeof operatorPasswords>;

export const operatorLogin = object({ ...driverAccess, ...passwords });
export type OperatorLogin = ValueOf<typeof operatorLogin>;

/** Where something is reached. */
export const publish = object({ address: text, port: number });

/** Generations of a CA. */
export const generations = object({ issue: number, trust: list(number) });

/** Names of a certificate. */
export const sans = object({ dnsNames: list(text), ipAddresses: list(text) });
