/** `fleet`: judges the cluster as a whole before anything is touched. */
import { type PortPlan, publishedOf } from "../plan/ports";
import type { ServerPlan } from "../plan/server";
import { flag, list, map, nullable, number, object, optional, text, type ValueOf } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { clusterRef, generations, operatorPasswords, publish } from "./parts/shared";

const place = object({ host: text, zone: nullable(text), clusterPublish: publish });
export type ServerPlace = ValueOf<typeof place>;

const server = object({
  name: text,
  container: text,
  dataVolume: text,
  publish: nullable(publish),
  /** Counts the data volumes that were given up under this name. */
  incarnation: number,
  /** Of a cluster on several hosts. */
  place: optional(place),
  /** Published beside driver and cluster port. */
  ports: optional(list(object({ name: text, at: publish }))),
});
export type FleetServer = ValueOf<typeof server>;

/** All ports that a server publishes. */
export function portsOf(
  server: Pick<FleetServer, "publish" | "place" | "ports">,
): readonly Pick<PortPlan, "name" | "at">[] {
  const { publish: driver, place: at, ports = [] } = server;
  return [
    ...(driver === null ? [] : [{ name: "driver", at: driver }]),
    ...(at === undefined ? [] : [{ name: "cluster", at: at.clusterPublish }]),
    ...ports,
  ];
}

/** The other way round. Driver and cluster port stand where they always stood: another place would ask every cluster anew. */
export function requestPorts({
  ports,
  host,
  zone,
}: Pick<ServerPlan, "ports" | "host" | "zone">): Pick<FleetServer, "publish" | "place" | "ports"> {
  const clusterPublish = publishedOf(ports, "cluster");
  const others = ports
    .filter(({ name }) => name !== "driver" && name !== "cluster")
    .map(({ name, at }) => ({ name, at }));
  return {
    publish: publishedOf(ports, "driver"),
    ...(clusterPublish && { place: { host, zone, clusterPublish } }),
    ...(others.length > 0 && { ports: others }),
  };
}

export const FLEET = defineProgram({
  verb: "fleet",
  command: {
    of: "cluster",
    role: "fleet",
    isGuard: true,
    shows: [
      "CLUSTER",
      "SUBNET",
      "SERVERS",
      "ALLOW",
      "REPLACEMENTS",
      "CLUSTER_CA",
      "DRIVER_CA",
      "CLIENT_CA",
      "DRIVER_CLIENTS",
      "PLACEMENT",
    ],
  },
  request: {
    ...clusterRef,
    network: text,
    subnet: text,
    servers: list(server),
    /** Said only where swap is not limited. */
    limitSwap: optional(flag),
    allow: list(text),
    operator: operatorPasswords,
    /** Nothing is made with a password that is found wrong only when it becomes known. */
    passwordAccepted: flag,
    /** Where the web UI is published, if it is: on the first host. */
    webUi: optional(object({ container: text, publish })),
    /** Networks that must exist. */
    driverNetworks: list(text),
    cas: object({ clusterCa: generations, driverCa: generations, clientCa: generations }),
    /** Names the keys of the user's own CAs, by arg and generation. */
    ownCas: map(map(text)),
    driverClients: list(text),
    operatorGeneration: number,
    /** What to say of hosts that do not answer; then nothing is judged. */
    unreachable: optional(list(text)),
    /** Of the web UI, where there is one, and the name of its host where there are several. */
    uiVolumes: optional(list(text)),
    uiHost: optional(text),
    /** Hosts that are given up, and their servers. */
    lost: optional(object({ hosts: list(text), servers: list(text) })),
  },
});
export type FleetRequest = RequestOf<typeof FLEET>;
