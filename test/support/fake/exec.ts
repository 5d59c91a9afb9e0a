/** What programs run inside a server's container, done to the files of its volumes in memory. */
import { type Answer, fail, type FakeContainer, type FakeDockerHost, ok } from "./docker";

export function execIn(host: FakeDockerHost, args: readonly string[], stdin: string): Answer {
  const words = [...args.slice(1)];
  while (words[0]?.startsWith("-")) if (words.shift() === "--user") words.shift();
  const [name = "", ...command] = words;
  const container = host.container(name);
  if (container === undefined) return fail(`Error response from daemon: No such container: ${name}`);
  if (container.state !== "running") return fail(`Error response from daemon: container ${name} is ${container.state}`);
  const files = new ContainerFiles(host, container);
  const [program = ""] = command;
  if (program === "cat") {
    const text = files.read(command[1] ?? "");
    return text === undefined ? fail(`cat: ${command[1] ?? ""}: No such file or directory`) : ok(text);
  }
  if (program === "df") return ok("    1B-blocks     Avail\n1000000 400000\n");
  if (program === "curl") return host.web(container, command, stdin);
  if (program === "bash" && command[1] === "-c") return shell(host, container, files, command[2] ?? "", stdin);
  return fail(`the fake does not know exec ${program}`);
}

function shell(
  host: FakeDockerHost,
  container: FakeContainer,
  files: ContainerFiles,
  script: string,
  stdin: string,
): Answer {
  const [, written] = /^cat > (\S+)\.new && sync \S+ && mv \S+ \S+$/.exec(script) ?? [];
  if (written !== undefined) {
    host.changes.push(`write ${written} of ${container.name}: ${stdin}`);
    files.write(written, stdin);
    return ok();
  }
  const [, kept] = /^set -o pipefail; .* \| cat > (\S+)\.new && sync \S+ && mv \S+ \S+ && cat \S+$/.exec(script) ?? [];
  if (kept !== undefined) {
    const text = files.read(kept) || stdin;
    host.changes.push(`write ${kept} of ${container.name}: ${text}`);
    files.write(kept, text);
    return ok(text);
  }
  const [, shown] = /^cat (\S+) 2>\/dev\/null \|\| true$/.exec(script) ?? [];
  if (shown !== undefined) return ok(files.read(shown) ?? "");
  const [, removed] = /^rm -f (\S+)$/.exec(script) ?? [];
  if (removed !== undefined) {
    if (files.read(removed) !== undefined) host.changes.push(`remove ${removed} of ${container.name}`);
    files.remove(removed);
    return ok();
  }
  const [, note] =
    /^if \[ "\$\(cat (\S+) .* = "\[\]" \]; then rm -f \S+; fi; touch \/data\/started && ls \/tls && ls \/data$/.exec(
      script,
    ) ?? [];
  if (note !== undefined) {
    if (files.read(note) === "[]") {
      host.changes.push(`remove ${note} of ${container.name}`);
      files.remove(note);
    }
    if (files.read("/data/started") === undefined) host.changes.push(`write /data/started of ${container.name}`);
    files.write("/data/started", "");
    return ok([...files.list("/tls"), ...files.list("/data")].map((name) => `${name}\n`).join(""));
  }
  if (script === "if [ -e /data/started ]; then echo begun; else echo new; fi") {
    return ok(files.read("/data/started") === undefined ? "new\n" : "begun\n");
  }
  return fail(`the fake does not know the script ${script}`);
}

class ContainerFiles {
  constructor(
    private readonly host: FakeDockerHost,
    private readonly container: FakeContainer,
  ) {}

  private at(path: string): readonly [files: Map<string, string>, key: string] {
    const [, top = "", key = ""] = /^(\/\w+)(?:\/(.*))?$/.exec(path) ?? [];
    const volume = this.container.mounts.find(({ Destination }) => Destination === top)?.Name ?? "";
    return [this.host.volumes.get(volume)?.files ?? new Map(), key];
  }

  read(path: string): string | undefined {
    const [files, key] = this.at(path);
    return files.get(key);
  }

  write(path: string, text: string): void {
    const [files, key] = this.at(path);
    files.set(key, text);
  }

  remove(path: string): void {
    const [files, key] = this.at(path);
    files.delete(key);
  }

  list(path: string): readonly string[] {
    return topNames(this.at(path)[0]);
  }
}

/** Names at the top of a volume. */
export function topNames(files: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...files.keys()].map((path) => path.split("/")[0] ?? ""))].sort();
}
