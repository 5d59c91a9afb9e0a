/** The Commands that belong to the cluster as a whole: the fleet's judge, the accounts, the lists of peers. */
import type { CaArgs } from "../../args/certificates";
import type { local } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { OPERATOR_RIGHTS } from "../../core/plan/operatorRights";
import { type ClusterPlan, isLost, uiHostOf } from "../../core/plan/cluster";
import type { ServerPlan } from "../../core/plan/server";
import { ADMIN } from "../../core/programs/admin";
import { DRAIN, type DrainRequest } from "../../core/programs/drain";
import { FLEET, type FleetRequest, requestPorts } from "../../core/programs/fleet";
import { PEERS } from "../../core/programs/peers";
import type { ClusterContext, OperatorPasswordOutputs } from "../context";
import { declareProgram } from "../program";

/** Judges before everything: what it refuses has touched nothing. */
export function declareFleet(
  name: string,
  plan: ClusterPlan,
  cluster: ClusterContext["cluster"],
  ask: {
    readonly accepted: pulumi.Output<unknown>;
    readonly operator: OperatorPasswordOutputs;
    readonly ownCas: pulumi.Output<FleetRequest["ownCas"]>;
    /** A sentence for each host that does not answer, or undefined: only then is it an input, which changed. */
    readonly unreachable: pulumi.Output<readonly string[] | undefined>;
  },
  parent: pulumi.Resource,
): local.Command {
  return declareProgram(
    name,
    FLEET,
    {
      atFirst: true,
      usesLastResult: true,
      request: {
        ...cluster,
        network: plan.network.name,
        subnet: plan.network.subnet,
        servers: remaining(plan).map((server) => {
          const { publish, ...published } = requestPorts(server);
          const { name: of, container, dataVolume, incarnation } = server;
          return { name: of, container, dataVolume, publish, incarnation, ...published };
        }),
        ...(plan.limitSwap ? {} : { limitSwap: false }),
        ...uiOf(plan),
        ...lostOf(plan),
        unreachable: ask.unreachable,
        allow: plan.allow,
        operator: ask.operator,
        // Nothing is made with a password that is found wrong only when it becomes known.
        passwordAccepted: ask.accepted.apply(() => true),
        cas: { clusterCa: plan.clusterCa, driverCa: plan.driverCa, clientCa: plan.clientCa },
        ownCas: ask.ownCas,
        driverClients: plan.driverClients,
        operatorGeneration: plan.operatorGeneration,
        driverNetworks: plan.servers[0]?.driverNetworks ?? [],
        ...(plan.webUi === null || plan.webUi.publish === null
          ? {}
          : { webUi: { container: plan.webUi.container, publish: plan.webUi.publish } }),
      },
      shown: {
        CLUSTER: plan.clusterName,
        SUBNET: plan.network.subnet,
        SERVERS: plan.servers.map((server) => server.name).join(" "),
        ALLOW: plan.allow.join(" "),
        REPLACEMENTS: replacementsOf(plan),
        CLUSTER_CA: generationsOf(plan.clusterCa),
        DRIVER_CA: generationsOf(plan.driverCa),
        CLIENT_CA: plan.driverClients.length > 0 ? generationsOf(plan.clientCa) : "",
        DRIVER_CLIENTS: plan.driverClients.join(" "),
        ...(plan.spread ? { PLACEMENT: plan.servers.map(({ name: n, host }) => `${n}:${host}`).join(" ") } : {}),
      },
    },
    { parent },
  );
}

/**
 * Moves data off servers that go. Apart from the judge, whose success is recorded before anything moves: so one that was
 * interrupted is asked again, even when the number of servers was set back in between.
 */
export function declareDrain(
  name: string,
  plan: ClusterPlan,
  cluster: ClusterContext["cluster"],
  operator: OperatorPasswordOutputs,
  fleet: local.Command,
  parent: pulumi.Resource,
): local.Command {
  // One of an earlier release says nothing of drains.
  const judged = fleet.stdout.apply((text) => {
    const { leaving = [], run = "", hosts } = JSON.parse(text) as Partial<DrainRequest["judged"]>;
    return { leaving, run, ...(hosts === undefined ? {} : { hosts }) };
  });
  return declareProgram(
    name,
    DRAIN,
    {
      atFirst: false,
      request: {
        ...cluster,
        servers: remaining(plan).map((server) => server.name),
        judged,
        allow: plan.allow,
        operator,
        ...(plan.hosts.some(({ lost }) => lost) ? { lost: lostOf(plan).lost?.servers ?? [] } : {}),
      },
      shown: {
        SERVERS: remaining(plan)
          .map((server) => server.name)
          .join(" "),
      },
    },
    { parent, dependsOn: [fleet] },
  );
}

function generationsOf({ issue, trust }: CaArgs): string {
  return `issue ${String(issue)}, trust ${trust.join(" ")}`;
}

/** Without those on hosts that are given up: these count as drained. */
function remaining(plan: ClusterPlan): readonly ServerPlan[] {
  return plan.servers.filter(({ host }) => !isLost(plan, host));
}

function lostOf(plan: ClusterPlan): Pick<FleetRequest, "lost"> {
  const hosts = plan.hosts.filter(({ lost }) => lost).map(({ name }) => name);
  if (hosts.length === 0) return {};
  return { lost: { hosts, servers: plan.servers.filter(({ host }) => hosts.includes(host)).map(({ name }) => name) } };
}

/** Its volumes are looked at before Docker gives away whatever has their names. */
function uiOf(plan: ClusterPlan): Pick<FleetRequest, "uiVolumes" | "uiHost"> {
  if (plan.webUi === null) return {};
  const { peerVolume, volume, socketVolume } = plan.webUi;
  return {
    uiVolumes: [peerVolume, volume, socketVolume],
    ...(plan.spread ? { uiHost: uiHostOf(plan) } : {}),
  };
}

function replacementsOf(plan: ClusterPlan): string {
  return plan.servers
    .filter(({ incarnation }) => incarnation > 0)
    .map((server) => `${server.name}:${String(server.incarnation)}`)
    .join(" ");
}

/** Needs one running server; its inputs do not grow with their number. */
export function declareAdmin(
  context: ClusterContext,
  adminPassword: pulumi.Output<string>,
  first: Promise<pulumi.Resource>,
): local.Command {
  const { name, plan, parent, cluster, operator } = context;
  return declareProgram(
    name,
    ADMIN,
    {
      atFirst: true,
      usesLastResult: true,
      resultIsSecret: true,
      request: {
        ...cluster,
        network: plan.network.name,
        uid: plan.runAsUid,
        adminPassword,
        operator,
        operatorRights: OPERATOR_RIGHTS,
        operatorGeneration: plan.operatorGeneration,
        // With its data gone, a single server has no accounts either.
        incarnation: plan.servers[0]?.incarnation ?? 0,
      },
    },
    { parent, dependsOn: first },
  );
}

export function declarePeers(context: ClusterContext, members: readonly pulumi.Resource[]): local.Command {
  const { name, plan, parent, cluster } = context;
  const servers = remaining(plan).map((server) => ({
    name: server.name,
    tlsVolume: server.tlsVolume,
    peer: server.peer,
    ...(plan.spread ? { host: server.host } : {}),
  }));
  return declareProgram(
    name,
    PEERS,
    {
      atFirst: true,
      request: { ...cluster, servers },
      shown: { PEERS: servers.map((server) => server.peer).join(" ") },
    },
    { parent, dependsOn: [...members] },
  );
}
