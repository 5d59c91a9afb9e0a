/**
 * Readers and writers on the official Python driver, as applications have them: they fail over to the next server, try
 * again after 10 ms, and count. Whether every acknowledged write is still there is asked by the driver itself at the end.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { pythonIn } from "./python";

export interface LoadSettings {
  /** Published driver ports, in the order in which a client tries them. */
  readonly ports: readonly number[];
  /** Address of each port; the machine's own loopback by default. */
  readonly hosts?: readonly string[];
  readonly password: string;
  readonly ca: string;
  /** Tables in the database `test`; each gets one writer and one reader. */
  readonly tables: readonly string[];
  /** Operations a second of each writer and each reader. */
  readonly rate: number;
  /** Network namespace in which the clients run; the machine's own by default. */
  readonly netns?: string;
}

export interface TableLoad {
  readonly acknowledged: number;
  /** Acknowledged and not found at the end. */
  readonly lost: number;
  readonly failedWrites: number;
  readonly failedReads: number;
  /** Seconds between two acknowledged writes, at most. */
  readonly writeGap: number;
  readonly readGap: number;
  readonly errors: Readonly<Record<string, number>>;
}

const SCRIPT = `
import json, sys, tempfile, threading, time
from rethinkdb import r
t = json.loads(sys.stdin.readline())
f = tempfile.NamedTemporaryFile("w", suffix=".pem"); f.write(t["ca"]); f.flush()
stop = threading.Event()
def connect(turn):
    at = turn % len(t["ports"])
    return r.connect(host=t.get("hosts", {}) and t["hosts"][at] or "localhost", port=t["ports"][at], password=t["password"], timeout=5, ssl={"ca_certs": f.name})
class Client(threading.Thread):
    def __init__(self, table, act):
        super().__init__(daemon=True)
        self.table, self.act = table, act
        self.done, self.failed, self.gap, self.errors = 0, 0, 0.0, {}
    def run(self):
        turn, c, last, due, n = 0, None, time.monotonic(), time.monotonic(), 0
        while not stop.is_set():
            try:
                if c is None: c = connect(turn)
                self.act(c, n)
                now = time.monotonic()
                self.gap, last, self.done = max(self.gap, now - last), now, self.done + 1
                n += 1
                due = max(due + 1.0 / t["rate"], now - 0.1)
                time.sleep(max(0.0, due - time.monotonic()))
            except Exception as e:
                self.failed += 1
                key = type(e).__name__
                self.errors[key] = self.errors.get(key, 0) + 1
                # A server that refuses one table may serve another: only a lost connection means another server.
                if not isinstance(e, (r.errors.ReqlOpFailedError, r.errors.ReqlOpIndeterminateError)):
                    try:
                        if c is not None: c.close(noreply_wait=False)
                    except Exception: pass
                    c, turn = None, turn + 1
                time.sleep(0.01)
acked = {}
def writer(table):
    acked[table] = []
    def act(c, n):
        # The same id again after a failure: what happened to the first try may be unknown.
        res = r.table(table).insert({"id": "w%d" % n, "n": n}, conflict="replace").run(c)
        if res["errors"]: raise Exception(res["first_error"])
        acked[table].append("w%d" % n)
    return act
def reader(table):
    def act(c, n): r.table(table).get("w0").run(c)
    return act
clients = {name: (Client(name, writer(name)), Client(name, reader(name))) for name in t["tables"]}
for pair in clients.values():
    for client in pair: client.start()
print("started", flush=True)
sys.stdin.readline()
stop.set()
for pair in clients.values():
    for client in pair: client.join(20)
c = connect(0)
out = {}
for name, (w, rd) in clients.items():
    ids = acked[name]
    found = sum(r.table(name).get_all(*ids[i:i + 2000]).count().run(c) for i in range(0, len(ids), 2000))
    errors = dict(w.errors)
    for k, v in rd.errors.items(): errors[k] = errors.get(k, 0) + v
    out[name] = dict(acknowledged=len(ids), lost=len(ids) - found, failedWrites=w.failed, failedReads=rd.failed,
        writeGap=round(w.gap, 3), readGap=round(rd.gap, 3), errors=errors)
print(json.dumps(out), flush=True)
`;

export class Load {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: AsyncIterator<string>,
  ) {}

  /** Returns when every client has started. */
  static async start(settings: LoadSettings): Promise<Load> {
    const { netns, ...asked } = settings;
    const child = start(netns);
    child.stdin.write(`${JSON.stringify(asked)}\n`);
    const lines = linesOf(child.stdout);
    const first = await lines.next();
    if (first.value !== "started") throw new Error(`the load did not start: ${String(first.value)}`);
    return new Load(child, lines);
  }

  /** Ends all clients and counts. */
  async stop(): Promise<Readonly<Record<string, TableLoad>>> {
    this.child.stdin.end("stop\n");
    const closed = once(this.child, "close");
    const { value } = (await this.lines.next()) as { value?: string };
    await closed;
    if (value === undefined) throw new Error("the load ended without a count");
    return JSON.parse(value) as Readonly<Record<string, TableLoad>>;
  }

  /** Ends it without counting. */
  kill(): void {
    this.child.kill("SIGKILL");
  }
}

function start(netns: string | undefined): ChildProcessByStdio<Writable, Readable, null> {
  const [command, ...first] = pythonIn(netns);
  return spawn(command, [...first, "-c", SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
}

async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream) {
    rest += (chunk as Buffer).toString("utf8");
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      yield rest.slice(0, end);
      rest = rest.slice(end + 1);
    }
  }
}
