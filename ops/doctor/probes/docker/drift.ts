/** Containers, networks and volumes against what the stack declares. */
import { containerDrift } from "../../../../core/decide/audit/containerDrift";
import type { DeclaredContainer } from "../../../../core/decide/audit/declared";
import type { Attempt } from "../../../../core/decide/audit/report";
import { LABELS } from "../../../../core/render/labels";
import { found, held, type Probe, tryEach, UP } from "../../probe";
import { type HostScene, isHelper, nameOf } from "../../scene/hostScene";
import { NotTried, type Scene } from "../../scene/scene";

/** Of a long value, what a person needs to see that it differs. */
function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** Two long values from where they part. */
function parted(want: string, have: string): readonly [string, string] {
  if (want.length <= 120 && have.length <= 120) return [want, have];
  let at = 0;
  while (at < want.length && want[at] === have[at]) at++;
  const from = Math.max(0, at - 20);
  const cut = (text: string): string => `${from > 0 ? "…" : ""}${short(text.slice(from))}`;
  return [cut(want), cut(have)];
}

export const CONTAINER_DRIFT: Probe = {
  id: "container-drift",
  line: "by-hand",
  tried:
    "compared each container with what the stack declares: rights, limits, networks, volumes, command line, labels",
  run: (scene) =>
    tryEach(
      scene.declared.containers,
      ({ name }) => name,
      (declared) => {
        const { container } = scene.find(declared);
        const drifts = containerDrift(declared, container);
        if (drifts.length === 0) return held(declared.name, "it is as declared");
        return drifts.map(({ severity, what, want, have }) => {
          const [wanted, live] = parted(want, have);
          return found(declared.name, severity, `${what}: ${live} instead of ${wanted}`, UP);
        });
      },
    ),
};

export const CONTAINERS_RUN: Probe = {
  id: "containers-there",
  line: "by-hand",
  tried: "looked whether each declared container is there and runs",
  run: (scene) =>
    tryEach(
      scene.declared.containers,
      ({ name }) => name,
      (declared) => {
        try {
          scene.findRunning(declared);
          return held(declared.name, "it runs");
        } catch (error) {
          if (!(error instanceof NotTried) || scene.lostHosts.some(({ name }) => name === declared.host)) throw error;
          return found(declared.name, "high", error.message, UP);
        }
      },
    ),
};

function onHosts(scene: Scene, act: (host: HostScene) => Attempt | readonly Attempt[]): Promise<readonly Attempt[]> {
  const lost = scene.lostHosts.map(({ title, trouble }): Attempt => ({
    outcome: "not-tried",
    subject: title,
    reason: trouble,
    essential: true,
  }));
  return tryEach(scene.hosts, ({ title }) => title, act).then((attempts) => [...attempts, ...lost]);
}

export const FOREIGN_CONTAINERS: Probe = {
  id: "foreign-containers",
  line: "by-hand",
  tried: "looked for containers that have the cluster's labels or use its volumes, and that the stack does not declare",
  run: (scene) =>
    onHosts(scene, (host) => {
      const { declared } = scene;
      const names = declared.containers.map(({ name }) => name);
      const strangers = host.containers.filter(
        (container) => !names.includes(nameOf(container)) && !isHelper(container, host),
      );
      const attempts = strangers.flatMap((container): readonly Attempt[] => {
        const volumes = container.Mounts.filter((mount) => declared.volumes.some(({ name }) => name === mount.Name));
        if (volumes.length > 0) {
          const list = volumes.map(({ Name = "" }) => Name).join(", ");
          const severity = volumes.some(({ Name = "", RW }) => RW || !/-socket$/.test(Name)) ? "critical" : "high";
          return [
            found(
              nameOf(container),
              severity,
              `it uses ${list}, which belongs to the cluster`,
              "remove it: docker rm --force " + nameOf(container),
            ),
          ];
        }
        if (container.Config.Labels?.[LABELS.identity] === declared.identity) {
          return [
            found(
              nameOf(container),
              "high",
              "it has the cluster's identity and the stack does not declare it",
              "remove it: docker rm --force " + nameOf(container),
            ),
          ];
        }
        return [];
      });
      const guests = strangers
        .filter((container) => container.NetworkSettings.Networks[declared.network] !== undefined)
        .map(nameOf);
      const seen = `no container but the declared ones${guests.length === 0 ? "" : `; also on the cluster's network: ${guests.join(", ")}`}`;
      return attempts.length > 0 ? attempts : held(host.title, seen);
    }),
};

export const NETWORK_DRIFT: Probe = {
  id: "network-drift",
  line: "by-hand",
  tried: "compared the cluster's Docker network with the declared one",
  run: (scene) =>
    onHosts(scene, (host) => {
      const want = scene.declared.networks.find((network) => network.host === host.name);
      if (want === undefined) throw new NotTried("the stack's state declares no network on it");
      const live = host.network;
      if (live === undefined) return found(want.name, "high", "the network is gone", UP);
      const [config] = live.IPAM.Config ?? [];
      const compared: readonly (readonly [what: string, want: string, have: string])[] = [
        ["the driver", want.driver, live.Driver],
        ["the subnet", want.subnet, config?.Subnet ?? ""],
        ["the gateway", want.gateway, config?.Gateway ?? ""],
        ["the range of addresses", want.ipRange, config?.IPRange ?? ""],
        ["IPv6", "false", String(live.EnableIPv6)],
        ["the identity", scene.declared.identity, live.Labels?.[LABELS.identity] ?? "nothing"],
        ["its options", "{}", JSON.stringify(live.Options ?? {})],
      ];
      const drifts = compared.filter(([, wanted, have]) => wanted !== have);
      return drifts.length === 0
        ? held(want.name, `${live.Driver}, ${want.subnet}`)
        : drifts.map(([what, wanted, have]) =>
            found(
              want.name,
              what === "the driver" || what === "the subnet" ? "high" : "medium",
              `${what} is ${have} instead of ${wanted}`,
              "docs/operations.md: a network is made again with the cluster stopped",
            ),
          );
    }),
};

export const VOLUME_DRIFT: Probe = {
  id: "volume-drift",
  line: "another-stack",
  tried: "looked whether each declared volume is there, is local, and has the cluster's label",
  run: (scene) =>
    tryEach(
      scene.declared.volumes.filter(({ host }) => !scene.lostHosts.some(({ name }) => name === host)),
      ({ name }) => name,
      ({ name, host }) => {
        const live = scene.hosts
          .find((candidate) => candidate.name === host)
          ?.volumes.find(({ Name }) => Name === name);
        if (live === undefined)
          return found(name, "high", "the volume is gone", "docs/operations.md#replace-a-server-whose-data-is-lost");
        if (live.Labels?.[LABELS.clusterName] !== scene.declared.clusterName) {
          return found(
            name,
            "medium",
            `its cluster label says ${live.Labels?.[LABELS.clusterName] ?? "nothing"}`,
            "find out who made it: up and destroy refuse it until then",
          );
        }
        if (live.Driver !== "local" || Object.keys(live.Options ?? {}).length > 0) {
          return found(
            name,
            "medium",
            `it is of the driver ${live.Driver} with the options ${JSON.stringify(live.Options ?? {})}`,
            "find out where its data lies",
          );
        }
        return held(name, "local, and the cluster's");
      },
    ),
};

export const IDENTITY: Probe = {
  id: "identity-labels",
  line: "another-stack",
  tried: "looked whether each container and the network have the cluster's random identity in a label",
  run: async (scene) => [
    ...(await tryEach<DeclaredContainer>(
      scene.declared.containers,
      ({ name }) => name,
      (declared) => {
        const has = scene.find(declared).container.Config.Labels?.[LABELS.identity] ?? "nothing";
        return has === scene.declared.identity
          ? held(declared.name, has)
          : found(
              declared.name,
              "critical",
              `its identity is ${has} instead of ${scene.declared.identity}: another stack has a container of this name`,
              "choose another clusterName for one of the two",
            );
      },
    )),
    ...(await onHosts(scene, ({ network, title }) =>
      network === undefined
        ? found(title, "high", "the network is gone", UP)
        : held(network.Name, network.Labels?.[LABELS.identity] ?? "nothing"),
    )),
  ],
};
