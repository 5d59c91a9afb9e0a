/** One server: its volumes, its certificates put in place, its container, and the wait until it is a member. */
import type { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { LABELS } from "../../core/render/labels";
import type { ServerPlan } from "../../core/plan/server";
import { LEAVE, MEMBER } from "../../core/programs/member";
import { MAKE_WAY, PERMIT, type PermitResult } from "../../core/programs/permit";
import { PREPARE, type Prepared } from "../../core/programs/prepare";
import { specHash } from "../../core/render/specHash";
import { type ClientFileName, fingerprintTls, type TlsFileName } from "../../core/render/tlsFiles";
import type { ClusterContext } from "../context";
import { ownerOf, type Pki } from "../pki/pki";
import { declareProgram, programHook } from "../program";
import { containerSpec } from "./container";

/**
 * The provider changes these in place, all servers at once, or reports a change and does nothing; as replacements they
 * go through the permit, one server at a time.
 */
const REPLACE_ON = ["healthcheck", "init", "memory", "memorySwap", "restart", "tmpfs"];

export interface ServerSteps {
  readonly container: docker.Container;
  /** Declares the wait for membership; apart from the container, since the first server's accounts come in between. */
  readonly declareMember: (after: readonly pulumi.Resource[]) => local.Command;
}

/** @param after what has to be done before this server may be touched. */
export function declareServer(
  context: ClusterContext,
  server: ServerPlan,
  after: Promise<readonly pulumi.Resource[]>,
): ServerSteps {
  const { plan, parent, pki, operator } = context;
  const name = `${context.name}-${server.name}`;
  const host = context.on(server.host);
  const cluster = { ...context.cluster, dockerHost: host.dockerHost };
  const inHost = { ...host.options, parent, provider: host.provider };
  const asked = { ...host.options, parent };
  // With several hosts a network goes with its host, and then a server may go only when it has left.
  const deletedWith = plan.spread ? context.fleet : host.network;

  const labels = [
    { label: LABELS.clusterName, value: plan.clusterName },
    { label: LABELS.server, value: server.name },
  ];
  // Inputs of the data volume can never change: any change would replace it. It outlives the stack.
  const data = new docker.Volume(
    server.incarnation === 0 ? `${name}-data` : `${name}-data-${String(server.incarnation)}`,
    { name: server.dataVolume, labels },
    { ...inHost, retainOnDelete: true, dependsOn: [context.fleet] },
  );
  const tls = new docker.Volume(
    `${name}-tls`,
    { name: server.tlsVolume, labels },
    { ...inHost, dependsOn: [context.fleet] },
  );

  const files = tlsMaterial(pki, server);
  const publicParts = Object.entries(files).filter(([file]) => !file.endsWith(".key"));
  const fingerprint = pulumi
    .all(publicParts.map(([, pem]) => pem))
    .apply((parts) => fingerprintTls([...parts, String(plan.runAsUid)]));

  const spec = containerSpec(plan, server, cluster.identity, fingerprint);
  const hash = pulumi.output(spec).apply(specHash);
  const prepare = declareProgram(
    name,
    PREPARE,
    {
      atFirst: true,
      usesLastResult: true,
      request: {
        ...cluster,
        server: server.name,
        dataVolume: server.dataVolume,
        tlsVolume: server.tlsVolume,
        incarnation: server.incarnation,
        uid: plan.runAsUid,
        fingerprint,
        files,
        seeds: server.seeds,
        adopt: plan.allow.includes("adopt-data"),
        spec: hash,
      },
      shown: { SPEC: hash },
    },
    { ...asked, dependsOn: [context.fleet, data, tls] },
  );

  const stop = {
    ...cluster,
    server: server.name,
    container: server.container,
    dataVolume: server.dataVolume,
    uid: plan.runAsUid,
    spec: hash,
    prepared: prepare.stdout.apply((text) => JSON.parse(text) as Prepared),
    allow: plan.allow,
    ...plan.restarts,
    operator,
  };
  const permit = declareProgram(
    name,
    PERMIT,
    { atFirst: false, request: stop, shown: { SPEC: hash } },
    { ...asked, dependsOn: pulumi.output(after).apply((steps) => [prepare, ...steps]) },
  );

  const isAbsent = async (): Promise<boolean> => (await context.order).absent.includes(server.name);
  const container = new docker.Container(
    name,
    {
      ...spec,
      labels: [...spec.labels, { label: LABELS.spec, value: hash }],
    },
    {
      ...inHost,
      dependsOn: [host.network, data, tls, prepare, permit],
      replaceOnChanges: REPLACE_ON,
      // Created before the old one is deleted: so the hook is asked before a container goes, whatever the reason.
      deleteBeforeReplace: false,
      // One without a container when the run began leaves nothing to clear; Docker refuses a name that was taken since.
      hooks: { beforeCreate: [programHook(`${name}-way`, MAKE_WAY, stop, isAbsent)] },
    },
  );

  const declareMember = (alsoAfter: readonly pulumi.Resource[]): local.Command =>
    declareProgram(
      name,
      MEMBER,
      {
        atFirst: true,
        delete: LEAVE,
        request: {
          ...cluster,
          server: server.name,
          container: server.container,
          tlsVolume: server.tlsVolume,
          fingerprint,
          incarnation: server.incarnation,
          missing: permit.stdout.apply((text) => missingBefore(text)),
          operator,
        },
        shown: { CONTAINER: container.id, PERMIT: permit.stdout },
      },
      { ...asked, dependsOn: [container, ...alsoAfter], deletedWith },
    );
  return { container, declareMember };
}

type TlsOutputs = Readonly<
  Record<TlsFileName, pulumi.Output<string>> & Partial<Record<ClientFileName, pulumi.Output<string>>>
>;

/** In this order the public ones name their directory. */
function tlsMaterial(pki: Pki, server: ServerPlan): TlsOutputs {
  const { name, container } = server;
  const cluster = pki.leaf("cluster", { name, commonName: container, sans: server.clusterSans });
  const driver = pki.leaf("driver", { name, commonName: container, sans: server.driverSans });
  const client = server.demandsClientCertificate ? pki.leaf("client", ownerOf(name, `${container}-health`)) : null;
  return {
    "cluster.key": cluster.keyPem,
    "cluster.pem": cluster.certPem,
    "cluster-ca.pem": pki.bundle("cluster"),
    "driver.key": driver.keyPem,
    "driver.pem": driver.certPem,
    "driver-ca.pem": pki.bundle("driver"),
    ...(client && {
      "client-ca.pem": pki.bundle("client"),
      "client.key": client.keyPem,
      "client.pem": client.certPem,
    }),
  };
}

/** A permit that was never asked printed nothing. */
function missingBefore(permit: string): readonly string[] {
  return permit === "" ? [] : ((JSON.parse(permit) as Partial<PermitResult>).missing ?? []);
}
