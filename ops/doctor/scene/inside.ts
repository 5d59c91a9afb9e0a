/** What a process in a container sees, read in one docker exec as the container's own user. Nothing is written. */
import type { Engine } from "../../docker/engine";
import { firstLine } from "../../lib/text";

export interface Inside {
  /** /proc/1/status. */
  readonly status: string;
  readonly sockets: readonly Listening[];
  /** Every file and folder that its user may write, RethinkDB's own data apart. */
  readonly writable: readonly string[];
  /** /proc/self/mountinfo. */
  readonly mounts: readonly Mount[];
  /** Of /tls and of the top of /data. */
  readonly files: readonly FileFacts[];
  readonly processes: readonly Process[];
  /** Identity, join list and log. */
  readonly texts: string;
  readonly identity: string;
  /** Of the file system of its data; null where it has none. */
  readonly disk: { readonly totalBytes: number; readonly freeBytes: number } | null;
}

export interface Listening {
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
}

export interface Mount {
  readonly at: string;
  readonly readOnly: boolean;
  readonly kind: string;
  readonly source: string;
}

export interface FileFacts {
  readonly path: string;
  /** Octal. */
  readonly mode: string;
  readonly uid: number;
  /** As find says it: f, d, l, … */
  readonly kind: string;
}

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  readonly seconds: number;
  readonly argv: readonly string[];
  /** Null where it may not be read. */
  readonly environment: string | null;
}

const SCRIPT =
  String.raw`
s() { printf '%s ' "$1"; base64 -w0; echo; }
cat /proc/1/status | s status
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | s tcp
cat /proc/net/udp /proc/net/udp6 2>/dev/null | s udp
{ find /tls /data \( -path /data/rethinkdb \) -prune -o ! -type l -writable -print
  find / \( -path /proc -o -path /sys -o -path /tls -o -path /data \) -prune -o ! -type l -writable -print; } 2>/dev/null | head -n 400 | s writable
find /proc/sys /sys -maxdepth 2 ! -type l -writable -print 2>/dev/null | head -n 40 | s kernel
cat /proc/self/mountinfo | s mounts
find /tls /data /socket \( -path '/data/rethinkdb/*' \) -prune -o -printf '%m %U %y %p\n' 2>/dev/null | s files
cat /data/identity 2>/dev/null | s identity
{ cat /data/identity /tls/join.conf; tail -c 4000000 /data/rethinkdb/log_file; } 2>/dev/null | s texts
df --output=size,avail -B1 /data 2>/dev/null | s disk
read -r up _ < /proc/uptime; up="$` +
  String.raw`{up%.*}"
for p in /proc/[0-9]*; do
  read -r line < "$p/stat" || continue
  set -- $` +
  String.raw`{line##*) }
  uid="$(stat -c %u "$p")" || continue
  [ "$` +
  String.raw`{p#/proc/}" = "$$" ] && continue
  printf 'process %s %s %s %s %s %s\n' "$` +
  String.raw`{p#/proc/}" "$2" "$uid" "$((up - $` +
  String.raw`{20} / 100))" \
    "$(base64 -w0 < "$p/cmdline" | grep . || echo -)" "$(base64 -w0 < "$p/environ" 2>/dev/null | grep . || echo -)"
done 2>/dev/null
exit 0`;

/** @returns why it cannot be read, where it cannot. */
export async function lookInside(engine: Engine, container: string): Promise<Inside | string> {
  const outcome = await engine.try(["exec", container, "nice", "-n", "19", "bash", "-c", SCRIPT], "", { seconds: 20 });
  if (outcome.code !== 0 || outcome.stdout === "") {
    return firstLine(outcome.stderr) || firstLine(outcome.stdout) || "docker exec said nothing";
  }
  return readInside(outcome.stdout);
}

export function readInside(printed: string): Inside {
  const rows = printed.split("\n").map((row) => row.split(" "));
  const section = (name: string): string => decode(rows.find(([first]) => first === name)?.[1] ?? "");
  const linesOf = (name: string): readonly string[] => section(name).split("\n").filter(Boolean);
  return {
    status: section("status"),
    sockets: [...readSockets(section("tcp"), "tcp", "0A"), ...readSockets(section("udp"), "udp", "07")],
    writable: [...linesOf("writable"), ...linesOf("kernel")],
    mounts: linesOf("mounts").map(readMount),
    files: linesOf("files").map((line) => {
      const [mode = "", uid = "", kind = "", ...path] = line.split(" ");
      return { mode, uid: Number(uid), kind, path: path.join(" ") };
    }),
    processes: rows
      .filter(([first]) => first === "process")
      .map(([, pid, parent, uid, seconds, argv = "-", environment = "-"]) => ({
        pid: Number(pid),
        parent: Number(parent),
        uid: Number(uid),
        seconds: Number(seconds),
        argv: decode(argv).split("\0").slice(0, -1),
        environment: environment === "-" ? null : decode(environment).replaceAll("\0", "\n"),
      })),
    texts: section("texts"),
    identity: section("identity").trim(),
    disk: readDisk(section("disk")),
  };
}

function decode(text: string): string {
  return text === "-" ? "" : Buffer.from(text, "base64").toString("utf8");
}

function readDisk(text: string): Inside["disk"] {
  const [total = NaN, free = NaN] = (text.split("\n")[1] ?? "").trim().split(/\s+/).map(Number);
  return Number.isFinite(total) && Number.isFinite(free) && total > 0 ? { totalBytes: total, freeBytes: free } : null;
}

/** Docker's own name server has a port of its choice on 127.0.0.11. */
const DOCKER_DNS = "127.0.0.11";

function readSockets(text: string, protocol: Listening["protocol"], listening: string): readonly Listening[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([number, , , state]) => /^\d+:$/.test(number ?? "") && state === listening)
    .map(([, local = ""]) => {
      const [address = "", port = ""] = local.split(":");
      return { protocol, address: readAddress(address), port: parseInt(port, 16) };
    })
    .filter(({ address }) => address !== DOCKER_DNS);
}

/** The kernel writes 32-bit words in the machine's own order. */
function readAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => [6, 4, 2, 0].map((at) => parseInt(word.slice(at, at + 2), 16)));
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.every((byte) => byte === 0)) return "::";
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return "::1";
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join(".");
  return Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  ).join(":");
}

function readMount(line: string): Mount {
  const [before = "", after = ""] = line.split(" - ");
  const words = before.split(" ");
  const [kind = "", source = "", superOptions = ""] = after.split(" ");
  const options = (words[5] ?? "").split(",");
  return {
    at: words[4] ?? "",
    readOnly: options.includes("ro") || superOptions.split(",")[0] === "ro",
    kind,
    source: kind === "ext4" || words[3] !== "/" ? (words[3] ?? "") : source,
  };
}
