/** What is on one engine, and whether its servers can be created there. */
import { DEFAULTS } from "../../args/shape/schema";
import { type EngineVerdict, judgeEngine } from "../../core/decide/dockerEngine";
import { LABELS } from "../../core/render/labels";
import type { WantedPort } from "../../core/decide/preflight";
import type { PublishPlan } from "../../core/plan/publish";
import { type FleetRequest, type FleetServer, portsOf } from "../../core/programs/fleet";
import type { Engine } from "../docker/engine";
import type { HostEngine } from "../cluster/hosts";
import { readEngine } from "./engine";
import { checkVersion, ensureImage } from "./image";
import { checkNetworks } from "./networks";
import { checkPorts, publishes } from "./ports";
import { checkVolumes } from "./volumes";

export interface ContainerRow {
  readonly name: string;
  readonly identity: string;
  readonly server: string;
  readonly ports: string;
  readonly state: string;
}

export class HostJudge {
  /** Servers that should be on it. */
  readonly wanted: readonly FleetServer[];

  private constructor(
    /** Empty where there is one engine. */
    readonly name: string,
    readonly engine: Engine,
    readonly containers: readonly ContainerRow[],
    private readonly request: FleetRequest,
  ) {
    this.wanted = request.servers.filter(({ place }) => (place?.host ?? "") === name);
  }

  static async meet({ name, engine }: HostEngine, request: FleetRequest): Promise<HostJudge> {
    return new HostJudge(name, engine, await readContainers(engine), request);
  }

  private get own(): readonly ContainerRow[] {
    return this.containers.filter((c) => c.identity === this.request.identity && c.server !== "");
  }

  /** Names of this cluster's servers that it has. */
  get ownServers(): readonly string[] {
    return this.own.map(({ server }) => server);
  }

  /** What the engine itself is, and whether it can do what servers need of it. */
  async checkEngine(): Promise<EngineVerdict> {
    const { which, wanted, ownServers, request } = this;
    const found = await readEngine(this.engine);
    const places = { which, getsServers: wanted.length > 0, hasServers: ownServers.length > 0 };
    return judgeEngine({ ...found, ...places }, request.limitSwap ?? DEFAULTS.limitSwap);
  }

  /** Names, networks and ports. */
  async checkSurroundings(): Promise<readonly string[]> {
    const { engine, request, containers } = this;
    const foreign = containers.filter((c) => c.identity !== request.identity && isNameOf(request.clusterName, c.name));
    const problems: string[] = [];
    if (foreign.length > 0) {
      problems.push(
        `clusterName: "${request.clusterName}" is taken on ${this.which} by ${foreign.map((c) => c.name).join(", ")}, ` +
          `which another stack made, or this one before its state was lost; choose another clusterName, or restore that state`,
      );
    }
    problems.push(...(await checkNetworks(engine, request, this.which)));
    if (foreign.length === 0)
      problems.push(...(await checkPorts(engine, this.wanted, containers, request.hosts === undefined, this.webUi)));
    return problems;
  }

  /** Fetches it where it is missing. */
  async checkImage(): Promise<readonly string[]> {
    const { engine, request } = this;
    const image = await ensureImage(engine, request.image, this.which);
    return checkVersion(engine, request.image, image, this.own);
  }

  async checkVolumes(): Promise<readonly string[]> {
    const fresh = this.wanted.filter((server) => !this.ownServers.includes(server.name));
    const { uiVolumes = [], uiHost = "" } = this.request;
    const hasUi = this.containers.some(({ name }) => name === `${this.request.clusterName}-ui`);
    return checkVolumes(this.engine, this.request, fresh, uiHost === this.name && !hasUi ? uiVolumes : []);
  }

  /** The tls volume is the last that goes of a server. */
  async stillLeaving(names: readonly string[]): Promise<readonly string[]> {
    if (names.length === 0) return [];
    const volumes = await this.engine.lines(["volume", "ls", "--format", "{{.Name}}"]);
    return names.filter((name) => volumes.includes(`${this.request.clusterName}-${name}-tls`));
  }

  /** Under which the other hosts reach it. */
  get address(): string {
    return this.request.hosts?.find(({ name }) => name === this.name)?.address ?? "";
  }

  get startsServers(): boolean {
    return this.wanted.some(({ name }) => !this.ownServers.includes(name));
  }

  /** Whether the cluster's network stands already. */
  get hasNetwork(): boolean {
    return this.own.length > 0;
  }

  /** What no container of the server publishes yet. */
  get portsWanted(): readonly WantedPort[] {
    return this.wanted.flatMap((server) => {
      const own = this.containers.find((row) => row.name === server.container);
      const has = ({ at }: { readonly at: PublishPlan }): boolean =>
        own !== undefined && (own.state === "restarting" || publishes(own.ports, at.address, at.port));
      return portsOf(server)
        .filter((port) => !has(port))
        .map(({ name, at }) => ({ server: server.name, name, ...at }));
    });
  }

  /** It is on the first host. */
  private get webUi(): FleetRequest["webUi"] {
    const { hosts, webUi } = this.request;
    return hosts === undefined || hosts[0]?.name === this.name ? webUi : undefined;
  }

  private get which(): string {
    return this.name === "" ? "this engine" : `the engine of host "${this.name}"`;
  }
}

async function readContainers(engine: Engine): Promise<readonly ContainerRow[]> {
  const format = `{{.Names}}\t{{.Label "${LABELS.identity}"}}\t{{.Label "${LABELS.server}"}}\t{{.Ports}}\t{{.State}}`;
  const rows = (await engine.lines(["ps", "-a", "--format", format])).map((line) => {
    const [name = "", identity = "", server = "", ports = "", state = ""] = line.split("\t");
    return { name, identity, server, ports, state };
  });
  // Docker lists the newest first, and servers that start side by side have no order of their own.
  return rows.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

function isNameOf(clusterName: string, container: string): boolean {
  return container.startsWith(`${clusterName}-n`) && /^\d+$/.test(container.slice(clusterName.length + 2));
}
