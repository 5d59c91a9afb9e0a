/** A ReQL prompt: Node's own, with `r`, where a query is run as soon as it is typed. */
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Recoverable, type REPLEval, start } from "node:repl";
import { inspect } from "node:util";
import { type Context, Script } from "node:vm";
import { type Connection, isCursor, r } from "rethinkdb-ts";
import type { DriverAccess } from "../../core/programs/parts/shared";
import { describe, Failure } from "../lib/failure";
import { Reach, type ReachTarget } from "./findServer";
import { hangUp, logInThrough } from "../cluster/session";

export interface ShellOptions extends ReachTarget, DriverAccess {
  readonly user: string;
  readonly password: string;
}

/** Rows that are shown of one result. */
const SHOWN = 100;

/** @returns when the prompt ends. */
export async function startShell(
  options: ShellOptions,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<void> {
  const session = new ShellSession(options, (server) => output.write(`connected to ${server} as ${options.user}\n`));
  await session.connection();
  const terminal = "isTTY" in output && output.isTTY === true;
  output.write(`r.db("test").tableList() runs at once; .exit or Ctrl-D ends\n`);
  // Node's prompt takes in a whole file at once; here each line waits for the answer to the one before.
  const typing = terminal ? input : new PassThrough();
  const prompt = start({
    prompt: terminal ? "reql> " : "",
    input: typing,
    output,
    terminal,
    preview: false,
    ignoreUndefined: true,
  });
  prompt.context["r"] = r;
  const define = (name: string, get: () => unknown): void => {
    Object.defineProperty(prompt.context, name, { get, enumerable: true });
  };
  define("conn", () => session.current);
  let last = Promise.resolve();
  const answer = async (code: string): Promise<void> => {
    const value: unknown = await evaluate(code, prompt.context);
    const result = isQuery(value) ? await session.run(value) : value;
    if (result === undefined) return;
    output.write(`${inspect(result, { depth: 10, maxArrayLength: SHOWN, colors: terminal })}\n`);
  };
  const own: REPLEval = (code, _context, _file, done) => {
    last = answer(code).then(
      () => {
        done(null, undefined);
      },
      (error: unknown) => {
        // Half a statement: the prompt waits for the rest. The driver's own errors repeat the query after what is wrong.
        if (error instanceof Recoverable) done(error, undefined);
        else {
          output.write(`${String(error).trim()}\n`);
          done(null, undefined);
        }
      },
    );
  };
  (prompt as { eval: REPLEval }).eval = own;
  const ended = new Promise<void>((resolve) => prompt.once("exit", resolve));
  if (typing instanceof PassThrough) {
    for await (const line of createInterface({ input })) {
      typing.write(`${line}\n`);
      await nextTurn();
      await last;
    }
    typing.end();
  }
  await ended;
  await session.close();
}

/** Node's own evaluation hides what a statement throws from who called it. */
function evaluate(code: string, context: Context): unknown {
  const run = (text: string): unknown => new Script(text, { filename: "reql" }).runInContext(context);
  try {
    // An object, and not a block with a label.
    if (/^\s*\{.*\}\s*$/s.test(code)) return run(`(${code})`);
    return run(/\bawait\b/.test(code) ? `(async () => (${code}\n))()` : code);
  } catch (error) {
    // Errors of another context are of no class that is known here.
    const text = String(error);
    if (/SyntaxError: (Unexpected end of input|Unterminated template|missing \) after)/.test(text)) {
      throw new Recoverable(error as Error);
    }
    throw error;
  }
}

interface Query {
  run(connection: Connection): Promise<unknown>;
}

function isQuery(value: unknown): value is Query {
  return (
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    "run" in value &&
    typeof value.run === "function" &&
    "term" in value
  );
}

class ShellSession {
  current: Connection | undefined;
  private readonly reach: Reach;

  constructor(
    private readonly options: ShellOptions,
    connected: (server: string) => void,
  ) {
    this.reach = new Reach(options, connected);
  }

  /** Opens another one when the last is gone: a server may have been restarted. */
  async connection(): Promise<Connection> {
    if (this.current?.open === true) return this.current;
    const { channel, server } = await this.reach.open();
    const attempt = await logInThrough(channel, this.options, 10);
    if (attempt.kind === "open") return (this.current = attempt.connection);
    const { user } = this.options;
    throw new Failure(
      attempt.kind === "refused"
        ? `${server} refuses user "${user}" with this password; if it was changed, run up first`
        : `${server} does not answer: ${attempt.reason}`,
    );
  }

  async run(query: Query): Promise<unknown> {
    const result = await query.run(await this.connection());
    if (!isCursor(result)) return result;
    const rows: unknown[] = [];
    try {
      while (rows.length < SHOWN) rows.push(await result.next());
    } catch (error) {
      if (!/No more rows/.test(describe(error))) throw error;
      return rows;
    }
    await result.close();
    return rows;
  }

  async close(): Promise<void> {
    if (this.current !== undefined) await hangUp(this.current);
  }
}
