/** Declares what all servers share: who the cluster is, its CAs, the judge of the whole fleet, engines and networks. */
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { LABELS } from "../../core/render/labels";
import type { ClusterPlan } from "../../core/plan/cluster";
import type { HostPlan } from "../../core/plan/hosts";
import { planOrder, type ServerOrder, startsAtOnce } from "../../core/plan/order";
import type { HostRef } from "../../core/programs/parts/shared";
import { declareIdentity } from "./identity";
import { keyIdsOf, type OwnCas } from "../pki/ownCas";
import { ownerOf, Pki } from "../pki/pki";
import { leftoverHook, readStanding, readUnreachable } from "../program";
import { ambientEndpoint, declareProvider } from "./dockerProvider";
import type { ClusterContext, HostContext, OperatorPasswordOutputs } from "../context";
import { declareDrain, declareFleet } from "./clusterPrograms";

export function declareContext(
  name: string,
  plan: ClusterPlan,
  secrets: { readonly passwords: pulumi.Output<unknown>; readonly ownCas: OwnCas },
  parent: pulumi.Resource,
): ClusterContext {
  const { passwords, ownCas } = secrets;
  const seeds = declareIdentity(name, plan.operatorGeneration, parent);
  const cluster = { clusterName: plan.clusterName, identity: seeds.identity, image: plan.image, ...hostRefs(plan) };
  const operator = { password: seeds.operatorPassword, previousPassword: seeds.previousOperatorPassword };
  const unreachable = findUnreachable(plan, cluster, operator);
  const order = orderOf(plan, cluster, parent);
  const judge = declareFleet(
    name,
    plan,
    cluster,
    { accepted: passwords, operator, ownCas: keyIdsOf(ownCas), unreachable },
    parent,
  );
  const fleet = declareDrain(name, plan, cluster, operator, judge, parent);
  const pki = new Pki(name, plan, ownCas, fleet, parent);
  const contexts = new Map(
    plan.hosts.map((host) => [host.name, declareHost(name, plan, host, cluster, { fleet, order }, parent)]),
  );
  const on = (host: string): HostContext => {
    const context = contexts.get(host);
    if (context === undefined) throw new Error(`no host "${host}" is declared`);
    return context;
  };
  return {
    name,
    parent,
    plan,
    pki,
    cluster,
    operator: {
      ...operator,
      driverCa: pki.bundle("driver"),
      client: plan.driverClients.length > 0 ? pki.leaf("client", ownerOf("ops", `${plan.clusterName}-ops`)) : null,
    },
    uiSeed: seeds.uiSeed,
    on,
    fleet,
    order,
  };
}

/** Known only while something is done: a preview needs no engine, and the order shows in none. */
async function orderOf(
  { servers, hosts: places, spread }: ClusterPlan,
  { identity, dockerHost, hosts }: ClusterContext["cluster"],
  parent: pulumi.Resource,
): Promise<ServerOrder> {
  const names = servers.map((server) => server.name);
  if (pulumi.runtime.isDryRun()) return planOrder(names, undefined, 1);
  const known = await new Promise<string>((resolve) => identity.apply(resolve));
  const request = { identity: known, dockerHost, ...(hosts === undefined ? {} : { hosts }) };
  const standing = await readStanding(request).catch((error: unknown) => {
    // Of several hosts the fleet's judge says which does not answer, and what it had.
    if (spread) return undefined;
    throw new pulumi.ResourceError((error as Error).message, parent, true);
  });
  return planOrder(names, standing, startsAtOnce(places, ambientEndpoint()));
}

/** Looked for at every run, whether anything else changed or not. A preview needs no host. */
function findUnreachable(
  plan: ClusterPlan,
  cluster: ClusterContext["cluster"],
  operator: OperatorPasswordOutputs,
): pulumi.Output<readonly string[] | undefined> {
  if (!plan.spread || pulumi.runtime.isDryRun()) return pulumi.output(undefined);
  const servers = plan.servers.map(({ name, host }) => ({ name, host }));
  return pulumi
    .all([cluster.identity, operator.password, operator.previousPassword])
    .apply(async ([identity, password, previousPassword]) => {
      const unreachable = await readUnreachable({
        ...cluster,
        identity,
        servers,
        operator: { password, previousPassword },
      });
      return unreachable.length > 0 ? unreachable : undefined;
    });
}

/** How programs find all hosts that are asked. */
function hostRefs({ hosts, spread }: ClusterPlan): { dockerHost: string | null; hosts?: readonly HostRef[] } {
  const alive = hosts.filter(({ lost }) => !lost);
  const dockerHost = alive[0]?.dockerHost ?? null;
  if (!spread) return { dockerHost };
  return {
    dockerHost,
    hosts: alive.map(({ name, dockerHost, certPath, address }) => ({ name, dockerHost, certPath, address })),
  };
}

/** A host's engine and its own network of the cluster. */
function declareHost(
  name: string,
  plan: ClusterPlan,
  host: HostPlan,
  cluster: ClusterContext["cluster"],
  { fleet, order }: Pick<ClusterContext, "fleet" | "order">,
  parent: pulumi.Resource,
): HostContext {
  const { dockerHost, engineSuffix, networkSuffix } = host;
  // The provider waits for ever for an engine that hangs: so it is not begun before the engine has answered once.
  const answered = plan.spread ? [] : order.then(() => []);
  const provider = declareProvider(`${name}-${engineSuffix}`, host, { parent, dependsOn: answered });
  const at = { dockerHost, ...(cluster.hosts === undefined ? {} : { hosts: cluster.hosts }) };
  const options = host.lost ? { retainOnDelete: true, ignoreChanges: ["*"] } : {};
  const network = new docker.Network(
    `${name}-${networkSuffix}`,
    {
      name: plan.network.name,
      driver: "bridge",
      ipamConfigs: [{ subnet: plan.network.subnet, gateway: plan.network.gateway, ipRange: plan.network.dynamicRange }],
      labels: cluster.identity.apply((identity) => [
        { label: LABELS.identity, value: identity },
        { label: LABELS.clusterName, value: plan.clusterName },
      ]),
    },
    {
      ...options,
      parent,
      provider,
      dependsOn: [fleet],
      hooks: { beforeCreate: [leftoverHook(`${name}-${networkSuffix}`, "network", at)] },
    },
  );
  const hookName = `${name}-${networkSuffix.replace("network", "container")}`;
  return { provider, network, containerHook: leftoverHook(hookName, "container", at), dockerHost, options };
}
