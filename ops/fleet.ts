/**
 * Judges a change of the whole fleet before any part of it: nothing of someone else's is in the way, new servers have
 * their ports and addresses, and no server that still holds data would go.
 */
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { endpoint, overlaps } from "../core/addresses";
import { LABELS } from "../core/labels";
import type { FleetRequest, FleetServer } from "../core/requests";
import { Engine } from "./engine";
import { Failure } from "./failure";
import { Progress } from "./progress";
import { readIdentities } from "./volumes";

/** What the last run of this program accepted; the next one is compared with it. */
interface FleetRecord {
  readonly clusterName: string;
  readonly subnet: string;
  readonly servers: readonly string[];
}

interface NetworkInspect {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly IPAM: { readonly Config: readonly { readonly Subnet?: string }[] | null };
}

export async function fleet(request: FleetRequest): Promise<FleetRecord> {
  const record = {
    clusterName: request.clusterName,
    subnet: request.subnet,
    servers: request.servers.map((s) => s.name),
  };
  const engine = new Engine(request.dockerHost);
  const before = previousRecord();
  const problems = compareWithRecord(before, record);
  const containers = await readContainers(engine);
  const mine = containers.filter((c) => c.identity === request.identity);

  // What Docker has and what the last run was told: either may know of a server that the other does not.
  const known = new Set([...(before?.servers ?? []), ...mine.map((c) => c.server)]);
  const leaving = [...known].filter((name) => !record.servers.includes(name));
  if (leaving.length > 0) problems.push(lowerCount(leaving));

  const fresh = request.servers.filter((server) => !mine.some((c) => c.server === server.name));
  const foreign = containers.filter((c) => c.identity !== request.identity && isNameOf(request.clusterName, c.name));
  if (foreign.length > 0) {
    problems.push(
      `clusterName: "${request.clusterName}" is taken on this engine by ${foreign.map((c) => c.name).join(", ")}, ` +
        `which another stack made, or this one before its state was lost; choose another clusterName, or restore that state`,
    );
  }
  problems.push(...(await checkNetworks(engine, request)));
  if (foreign.length === 0) {
    problems.push(...(await checkPorts(engine, request, containers)));
    // Before the image is fetched: a refusal should not cost a download.
    throwIfAny(problems);
    await ensureImage(engine, request.image);
    problems.push(...(await checkVolumes(engine, request, fresh)));
  }
  throwIfAny(problems);
  return record;
}

function throwIfAny(problems: readonly string[]): void {
  if (problems.length > 0) throw new Failure(problems.join("\n"));
}

function previousRecord(): FleetRecord | undefined {
  const text = process.env["PULUMI_COMMAND_STDOUT"];
  return text ? (JSON.parse(text) as FleetRecord) : undefined;
}

function compareWithRecord(before: FleetRecord | undefined, now: FleetRecord): string[] {
  if (before === undefined) return [];
  const problems: string[] = [];
  const fixed = (key: "clusterName" | "subnet"): void => {
    if (before[key] !== now[key]) {
      problems.push(
        `${key}: is "${before[key]}" for this cluster's whole life and cannot become "${now[key]}"; ` +
          `set it back, or make a second stack and move the data with rethinkdb dump and restore`,
      );
    }
  };
  fixed("clusterName");
  fixed("subnet");
  return problems;
}

function lowerCount(leaving: string[]): string {
  const inOrder = leaving.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  return `nodes: ${inOrder.join(", ")} would go and may hold the only copy of data; nothing was touched; raise nodes again`;
}

interface ContainerRow {
  readonly name: string;
  readonly identity: string;
  readonly server: string;
  readonly ports: string;
}

async function readContainers(engine: Engine): Promise<readonly ContainerRow[]> {
  const format = `{{.Names}}\t{{.Label "${LABELS.identity}"}}\t{{.Label "${LABELS.server}"}}\t{{.Ports}}`;
  return (await engine.lines(["ps", "-a", "--format", format])).map((line) => {
    const [name = "", identity = "", server = "", ports = ""] = line.split("\t");
    return { name, identity, server, ports };
  });
}

function isNameOf(clusterName: string, container: string): boolean {
  return container.startsWith(`${clusterName}-n`) && /^\d+$/.test(container.slice(clusterName.length + 2));
}

async function checkNetworks(engine: Engine, request: FleetRequest): Promise<readonly string[]> {
  const ids = await engine.lines(["network", "ls", "-q"]);
  const networks =
    ids.length === 0 ? [] : (JSON.parse(await engine.run(["network", "inspect", ...ids])) as NetworkInspect[]);
  const problems: string[] = [];
  const isMine = (network: NetworkInspect): boolean => network.Labels?.[LABELS.identity] === request.identity;
  const sameName = networks.find((network) => network.Name === request.network);
  if (sameName && !isMine(sameName)) {
    problems.push(
      `clusterName: this engine already has a network "${request.network}" that is not this cluster's; choose another clusterName`,
    );
  }
  for (const network of networks) {
    const subnet = network.IPAM.Config?.find((config) => overlaps(config.Subnet ?? "", request.subnet))?.Subnet;
    if (subnet !== undefined && network !== sameName) {
      problems.push(
        `subnet: ${request.subnet} overlaps Docker network "${network.Name}" (${subnet}); choose another subnet`,
      );
    }
  }
  if (engine.isLocal && sameName === undefined && problems.length === 0) {
    for (const [name, addresses] of Object.entries(networkInterfaces())) {
      const hit = addresses?.find((address) => overlaps(address.cidr ?? "", request.subnet));
      if (hit)
        problems.push(
          `subnet: ${request.subnet} overlaps ${name} of this host (${hit.cidr ?? ""}); choose another subnet`,
        );
    }
  }
  return problems;
}

/**
 * A port that a server has already is its own; one that another server of ours has is taken: servers are replaced one
 * after the other, so ports cannot be exchanged between them.
 */
async function checkPorts(
  engine: Engine,
  request: FleetRequest,
  containers: readonly ContainerRow[],
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { name, container, publish } of request.servers) {
    if (publish === null) continue;
    const own = containers.find((c) => c.name === container);
    if (own && publishes(own.ports, publish.address, publish.port)) continue;
    const where = endpoint(publish.address, publish.port);
    const holder = containers.find((c) => c.name !== container && publishes(c.ports, publish.address, publish.port));
    const busy = holder
      ? `container "${holder.name}"`
      : engine.isLocal
        ? await whyNotFree(publish.address, publish.port)
        : undefined;
    if (busy === "no such address") {
      problems.push(`driverPublish: ${publish.address} is not an address of this host; name one of its own, or "none"`);
      break;
    }
    if (busy !== undefined)
      problems.push(`driverPort: ${where} for ${name} is in use by ${busy}; choose another driverPort`);
  }
  return problems;
}

/** @param ports as `docker ps` prints them: `127.0.0.1:28015->28015/tcp, …` */
export function publishes(ports: string, address: string, port: number): boolean {
  return ports.split(", ").some((entry) => {
    // Newer engines print IPv6 addresses in brackets.
    const match = /^\[?(.*?)\]?:(\d+)(?:-(\d+))?->/.exec(entry);
    if (!match) return false;
    const [, host = "", low = "", high = low] = match;
    const every = ["0.0.0.0", "::", ""];
    const sameAddress = host === address || every.includes(host) || every.includes(address);
    return sameAddress && port >= Number(low) && port <= Number(high);
  });
}

async function whyNotFree(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve("another program");
      // Ports below 1024 are not ours to try, and the engine's to publish.
      else if (error.code === "EACCES") resolve(undefined);
      else if (error.code === "EADDRNOTAVAIL" || error.code === "EINVAL") resolve("no such address");
      else reject(error);
    });
    server.listen({ host: address, port, exclusive: true }, () =>
      server.close(() => {
        resolve(undefined);
      }),
    );
  });
}

async function ensureImage(engine: Engine, image: string): Promise<void> {
  if ((await engine.inspect("image", image)) !== undefined) return;
  const progress = new Progress("image");
  progress.say(`pulling ${image}`);
  const outcome = await engine.try(["pull", "--quiet", image]);
  if (outcome.code !== 0) {
    throw new Failure(
      `image: ${image} is not on this engine and cannot be pulled: ${outcome.stderr.trim().split("\n")[0] ?? ""}`,
    );
  }
}

/** A data volume without a container: left by a destroyed cluster, or by an `up` that was killed. */
async function checkVolumes(
  engine: Engine,
  request: FleetRequest,
  fresh: readonly FleetServer[],
): Promise<readonly string[]> {
  const existing = new Set(await engine.lines(["volume", "ls", "--format", "{{.Name}}"]));
  const kept = fresh.filter((server) => existing.has(server.dataVolume));
  if (kept.length === 0) return [];
  const identities = await readIdentities(
    engine,
    request.image,
    kept.map((server) => server.dataVolume),
  );
  const old = kept.filter((_, index) => {
    const text = identities[index] ?? "";
    return text !== "" && text.split("/")[0] !== request.identity;
  });
  if (old.length === 0 || request.allow.includes("adopt-data")) return [];
  return [
    `data volumes of an earlier cluster "${request.clusterName}" are still here: ${old.map((s) => s.dataVolume).join(", ")}; ` +
      `start on them with allow: ["adopt-data"], or delete them with npm run destroy -- --volumes (docker volume rm)`,
  ];
}
