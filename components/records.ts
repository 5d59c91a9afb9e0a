/** The Commands that belong to the cluster as a whole: the fleet's judge, the accounts, the lists of peers. */
import type { local } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { endpoint } from "../core/addresses";
import type { ClusterPlan } from "../core/plan";
import type { Surroundings } from "./cluster";
import { declareProgram } from "./program";

/** Runs before everything: what it refuses has touched nothing. */
export function declareFleet(
  name: string,
  plan: ClusterPlan,
  cluster: Surroundings["cluster"],
  password: pulumi.Output<string>,
  parent: pulumi.Resource,
): local.Command {
  return declareProgram(
    `${name}-fleet`,
    {
      create: "fleet",
      update: "fleet",
      usesLastResult: true,
      request: {
        ...cluster,
        network: plan.network.name,
        subnet: plan.network.subnet,
        servers: plan.servers.map(({ name: server, container, dataVolume, publish }) => ({
          name: server,
          container,
          dataVolume,
          publish,
        })),
        allow: plan.allow,
        // Nothing is made with a password that is found wrong only when it becomes known.
        passwordAccepted: password.apply(() => true),
      },
      shown: {
        CLUSTER: plan.clusterName,
        SUBNET: plan.network.subnet,
        SERVERS: plan.servers.map((server) => server.name).join(" "),
        ALLOW: plan.allow.join(" "),
      },
    },
    { parent },
  );
}

/** Needs one running server; its inputs do not grow with their number. */
export function declareAdmin(
  around: Surroundings,
  adminPassword: pulumi.Output<string>,
  first: pulumi.Resource,
): local.Command {
  const { name, plan, parent, cluster, operator } = around;
  return declareProgram(
    `${name}-admin`,
    {
      create: "admin",
      update: "admin",
      request: { ...cluster, network: plan.network.name, uid: plan.runAsUid, adminPassword, operator },
    },
    { parent, dependsOn: [first] },
  );
}

export function declarePeers(around: Surroundings, members: readonly pulumi.Resource[]): local.Command {
  const { name, plan, parent, cluster } = around;
  const servers = plan.servers.map((server) => ({
    name: server.name,
    tlsVolume: server.tlsVolume,
    peer: endpoint(server.address, server.clusterPort),
  }));
  return declareProgram(
    `${name}-peers`,
    {
      create: "peers",
      update: "peers",
      request: { ...cluster, servers },
      shown: { PEERS: servers.map((server) => server.peer).join(" ") },
    },
    { parent, dependsOn: [...members] },
  );
}
