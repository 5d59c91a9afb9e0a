/** `peers`: writes every server's list of peers. */
import { list, object, optional, text, type ValueOf } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { clusterRef } from "./parts/shared";

const server = object({
  name: text,
  tlsVolume: text,
  peer: text,
  /** Of a cluster on several hosts. */
  host: optional(text),
});
export type PeerServer = ValueOf<typeof server>;

export const PEERS = defineProgram({
  verb: "peers",
  command: { of: "cluster", role: "peers", isGuard: true, shows: ["PEERS"] },
  request: { ...clusterRef, servers: list(server) },
});
export type PeersRequest = RequestOf<typeof PEERS>;
