/** The web UI: a peer without a port of its own, and nginx with a password in front of it. */
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { STOP_SECONDS } from "../args/constants";
import { LABELS } from "../core/render/labels";
import { limitMemory } from "../core/render/memory";
import { fingerprintTls } from "../core/render/tlsFiles";
import { PEER_SCRIPT, renderNginx, renderPeerCommand, uiSecrets } from "../core/render/webUi";
import { WEB_UI_PORT } from "../core/plan/ports";
import type { WebUiPlan } from "../core/plan/webUi";
import type { ClusterContext } from "./context";
import { UI_PREPARE } from "../core/programs/uiPrepare";
import { UI_PRUNE } from "../core/programs/uiPrune";
import { declareProgram, programHook } from "./program";
import { uiHostOf } from "../core/plan/cluster";

/** @param members the UI joins a cluster that is whole. */
export function declareWebUi(
  context: ClusterContext,
  ui: WebUiPlan,
  password: pulumi.Output<string>,
  members: readonly pulumi.Resource[],
): void {
  const { plan, parent, pki } = context;
  const name = `${context.name}-ui`;
  const host = context.on(uiHostOf(plan));
  const cluster = { ...context.cluster, dockerHost: host.dockerHost };
  const inHost = { parent, provider: host.provider };
  const labels = [{ label: LABELS.clusterName, value: plan.clusterName }];
  const volume = (suffix: string, volumeName: string): docker.Volume =>
    new docker.Volume(`${name}-${suffix}`, { name: volumeName, labels }, { ...inHost, dependsOn: [context.fleet] });
  const volumes = [volume("peer-tls", ui.peerVolume), volume("tls", ui.volume), volume("socket", ui.socketVolume)];
  const peerLeaf = pki.leaf("cluster", { name: "ui-peer", commonName: ui.peerContainer, sans: ui.peerSans });
  const leaf = pki.leaf("driver", { name: "ui", commonName: ui.container, sans: ui.sans });
  const clusterCa = pki.bundle("cluster");

  const peerFingerprint = pulumi.all([peerLeaf.certPem, clusterCa]).apply((parts) => fingerprintTls(parts));
  // What is secret of it is the seed's and the password's, and a mark tells nothing of either.
  const mark = pulumi.unsecret(
    pulumi.all([context.uiSeed, password]).apply(([seed, text]) => uiSecrets(seed, text).mark),
  );
  const fingerprint = pulumi
    .all([leaf.certPem, mark])
    .apply(([cert, text]) => fingerprintTls([cert, text, ui.user, renderNginx(ui, "", "")]));
  const prepare = declareProgram(
    context.name,
    UI_PREPARE,
    {
      atFirst: true,
      request: {
        ...cluster,
        uid: plan.runAsUid,
        uiImage: ui.image,
        container: ui.container,
        publish: ui.publish,
        peerVolume: ui.peerVolume,
        volume: ui.volume,
        socketVolume: ui.socketVolume,
        peerFingerprint,
        fingerprint,
        peerFiles: {
          "cluster.key": peerLeaf.keyPem,
          "cluster.pem": peerLeaf.certPem,
          "cluster-ca.pem": clusterCa,
        },
        key: leaf.keyPem,
        certificate: leaf.certPem,
        sans: ui.sans,
        peers: plan.servers.map((server) => server.peer),
        user: ui.user,
        password,
        seed: context.uiSeed,
      },
      shown: { USER: ui.user, PASSWORD_MARK: mark },
    },
    { parent, dependsOn: [context.fleet, ...volumes] },
  );

  const hardened = {
    user: `${String(plan.runAsUid)}:${String(plan.runAsUid)}`,
    networkMode: "bridge",
    networksAdvanced: [{ name: plan.network.name }],
    readOnly: true,
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges"],
    privileged: false,
    init: false,
    restart: "unless-stopped",
    stopTimeout: STOP_SECONDS,
    destroyGraceSeconds: STOP_SECONDS,
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
    labels: cluster.identity.apply((identity) => [...labels, { label: LABELS.identity, value: identity }]),
  };
  const prune = programHook(`${name}-prune`, UI_PRUNE, {
    ...cluster,
    container: ui.container,
    peerContainer: ui.peerContainer,
    peerVolume: ui.peerVolume,
    volume: ui.volume,
    keep: [peerFingerprint, fingerprint],
  });
  const own = `uid=${String(plan.runAsUid)},gid=${String(plan.runAsUid)}`;
  const options = {
    ...inHost,
    replaceOnChanges: ["init", "memory", "memorySwap", "restart", "tmpfs"],
    hooks: { beforeCreate: [host.containerHook], afterCreate: [prune] },
  };
  const peer = new docker.Container(
    `${name}-peer`,
    {
      ...hardened,
      name: ui.peerContainer,
      hostname: ui.peerContainer,
      image: plan.image,
      entrypoints: ["bash", "-c", PEER_SCRIPT, "bash"],
      command: peerFingerprint.apply((print) => [...renderPeerCommand(print)]),
      tmpfs: { "/data": own },
      volumes: [
        { volumeName: ui.peerVolume, containerPath: "/tls", readOnly: true },
        { volumeName: ui.socketVolume, containerPath: "/socket" },
      ],
      ...limitMemory(512, plan.limitSwap),
    },
    { ...options, dependsOn: [host.network, prepare, ...members] },
  );
  const { internal, protocol } = WEB_UI_PORT;
  new docker.Container(
    name,
    {
      ...hardened,
      name: ui.container,
      hostname: ui.container,
      image: ui.image,
      entrypoints: ["nginx"],
      command: fingerprint.apply((print) => ["-e", "stderr", "-c", `/tls/${print}/nginx.conf`, "-g", "daemon off;"]),
      ports: ui.publish ? [{ ip: ui.publish.address, internal, external: ui.publish.port, protocol }] : [],
      tmpfs: { "/tmp": own },
      volumes: [
        { volumeName: ui.volume, containerPath: "/tls", readOnly: true },
        { volumeName: ui.socketVolume, containerPath: "/socket", readOnly: true },
      ],
      ...limitMemory(128, plan.limitSwap),
    },
    { ...options, dependsOn: [host.network, prepare, peer] },
  );
}
