/** A writer on rethinkdb-ts, beside the one on the official Python driver: it fails over, tries again, and counts. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { PROJECT } from "./checkout";

export interface TsLoadSettings {
  /** Published driver ports, in the order in which a client tries them. */
  readonly ports: readonly number[];
  readonly password: string;
  readonly ca: string;
  /** Table in the database `test`. */
  readonly table: string;
  /** Writes a second. */
  readonly rate: number;
}

export interface TsLoadCount {
  readonly acknowledged: number;
  readonly lost: number;
  /** Seconds between two acknowledged writes, at most. */
  readonly writeGap: number;
}

const SCRIPT = `
const { r } = require("rethinkdb-ts");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const lines = require("node:readline").createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;
(async () => {
  const t = JSON.parse(await next());
  let stopped = false, turn = 0, connection, last = Date.now(), gap = 0, n = 0;
  const acknowledged = [];
  const connect = () => {
    const server = { host: "127.0.0.1", port: t.ports[turn % t.ports.length], tls: true, ca: t.ca };
    return r.connect({ server, user: "admin", password: t.password, timeout: 5, silent: true });
  };
  const drop = async () => {
    const old = connection;
    connection = undefined;
    turn += 1;
    if (old) await old.close({ noreplyWait: false }).catch(() => undefined);
  };
  const run = async () => {
    while (!stopped) {
      try {
        connection ??= await connect();
        const id = "ts" + n;
        const result = await r.db("test").table(t.table).insert({ id }, { conflict: "replace" }).run(connection);
        if (result.errors) throw new Error(result.first_error);
        const now = Date.now();
        [gap, last] = [Math.max(gap, now - last), now];
        acknowledged.push(id);
        n += 1;
        await sleep(1000 / t.rate);
      } catch (error) {
        // A server that refuses the table may serve others; here it is simply left.
        await drop();
        await sleep(10);
      }
    }
  };
  const running = run();
  console.log("started");
  await next();
  stopped = true;
  await running;
  connection ??= await connect();
  let found = 0;
  for (let i = 0; i < acknowledged.length; i += 2000) {
    found += await r.db("test").table(t.table).getAll(...acknowledged.slice(i, i + 2000)).count().run(connection);
  }
  console.log(JSON.stringify({ acknowledged: n, lost: n - found, writeGap: gap / 1000 }));
  process.exit(0);
})();
`;

export class TsLoad {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: AsyncIterator<string>,
  ) {}

  static async start(settings: TsLoadSettings): Promise<TsLoad> {
    const child = spawn(process.execPath, ["-e", SCRIPT], { cwd: PROJECT, stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.write(`${JSON.stringify(settings)}\n`);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.value !== "started") throw new Error(`the writer did not start: ${String(first.value)}`);
    return new TsLoad(child, lines);
  }

  /** Ends it and counts. */
  async stop(): Promise<TsLoadCount> {
    const closed = once(this.child, "close");
    this.child.stdin.write("stop\n");
    const { value } = (await this.lines.next()) as { value?: string };
    await closed;
    if (value === undefined) throw new Error("the writer ended without a count");
    return JSON.parse(value) as TsLoadCount;
  }
}
