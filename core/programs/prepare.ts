/** `prepare`: installs one server's keys and certificates, and marks its data volume. */
import { flag, list, number, object, optional, secret, text, type ValueOf } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { clusterRef } from "./parts/shared";

/** PEM each, by the name of the file. */
const files = object({
  "cluster.key": secret,
  "cluster.pem": text,
  "cluster-ca.pem": text,
  "driver.key": secret,
  "driver.pem": text,
  "driver-ca.pem": text,
  "client-ca.pem": optional(text),
  "client.key": optional(secret),
  "client.pem": optional(text),
});

export const PREPARE = defineProgram({
  verb: "prepare",
  command: { of: "server", role: "prepare", isGuard: true, shows: ["SPEC"] },
  request: {
    ...clusterRef,
    server: text,
    dataVolume: text,
    tlsVolume: text,
    incarnation: number,
    uid: number,
    fingerprint: text,
    files,
    /** Whom its very first start joins. */
    seeds: list(text),
    /** Whether it may start on data of an earlier cluster. */
    adopt: flag,
    spec: text,
  },
});
export type PrepareRequest = RequestOf<typeof PREPARE>;

/** What it prints. */
export const prepared = object({
  fingerprint: text,
  spec: text,
  /**
   * Another one whenever the spec is another than at the last run: so a permit that was killed is asked again even when
   * the args were reverted in between.
   */
  run: text,
});
export type Prepared = ValueOf<typeof prepared>;
