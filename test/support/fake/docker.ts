/** One Docker engine in memory: containers, volumes, networks and images, and the commands that programs use of it. */
import { LABELS } from "../../../core/render/labels";
import { execIn } from "./exec";
import { runHelper } from "./helpers";

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FakeContainer {
  readonly name: string;
  readonly id: string;
  labels: Readonly<Record<string, string>>;
  state: string;
  args: readonly string[];
  user: string;
  readonly mounts: readonly { readonly Name: string; readonly Destination: string }[];
  image: string;
  ports: string;
  restartCount: number;
  exitCode: number;
  outOfMemory: boolean;
  health: string;
  /** What RethinkDB printed. */
  stdout: string;
  stderr: string;
  addresses: Readonly<Record<string, string>>;
}

export interface FakeVolume {
  readonly labels: Readonly<Record<string, string>>;
  /** By path below its top. */
  readonly files: Map<string, string>;
}

/** Answers in place of the engine, or hangs. */
export interface Rule {
  readonly when: RegExp;
  readonly then: Partial<Answer> | "hang" | ((args: readonly string[], stdin: string) => Partial<Answer> | undefined);
}

export const ok = (stdout = ""): Answer => ({ code: 0, stdout, stderr: "" });
export const fail = (stderr: string, code = 1): Answer => ({ code, stdout: "", stderr: `${stderr}\n` });

/** Commands that change nothing; `exec` and `run` tell by what they do. */
const LOOKS = /^(ps|logs|version|info|\w+ inspect|\w+ ls|exec|run) /;

export class FakeDockerHost {
  readonly containers: FakeContainer[] = [];
  readonly volumes = new Map<string, FakeVolume>();
  readonly networks = new Map<string, { readonly labels: Readonly<Record<string, string>>; readonly subnet: string }>();
  readonly images = new Map<string, string>();
  readonly rules: Rule[] = [];
  /** Volumes that no helper can read. */
  readonly unreadable = new Set<string>();
  /** Each command, its words joined. */
  readonly commands: string[] = [];
  /** What changed, in words: commands, and what helpers and notes did. */
  readonly changes: string[] = [];
  /** Seconds by which its clock is ahead. */
  clockAhead = 0;
  /** Answers RethinkDB's web API on a container's loopback. */
  web: (container: FakeContainer, words: readonly string[], stdin: string) => Answer = () => fail("nothing listens");

  container(name: string): FakeContainer | undefined {
    return this.containers.find((container) => container.name === name || container.id === name);
  }

  addContainer(name: string, more: Partial<FakeContainer> = {}): FakeContainer {
    const container: FakeContainer = {
      name,
      id: `id of ${name}`,
      labels: {},
      state: "running",
      args: [],
      user: "28015:28015",
      mounts: [],
      image: "image id",
      ports: "",
      restartCount: 0,
      exitCode: 0,
      outOfMemory: false,
      health: "healthy",
      stdout: "",
      stderr: "",
      addresses: {},
      ...more,
    };
    this.containers.push(container);
    return container;
  }

  addVolume(name: string, labels: FakeVolume["labels"] = {}, files: Readonly<Record<string, string>> = {}): FakeVolume {
    const volume = { labels, files: new Map(Object.entries(files)) };
    this.volumes.set(name, volume);
    return volume;
  }

  /** Fails every command that fits. */
  failOn(when: RegExp, stderr: string, code = 1): void {
    this.rules.push({ when, then: { code, stderr: `${stderr}\n` } });
  }

  hangOn(when: RegExp): void {
    this.rules.push({ when, then: "hang" });
  }

  answer(args: readonly string[], stdin: string): Answer | "hang" {
    const line = args.join(" ");
    this.commands.push(line);
    for (const { when, then } of this.rules) {
      if (!when.test(line)) continue;
      const answer = typeof then === "function" ? then(args, stdin) : then;
      if (answer === "hang") return "hang";
      if (answer !== undefined) return { code: 0, stdout: "", stderr: "", ...answer };
    }
    if (!LOOKS.test(`${line} `)) this.changes.push(line);
    return this.obey(args, stdin);
  }

  private obey(args: readonly string[], stdin: string): Answer {
    const [verb = "", second = ""] = args;
    const name = args.at(-1) ?? "";
    switch (verb) {
      case "ps":
        return this.ps(args);
      case "logs": {
        const found = this.container(name);
        return found ? { code: 0, stdout: found.stdout, stderr: found.stderr } : noSuch("container", name);
      }
      case "version":
        return ok("27.0.0\n");
      case "exec":
        return execIn(this, args, stdin);
      case "run":
        return runHelper(this, args, stdin);
      case "stop":
        return this.setState(name, "exited");
      case "start":
      case "unpause":
        return this.setState(name, "running");
      case "pull":
        return fail("manifest unknown");
      case "rm":
        return this.remove(args.slice(1).filter((word) => !word.startsWith("-")));
      case "container":
      case "volume":
      case "network":
      case "image":
        return second === "ls" ? this.list(verb, args) : this.inspect(verb, args.slice(2));
      default:
        return fail(`the fake does not know docker ${verb}`);
    }
  }

  private ps(args: readonly string[]): Answer {
    const filters = args.filter((_, index) => args[index - 1] === "--filter");
    const rows = this.containers.filter((container) =>
      filters.every((filter) => {
        const [, key = "", value = ""] = /^(\w+)=(.*)$/.exec(filter) ?? [];
        if (key === "label") return hasLabel(container.labels, value);
        if (key === "status") return container.state === value;
        return key === "volume" && container.mounts.some(({ Name }) => Name === value);
      }),
    );
    if (args.includes("-aq")) return ok(rows.map(({ id }) => `${id}\n`).join(""));
    const format = args[args.indexOf("--format") + 1] ?? "";
    return ok(rows.map((container) => `${render(format, container)}\n`).join(""));
  }

  private list(kind: string, args: readonly string[]): Answer {
    const filters = args.filter((_, index) => args[index - 1] === "--filter").map((f) => f.replace("label=", ""));
    const all = kind === "volume" ? this.volumes : this.networks;
    const names = [...all].filter(([, { labels }]) => filters.every((filter) => hasLabel(labels, filter)));
    // As docker has it: a table for people, unless names alone are asked for.
    const isBare = args.includes("-q") || args[args.indexOf("--format") + 1] === "{{.Name}}";
    return ok(`${isBare ? "" : "NAME\n"}${names.map(([name]) => `${name}\n`).join("")}`);
  }

  private inspect(kind: string, names: readonly string[]): Answer {
    const found = names.map((name) => this.describe(kind, name));
    const missing = names.find((_, index) => found[index] === undefined);
    return missing === undefined ? ok(JSON.stringify(found)) : noSuch(kind, missing);
  }

  private describe(kind: string, name: string): object | undefined {
    if (kind === "volume") return this.volumes.has(name) ? { Name: name } : undefined;
    if (kind === "image") return this.images.has(name) ? { Id: this.images.get(name) } : undefined;
    if (kind === "network") {
      const network = this.networks.get(name);
      return network && { Name: name, Labels: network.labels, IPAM: { Config: [{ Subnet: network.subnet }] } };
    }
    const found = this.container(name);
    if (found === undefined) return undefined;
    const { state } = found;
    return {
      Id: found.id,
      Image: found.image,
      Args: found.args,
      Mounts: found.mounts,
      RestartCount: found.restartCount,
      Config: { Labels: found.labels, User: found.user },
      State: {
        Status: state,
        // As Docker has it: what starts over or is frozen counts as running.
        Running: ["running", "restarting", "paused"].includes(state),
        Restarting: state === "restarting",
        Paused: state === "paused",
        ExitCode: found.exitCode,
        OOMKilled: found.outOfMemory,
        Health: { Status: found.health },
      },
      NetworkSettings: {
        Networks: Object.fromEntries(Object.entries(found.addresses).map(([net, IPAddress]) => [net, { IPAddress }])),
      },
      HostConfig: { PortBindings: null },
    };
  }

  private setState(name: string, state: string): Answer {
    const found = this.container(name);
    if (found === undefined) return noSuch("container", name);
    found.state = state;
    return ok(`${name}\n`);
  }

  private remove(names: readonly string[]): Answer {
    for (const name of names) {
      const index = this.containers.findIndex((container) => container.name === name || container.id === name);
      if (index < 0) return noSuch("container", name);
      this.containers.splice(index, 1);
    }
    return ok();
  }
}

const noSuch = (kind: string, name: string): Answer => fail(`Error response from daemon: No such ${kind}: ${name}`);

function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const [key = "", value] = wanted.split("=");
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}

function render(format: string, container: FakeContainer): string {
  return format
    .replaceAll(/\{\{\.Label "([^"]+)"\}\}/g, (_, key: string) => container.labels[key] ?? "")
    .replaceAll("{{.Names}}", container.name)
    .replaceAll("{{.State}}", container.state)
    .replaceAll("{{.Ports}}", container.ports);
}

/** What a helper is for, by its label. */
export function helperOf(args: readonly string[]): string {
  const prefix = `${LABELS.helper}=`;
  return args.find((word) => word.startsWith(prefix))?.slice(prefix.length) ?? "";
}
