/** What a helper needs to know of a cluster: states, layouts, logs, inspect and versions, without secrets and without data. */
import { X509Certificate } from "node:crypto";
import type { Declared } from "../../core/decide/audit/declared";
import type { AuditReport } from "../../core/decide/audit/report";
import { splitPems } from "../../core/pki/readCa";
import { nameOf } from "../../ops/doctor/scene/hostScene";
import type { InspectedContainer } from "../../ops/doctor/scene/inspected";
import { NotTried, Scene } from "../../ops/doctor/scene/scene";
import { Failure } from "../../ops/lib/failure";
import { writeFileDurably } from "../stack/files";
import { LocalStack } from "../stack/localStack";
import { PulumiCli } from "../stack/pulumiCli";
import type { ExportedState } from "../stack/state";
import { redact } from "./redact";
import { type TarFile, tarGz } from "./tar";

const LEFT_OUT = `What is left out: every password, key and other secret of the stack, one-time passwords in logs, and every row of
data. Names of databases, tables and users are in it, as are addresses of hosts and servers.
`;

export interface BundleOf {
  /** Undefined is the local one. */
  readonly stack: string | undefined;
  readonly state: ExportedState;
  readonly declared: readonly Declared[];
  readonly report: AuditReport;
}

/** For the helper, and for no other user of this machine. */
const MODE = 0o600;

export async function writeBundle(project: string, of: BundleOf, path: string): Promise<void> {
  const pulumi =
    of.stack === undefined ? LocalStack.existing(project, "doctor").pulumi : new PulumiCli(project, process.env);
  const which = of.stack === undefined ? [] : ["--stack", of.stack];
  // Pulumi leaves secrets of the config out by itself.
  const history = await pulumi.read(["stack", "history", "--json", "--page-size", "10", ...which]);
  const files = await gather(project, of.state, of.declared, of.report, history);
  writeFileDurably(path, tarGz(files, Math.floor(Date.now() / 1000)), MODE);
  console.error(
    `Wrote ${path}: ${String(files.length)} files, no secret among them.\nSearched for was each secret of this stack; containers that it does not declare stand there with name, image, networks and mounts only.`,
  );
}

async function gather(
  project: string,
  state: ExportedState,
  all: readonly Declared[],
  audit: AuditReport,
  history: string,
): Promise<readonly TarFile[]> {
  const clusters = await Promise.all(all.map(async (declared) => ofCluster(project, declared)));
  const files: readonly TarFile[] = [
    { name: "README.txt", text: LEFT_OUT },
    { name: "audit.json", text: json(audit) },
    { name: "versions.json", text: json({ node: process.version, platform: process.platform, arch: process.arch }) },
    { name: "updates.json", text: history },
    { name: "resources.json", text: json(resources(state)) },
    ...clusters.flat(),
  ];
  return redact(
    files,
    all.flatMap(({ secrets }) => secrets),
  );
}

/** What the stack made and when, without what it is made of. */
function resources(state: ExportedState): unknown {
  return {
    resources: (state.deployment.resources ?? []).map((resource) => {
      const { urn, type, id, created, modified } = resource as unknown as Readonly<Record<string, unknown>>;
      return { urn, type, id, created, modified };
    }),
    pending: (state.deployment.pending_operations ?? []).map(({ resource }) => resource.urn),
  };
}

async function ofCluster(project: string, declared: Declared): Promise<readonly TarFile[]> {
  const scene = await Scene.open(declared, project);
  const at = (name: string): string => `${declared.clusterName}/${name}`;
  try {
    const hosts = scene.hosts.flatMap(({ name, info, network, volumes, containers }): readonly TarFile[] => {
      const folder = name === "" ? "engine" : `host-${name}`;
      return [
        { name: at(`${folder}/info.json`), text: json(info) },
        { name: at(`${folder}/network.json`), text: json(network ?? null) },
        { name: at(`${folder}/volumes.json`), text: json(volumes) },
        ...containers.map((container) => ({
          name: at(`${folder}/${nameOf(container).slice(0, 40)}.json`),
          text: json(shownOf(container, declared)),
        })),
      ];
    });
    const lost = scene.lostHosts.map(({ name, trouble }) => ({
      name: at(`host-${name}/trouble.txt`),
      text: `${trouble}\n`,
    }));
    const containers = await Promise.all(
      declared.containers.map(async (container) => ({
        name: at(`logs/${container.name}.log`),
        text: await told(scene.logs(container)),
      })),
    );
    const status = { name: at("status.json"), text: await told(scene.status().then(json)) };
    return [
      ...hosts,
      ...lost,
      ...containers,
      status,
      { name: at("certificates.json"), text: json(certificates(declared)) },
    ];
  } finally {
    scene.close();
  }
}

/** Of a container that is not the stack's, such as an app on the cluster's network, only what it has to do with the cluster. */
export function shownOf(container: InspectedContainer, { containers }: Pick<Declared, "containers">): unknown {
  if (containers.some(({ name }) => name === nameOf(container))) return container;
  return {
    name: nameOf(container),
    image: container.Config.Image,
    networks: Object.keys(container.NetworkSettings.Networks),
    mounts: container.Mounts.map(({ Type, Name, Source, Destination, RW }) => ({
      type: Type,
      source: Name ?? Source,
      destination: Destination,
      writable: RW,
    })),
  };
}

/** What cannot be read is said in its place. */
async function told(reading: Promise<string>): Promise<string> {
  return reading.catch((error: unknown) => {
    if (error instanceof NotTried || error instanceof Failure) return `not read: ${error.message}\n`;
    throw error;
  });
}

function certificates({ servers }: Declared): unknown {
  return servers.map(({ name, files }) => ({
    server: name,
    certificates: Object.entries(files)
      .filter(([file]) => file.endsWith(".pem"))
      .flatMap(([file, text]) =>
        splitPems(text).map((pem) => {
          const { subject, issuer, subjectAltName, validFrom, validTo, fingerprint256 } = new X509Certificate(pem);
          return { file, subject, issuer, names: subjectAltName ?? "", validFrom, validTo, fingerprint256 };
        }),
      ),
  }));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
