/**
 * A whole cluster in this process, for the programs of `ops/`: Docker engines and RethinkDB servers in memory, spoken to
 * through the docker command and over TLS as real ones are.
 */
import { mock } from "node:test";
import { LABELS } from "../../core/render/labels";
import { OPERATOR_RIGHTS } from "../../core/plan/operatorRights";
import type { ClusterRef, HostRef, OperatorLogin } from "../../core/programs/parts/shared";
import { engines } from "../../ops/cluster/hosts";
import { FakeClock } from "./fake/clock";
import { type Answer, fail, type FakeContainer, FakeDockerHost, type FakeVolume } from "./fake/docker";
import { FakeEngine, type Port } from "./fake/engine";
import { Model } from "./fake/model";
import { fakePki, type Signed } from "./fake/pki";
import { evaluate } from "./fake/reql";
import { SystemTables } from "./fake/systemTables";
import { serve } from "./fake/wire";

export const IDENTITY = "0123456789abcdef01234567";
export const OTHER_IDENTITY = "feedfeedfeedfeedfeedfeed";
export const FINGERPRINT = "aaaaaaaaaaaaaaaa";
export const DOCKER_HOST = "tcp://192.0.2.1:2376";
export const ADMIN_PASSWORD = "the admin's password";
export const OPERATOR_PASSWORD = "the operator's password";
export const OPERATOR = "pulumi_operator";

/** How one server meets who connects; everything else of it is the model's and Docker's. */
export interface Door {
  /** `closed`: nothing listens. `frozen`: it listens and says nothing. */
  port: "open" | "closed" | "frozen";
  certificate: Signed;
  /** It demands a certificate of this authority. */
  clientCa: string | undefined;
  /** Asked before each query with its text. */
  meet: (query: string) => "answer" | "silence" | "end";
  /** In place of the cluster's own. */
  passwordOf: ((user: string) => string | undefined) | undefined;
}

export class FakeCluster {
  readonly clock = new FakeClock();
  readonly model = new Model();
  /** Called with the words of each command that opens a channel. */
  onChannel: (args: readonly string[]) => void = () => undefined;
  /** Channels to driver ports that are open. */
  channels = 0;
  /** Lines of progress. */
  readonly said: string[] = [];
  private readonly hosts = new Map<string, FakeDockerHost>();
  private readonly doors = new Map<string, Door>();
  private readonly places = new Map<string, FakeDockerHost>();
  private readonly write = process.stderr.write.bind(process.stderr);

  /** @param names of its servers, on one engine. */
  constructor(names: readonly string[] = ["n0", "n1", "n2"]) {
    mock.method(engines, "connect", (dockerHost: string | null, host?: HostRef) => this.connect(dockerHost, host));
    process.stderr.write = (text: string | Uint8Array): boolean => {
      this.said.push(...String(text).trimEnd().split("\n"));
      return true;
    };
    const { model } = this;
    model.isUp = (server) => this.container(server)?.state === "running" && this.door(server).port !== "closed";
    model.users.set("admin", ADMIN_PASSWORD).set(OPERATOR, OPERATOR_PASSWORD);
    for (const { table, rights } of OPERATOR_RIGHTS) {
      model.permissions.push({
        id: [OPERATOR, "uuid-rethinkdb", `uuid-rethinkdb.${table}`],
        permissions: { ...rights },
      });
    }
    for (const name of names) this.addServer(name);
  }

  /** The engine of a host; the one engine where there are no hosts. */
  host(dockerHost = DOCKER_HOST): FakeDockerHost {
    const known = this.hosts.get(dockerHost) ?? new FakeDockerHost();
    known.web = (_container, words, stdin) => this.web(words, stdin);
    this.hosts.set(dockerHost, known);
    return known;
  }

  addServer(name: string, dockerHost = DOCKER_HOST): Door {
    const host = this.host(dockerHost);
    const pki = fakePki();
    this.model.addServer(name);
    this.places.set(name, host);
    const labels = { [LABELS.clusterName]: "db", [LABELS.server]: name };
    host.addVolume(`db-${name}-data`, labels, {
      identity: `${IDENTITY}/${name}/0`,
      started: "",
      "rethinkdb/metadata": "data",
    });
    host.addVolume(`db-${name}-tls`, labels, {
      "join.conf": "",
      [`${FINGERPRINT}/driver.pem`]: pki.server.certPem,
      [`${FINGERPRINT}/driver-ca.pem`]: pki.ca.certPem,
      [`${FINGERPRINT}/cluster.pem`]: pki.server.certPem,
      [`${FINGERPRINT}/cluster-ca.pem`]: pki.ca.certPem,
    });
    const container = host.addContainer(`db-${name}`, {
      labels: { ...labels, [LABELS.identity]: IDENTITY, [LABELS.spec]: "old" },
      args: ["--driver-tls-cert", `/tls/${FINGERPRINT}/driver.pem`, "--canonical-address", `10.0.0.1${name.slice(1)}`],
      mounts: [
        { Name: `db-${name}-data`, Destination: "/data" },
        { Name: `db-${name}-tls`, Destination: "/tls" },
      ],
      addresses: { db: `10.0.0.1${name.slice(1)}` },
    });
    const door: Door = {
      port: "open",
      certificate: pki.server,
      clientCa: undefined,
      meet: () => "answer",
      passwordOf: undefined,
    };
    this.doors.set(container.name, door);
    return door;
  }

  door(server: string): Door {
    const door = this.doors.get(`db-${server}`);
    if (door === undefined) throw new Error(`the fake has no server ${server}`);
    return door;
  }

  container(server: string): FakeContainer | undefined {
    return this.places.get(server)?.container(`db-${server}`);
  }

  /** Stops or starts it as Docker does, without a command. */
  set(server: string, state: string): void {
    const found = this.container(server);
    if (found !== undefined) found.state = state;
  }

  volume(name: string): FakeVolume | undefined {
    return [...this.hosts.values()].map(({ volumes }) => volumes.get(name)).find((volume) => volume !== undefined);
  }

  /** A note on a server's data volume. */
  note(server: string, name: string): unknown {
    const text = this.volume(`db-${server}-data`)?.files.get(`${name}.json`);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  }

  /** What was changed on all engines, in words. */
  get changes(): readonly string[] {
    return [...this.hosts.values()].flatMap((host) => host.changes);
  }

  /** Lets what was ended end; a channel that stays is of a program that did not hang up. */
  async settleChannels(): Promise<number> {
    for (let turns = 0; this.channels > 0 && turns < 200; turns++) await new Promise((done) => setImmediate(done));
    return this.channels;
  }

  close(): void {
    process.stderr.write = this.write;
    this.clock.close();
  }

  private connect(dockerHost: string | null, host?: HostRef): FakeEngine {
    const port = (container: string, args: readonly string[]): Port => {
      this.onChannel(args);
      return this.portOf(container);
    };
    const stir = (): void => {
      this.clock.stir();
    };
    return new FakeEngine(this.host(dockerHost ?? undefined), port, stir, dockerHost ?? DOCKER_HOST, host);
  }

  private portOf(container: string): Port {
    const door = this.doors.get(container);
    const viewer = container.replace(/^db-/, "");
    return (stream) => {
      if (door === undefined || door.port === "closed") return fail("port 28015 stayed closed", 75);
      this.channels++;
      stream.once("close", () => this.channels--);
      if (door.port === "frozen") return undefined;
      serve(stream, {
        key: door.certificate.keyPem,
        cert: door.certificate.certPem,
        ...(door.clientCa === undefined ? {} : { clientCa: door.clientCa }),
        passwordOf: (user) => (door.passwordOf ?? ((name: string) => this.model.users.get(name)))(user),
        storeOf: (user) => new SystemTables(this.model, viewer, user),
        meet: (query) => {
          this.clock.stir();
          return this.container(viewer)?.state === "paused" ? "silence" : door.meet(query);
        },
      });
      return undefined;
    };
  }

  /** RethinkDB's web API on the loopback of a peer of our own, which is admin. */
  private web(words: readonly string[], stdin: string): Answer {
    if (words.some((word) => word.endsWith("open-new-connection"))) return { code: 0, stdout: "conn\n", stderr: "" };
    const [, query] = JSON.parse(stdin.slice(8)) as [number, unknown];
    const answer = evaluate(query, new SystemTables(this.model, "n0", "admin"));
    return { code: 0, stdout: `\0\0\0\0${JSON.stringify({ t: 1, r: [answer] })}`, stderr: "" };
  }
}

/** Runs `act` on a cluster of these servers, and puts everything back. */
export async function withCluster<T>(
  names: readonly string[],
  act: (cluster: FakeCluster) => Promise<T> | T,
): Promise<T> {
  const cluster = new FakeCluster(names);
  try {
    return await act(cluster);
  } finally {
    cluster.close();
  }
}

/** What every request says of the cluster. */
export const REF: ClusterRef = {
  clusterName: "db",
  identity: IDENTITY,
  image: "rethinkdb:2.4.4",
  dockerHost: DOCKER_HOST,
};

/** How programs log in as the operator. */
export function operatorLogin(more: Partial<OperatorLogin> = {}): OperatorLogin {
  return { password: OPERATOR_PASSWORD, previousPassword: null, driverCa: fakePki().ca.certPem, client: null, ...more };
}
