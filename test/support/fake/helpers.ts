/** What throw-away containers do to volumes, by the label that says what each is for. */
import { lookLine } from "../volumeLook";
import { type Answer, fail, type FakeDockerHost, type FakeVolume, helperOf, ok } from "./docker";
import { topNames } from "./exec";

interface Task {
  readonly host: FakeDockerHost;
  readonly volumes: readonly { readonly name: string; readonly volume: FakeVolume }[];
  readonly script: string;
  readonly args: readonly string[];
  readonly stdin: string;
}

export function runHelper(host: FakeDockerHost, args: readonly string[], stdin: string): Answer {
  const mounts = args.filter((_, index) => args[index - 1] === "--volume").map((mount) => mount.split(":"));
  const names = mounts.map(([name = ""]) => name);
  const broken = names.find((name) => host.unreadable.has(name));
  if (broken !== undefined) return fail(`${broken}: Input/output error`);
  const volumes = names.map((name) => {
    // As docker run does with a name that it does not know.
    if (!host.volumes.has(name)) host.changes.push(`make volume ${name}`);
    return { name, volume: host.volumes.get(name) ?? host.addVolume(name) };
  });
  const [script = "", , ...rest] = args.slice(args.indexOf("-c") + 1);
  const helper = helperOf(args);
  const act = HELPERS[helper];
  if (act === undefined) return fail(`the fake does not know the helper ${helper}`);
  return act({ host, volumes, script, args: args.includes("-c") ? rest : args, stdin });
}

const HELPERS: Readonly<Record<string, (task: Task) => Answer>> = {
  left,
  identity: ({ volumes }) => ok(volumes.map(({ volume: { files } }) => lookAt(files)).join("")),
  chown: ({ host, volumes, args }) => {
    host.changes.push(`give ${volumes[0]?.name ?? ""} to ${args[0] ?? ""}`);
    return ok();
  },
  prune: ({ host, volumes, args }) => {
    host.changes.push(`prune ${volumes[0]?.name ?? ""}: ${args.join(" ")}`);
    const files = volumes[0]?.volume.files ?? new Map<string, string>();
    for (const path of files.keys()) if (args.includes(path.split("/")[0] ?? "")) files.delete(path);
    return ok();
  },
  certificates: ({ host, volumes, args }) => {
    const wanted = [...(volumes[0]?.volume.files ?? [])].filter(
      ([path]) => path === "join.conf" || (path.startsWith(`${args[0] ?? ""}/`) && path.endsWith(".pem")),
    );
    const lines = wanted.map(([path, text]) => `${path.split("/").at(-1) ?? ""} ${encode(text)}\n`);
    return ok(`${String(Math.floor(Date.now() / 1000) + host.clockAhead)}\n${lines.join("")}`);
  },
  version: () => ok("rethinkdb 2.4.4 (GCC 12.2.0)\n"),
  recovery: ({ host }) => {
    host.changes.push("start a peer of our own");
    return ok(`${host.addContainer("recovery").id}\n`);
  },
};

function left({ host, volumes, script, args }: Task): Answer {
  const note = (what: string): void => {
    host.changes.push(`${what} ${volumes.map(({ name }) => name).join(" ")}`);
  };
  if (script.includes("printf")) {
    note("mark");
    for (const { volume } of volumes) volume.files.set("left", args[0] ?? "");
    return ok();
  }
  if (script.includes("echo yes")) {
    const has = ({ volume: { files } }: Task["volumes"][number]): boolean =>
      files.has("left") || files.has("leaving.json");
    return ok(volumes.map((volume) => (has(volume) ? "yes\n" : "no\n")).join(""));
  }
  if (script.includes("rm -f")) {
    note("unmark");
    for (const { volume } of volumes) volume.files.delete("left");
    return ok();
  }
  return ok(volumes[0]?.volume.files.get("left") ?? "");
}

function lookAt(files: ReadonlyMap<string, string>): string {
  const hasData = [...files.keys()].some((path) => path.startsWith("rethinkdb/"));
  return lookLine({ says: files.get("identity") ?? "", names: topNames(files), hasData });
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}
