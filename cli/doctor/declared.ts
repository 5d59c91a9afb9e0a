/** Reads what a stack declares of each cluster from its state, exported with its secrets. */
import type { Declared, DeclaredServer, Secret } from "../../core/decide/audit/declared";
import { OPERATOR_RIGHTS } from "../../core/plan/operatorRights";
import { ACCOUNT_FIELDS, ACCOUNTS } from "../../core/programs/accounts";
import { ADMIN } from "../../core/programs/admin";
import { FLEET } from "../../core/programs/fleet";
import type { HostRef } from "../../core/programs/parts/shared";
import { PREPARE } from "../../core/programs/prepare";
import { UI_PREPARE } from "../../core/programs/uiPrepare";
import { LABELS } from "../../core/render/labels";
import type { AccountsRecord } from "../../ops/programs/accounts";
import { byOrdinal } from "../../ops/docker/engine";
import { clustersIn, type ExportedState, recordsIn } from "../stack/state";
import { DockerInputs } from "./dockerInputs";
import { openPartsOf, secretTextsOf } from "./secretTexts";

const SERVER_FIELDS = [
  "clusterName",
  "server",
  "dataVolume",
  "tlsVolume",
  "incarnation",
  "fingerprint",
  "files",
  "uid",
  "dockerHost",
] as const;
const UI_FIELDS = [
  "clusterName",
  "container",
  "publish",
  "user",
  "password",
  "sans",
  "certificate",
  "volume",
  "peerVolume",
  "socketVolume",
  "dockerHost",
] as const;

/** One for each cluster of the stack. */
export function declaredIn(state: ExportedState): readonly Declared[] {
  return clustersIn(state).map((cluster) => declaredCluster(state, cluster));
}

function declaredCluster(state: ExportedState, cluster: ReturnType<typeof clustersIn>[number]): Declared {
  const { clusterName, hosts = [] } = cluster;
  const inputs = new DockerInputs(state, clusterName, hosts);
  const ofCluster = (request: { readonly clusterName: string }): boolean => request.clusterName === clusterName;
  const prepared = recordsIn(state, PREPARE)
    // The web UI's program has the same ending.
    .filter(({ says }) => says("server"))
    .map(({ read }) => read(SERVER_FIELDS))
    .filter(ofCluster);
  const fleet = recordsIn(state, FLEET)
    .map(({ read }) => read(["clusterName", "network", "servers", "driverNetworks"]))
    .find(ofCluster);
  const admin = recordsIn(state, ADMIN)
    .map(({ read }) => read(["clusterName", "operatorRights", "adminPassword"]))
    .find(ofCluster);
  const ui = recordsIn(state, UI_PREPARE)
    .map(({ read }) => read(UI_FIELDS))
    .find(ofCluster);
  const accounts = recordsIn(state, ACCOUNTS)
    .map(({ read, result }) => ({ request: read(ACCOUNT_FIELDS), result }))
    .find(({ request }) => ofCluster(request));
  const containers = inputs.containers(ui?.container);
  const servers = prepared
    .map((server): DeclaredServer => {
      const publish = fleet?.servers.find(({ name }) => name === server.server)?.publish ?? null;
      const container = containers.find(({ labels }) => labels[LABELS.server] === server.server);
      return {
        name: server.server,
        container: container?.name ?? `${clusterName}-${server.server}`,
        host: hostNameOf(hosts, server.dockerHost),
        address: container?.networks.find(({ name }) => name === fleet?.network)?.address ?? "",
        dataVolume: server.dataVolume,
        tlsVolume: server.tlsVolume,
        incarnation: server.incarnation,
        fingerprint: server.fingerprint,
        files: Object.fromEntries(
          Object.entries(server.files).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
        ),
        publish,
      };
    })
    .sort((a, b) => byOrdinal(a.name, b.name));
  const passwords: readonly Secret[] = [
    { what: "the admin password", text: accounts?.request.adminPassword ?? admin?.adminPassword ?? "" },
    { what: "the operator's password", text: cluster.operator.password },
    { what: "the operator's password before", text: cluster.operator.previousPassword ?? "" },
    { what: "the web UI's password", text: ui?.password ?? "" },
    ...Object.entries(accounts?.request.passwords ?? {}).map(([name, text]) => ({
      what: `the password of user ${name}`,
      text,
    })),
  ];
  return {
    ...cluster,
    network: fleet?.network ?? clusterName,
    uid: prepared[0]?.uid ?? 0,
    servers,
    containers,
    networks: inputs.networks(),
    volumes: inputs.volumes(),
    driverNetworks: fleet?.driverNetworks ?? [],
    operatorRights: admin?.operatorRights ?? OPERATOR_RIGHTS,
    accounts: accounts?.request ?? null,
    managedBefore:
      accounts === undefined || accounts.result === "" ? [] : (JSON.parse(accounts.result) as AccountsRecord).users,
    webUi: ui ?? null,
    secrets: [...passwords.filter(({ text }) => text !== ""), ...secretTextsOf(state)],
    openState: openPartsOf(state),
  };
}

/** Empty where there is one engine. */
function hostNameOf(hosts: readonly HostRef[], dockerHost: string | null): string {
  return hosts.find((host) => host.dockerHost === dockerHost)?.name ?? "";
}
