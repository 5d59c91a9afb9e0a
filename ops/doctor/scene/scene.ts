/** What probes look at and from where they try. Everything is read once, when it is first asked for. */
import { type Connection } from "rethinkdb-ts";
import { DRIVER_PORT } from "../../../args/constants";
import type { ClusterStatus } from "../../../core/decide/availability";
import type { Declared, DeclaredContainer, DeclaredServer } from "../../../core/decide/audit/declared";
import type { Did } from "../../../core/decide/audit/report";
import { needlesOf } from "../../../core/decide/audit/secretSearch";
import { enginesOf } from "../../cluster/hosts";
import { hangUp, type Login, logInThrough } from "../../cluster/session";
import { readStatus } from "../../cluster/status";
import { Failure } from "../../lib/failure";
import { type HostScene, type LostHost, lookAtHost, nameOf } from "./hostScene";
import { type Inside, lookInside } from "./inside";
import type { InspectedContainer } from "./inspected";
import { Places } from "./places";
import type { Vantage } from "../wire/vantage";

/** An attempt could not be made. */
export class NotTried extends Error {
  override readonly name = "NotTried";

  /** @param essential the verdict is not complete without it. */
  constructor(
    reason: string,
    readonly essential = true,
  ) {
    super(reason);
  }
}

export interface Live {
  readonly host: HostScene;
  readonly container: InspectedContainer;
}

/** Lines of a log that are searched. */
const LOG_LINES = "20000";
/** Seconds for which a driver port may stay closed. */
const PATIENCE = 3;

export class Scene {
  readonly here: Vantage;
  readonly needles;
  private readonly places: Places;
  private readonly kept = new Map<string, Promise<unknown>>();
  private logins = 0;
  private execs = 0;

  private constructor(
    readonly declared: Declared,
    /** Folder of the project. */
    readonly project: string,
    readonly hosts: readonly HostScene[],
    readonly lostHosts: readonly LostHost[],
  ) {
    this.places = new Places(declared);
    this.here = this.places.here;
    this.needles = needlesOf(declared.secrets);
  }

  static async open(declared: Declared, project: string): Promise<Scene> {
    const all = await Promise.all(enginesOf(declared).map((host) => lookAtHost(host, declared)));
    return new Scene(
      declared,
      project,
      all.filter((host) => "engine" in host),
      all.filter((host) => "trouble" in host),
    );
  }

  get did(): Did {
    const { connections, helpers } = this.places;
    return { connections, logins: this.logins, helperContainers: helpers, execs: this.execs + this.places.execs };
  }

  close(): void {
    this.places.close();
  }

  /** @throws NotTried where its host does not answer or it is not there. */
  find({ name, host }: Pick<DeclaredContainer, "name" | "host">): Live {
    const lost = this.lostHosts.find((candidate) => candidate.name === host);
    if (lost !== undefined) throw new NotTried(`${lost.title} does not answer: ${lost.trouble}`);
    const scene = this.hosts.find((candidate) => candidate.name === host);
    const container = scene?.containers.find((candidate) => nameOf(candidate) === name);
    if (scene === undefined || container === undefined) throw new NotTried("Docker has no such container");
    return { host: scene, container };
  }

  /** @throws NotTried where it does not run. */
  findRunning(declared: Pick<DeclaredContainer, "name" | "host">): Live {
    const live = this.find(declared);
    const { Status } = live.container.State;
    if (Status !== "running") throw new NotTried(`it is ${Status}`);
    return live;
  }

  server(server: DeclaredServer): Live {
    return this.findRunning({ name: server.container, host: server.host });
  }

  /** @throws NotTried where it cannot be looked into. */
  async inside(declared: Pick<DeclaredContainer, "name" | "host">): Promise<Inside> {
    const { host } = this.findRunning(declared);
    return this.once(`inside ${declared.name}`, async () => {
      this.execs++;
      const found = await lookInside(host.engine, declared.name);
      if (typeof found === "string") throw new NotTried(`it cannot be looked into: ${found}`);
      return found;
    });
  }

  async logs(declared: Pick<DeclaredContainer, "name" | "host">): Promise<string> {
    const { host } = this.find(declared);
    return this.once(`logs ${declared.name}`, async () => {
      const { code, stdout, stderr } = await host.engine.try(["logs", "--tail", LOG_LINES, declared.name]);
      if (code !== 0) throw new NotTried(`docker logs failed: ${stderr.trim().split("\n")[0] ?? ""}`);
      return stdout + stderr;
    });
  }

  /** On the host's own network. */
  async onHost(host: HostScene): Promise<Vantage> {
    return this.from(host, "host", host.name === "" ? "the host" : host.title);
  }

  async onClusterNetwork(host: HostScene): Promise<Vantage> {
    return this.from(host, this.declared.network, `the cluster's network`);
  }

  /** Docker's default network: no container of the cluster is on it. */
  async onForeignNetwork(host: HostScene): Promise<Vantage> {
    return this.from(host, "bridge", `Docker's default network`);
  }

  async onNetwork(host: HostScene, network: string): Promise<Vantage> {
    return this.from(host, network, `the network ${network}`);
  }

  private async from(host: HostScene, network: string, title: string): Promise<Vantage> {
    return this.once(`network ${host.name} ${network}`, () => this.places.onNetwork(host.engine, network, title)).catch(
      notTried(`no container could be started on ${title}`),
    );
  }

  /** As the server's own user, on its loopback too. */
  async insideOf(server: DeclaredServer): Promise<Vantage> {
    const { host } = this.server(server);
    return this.once(`vantage ${server.container}`, () =>
      this.places.inside(host.engine, server.container, `inside ${server.name}`),
    ).catch(notTried("no command could be started in it"));
  }

  /** Where the driver port is reached in every mode: on the server's own loopback. */
  async logIn(server: DeclaredServer, login: Login): Promise<"accepted" | "refused"> {
    return this.session(server, login, (connection) => Promise.resolve(connection !== null)).then((open) =>
      open ? "accepted" : "refused",
    );
  }

  /** @param act gets null where the login is refused. @throws NotTried where the server does not answer. */
  async session<T>(
    server: DeclaredServer,
    login: Login,
    act: (connection: Connection | null) => Promise<T>,
  ): Promise<T> {
    const vantage = await this.insideOf(server);
    return vantage.attempt("127.0.0.1", DRIVER_PORT, async (dialled) => {
      if ("closed" in dialled) throw new NotTried(`its driver port does not answer: ${dialled.closed}`);
      this.logins++;
      const attempt = await logInThrough(dialled.socket, login, PATIENCE);
      if (attempt.kind === "unreached") throw new NotTried(`it does not answer a login: ${attempt.reason}`);
      if (attempt.kind === "refused") return act(null);
      try {
        return await act(attempt.connection);
      } finally {
        await hangUp(attempt.connection);
      }
    });
  }

  /** As admin, on the first server that answers. */
  async asAdmin<T>(act: (connection: Connection, server: DeclaredServer) => Promise<T>): Promise<T> {
    const { accounts, servers, operator } = this.declared;
    if (accounts === null) throw new NotTried("the stack's state has no admin password; run up once");
    const login = { ...access(operator), user: "admin", password: accounts.adminPassword };
    let last = new NotTried("no server answers");
    for (const server of servers) {
      try {
        return await this.session(server, login, (connection) => {
          if (connection !== null) return act(connection, server);
          throw new NotTried("RethinkDB refuses the stack's admin password");
        });
      } catch (error) {
        if (!(error instanceof NotTried)) throw error;
        last = error;
      }
    }
    throw last;
  }

  async status(): Promise<ClusterStatus> {
    return this.once("status", () => this.asAdmin((connection) => readStatus(connection)));
  }

  /** Reads once for all that ask. */
  async once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const before = this.kept.get(key) ?? read();
    this.kept.set(key, before);
    return before as Promise<T>;
  }
}

export function access({ driverCa, client }: Pick<Login, "driverCa" | "client">): Pick<Login, "driverCa" | "client"> {
  return { driverCa, client };
}

function notTried(what: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Failure) throw new NotTried(`${what}: ${error.message}`);
    throw error;
  };
}
