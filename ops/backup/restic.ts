/** The restic command: it takes its repository and password from its own environment, and this project sees neither. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { type Outcome, outcomeOf, textOf } from "../lib/child";
import { Failure } from "../lib/failure";

/** The oldest that the tests ran with. */
const OLDEST = [0, 14] as const;
const INSTALL = "install it: apt-get install restic, or see https://restic.net";
const REPOSITORY = ["RESTIC_REPOSITORY", "RESTIC_REPOSITORY_FILE"] as const;
const PASSWORD = ["RESTIC_PASSWORD_FILE", "RESTIC_PASSWORD_COMMAND", "RESTIC_PASSWORD"] as const;

export class Restic {
  private readonly env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv = process.env) {
    const kept = Object.entries(env).filter(([key]) => !key.startsWith("PULUMI_") && key !== "RETHINKDB_PASSWORD");
    this.env = Object.fromEntries(kept);
  }

  /** @throws Failure, one sentence with the cure, where restic, its settings or its repository do not fit. */
  async check(): Promise<string> {
    const { code, stdout } = await this.try(["version"]);
    const [, version = "", major = "", minor = ""] = /^restic ((\d+)\.(\d+)\S*)/.exec(stdout) ?? [];
    if (code !== 0 || version === "") throw new Failure(`backup: restic does not say its version; ${INSTALL}`);
    const isOld = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
    if (isOld) throw new Failure(`backup: restic ${version} is too old; use ${OLDEST.join(".")} or newer: ${INSTALL}`);
    const isSet = (name: string): boolean => (this.env[name] ?? "") !== "";
    if (!REPOSITORY.some(isSet)) {
      throw new Failure(
        "backup: restic does not know its repository; set RESTIC_REPOSITORY, docs/backups.md has examples",
      );
    }
    if (!PASSWORD.some(isSet)) {
      throw new Failure("backup: restic does not know the repository's password; set RESTIC_PASSWORD_FILE");
    }
    return version;
  }

  /** Runs to a successful end. @returns stdout. */
  async run(args: readonly string[], stdin = ""): Promise<string> {
    const outcome = await this.try(args, stdin);
    if (outcome.code === 0) return outcome.stdout;
    throw new Failure(resticTrouble(args[0] ?? "", outcome.stderr));
  }

  /** A restic that reads stdin. */
  write(args: readonly string[]): Piped<Writable> {
    const child = this.spawn(args);
    child.stdout.setEncoding("utf8");
    const stdout = textOf(child.stdout);
    return new Piped(args[0] ?? "", child, child.stdin, stdout);
  }

  /** A restic whose stdout is read. */
  read(args: readonly string[]): Piped<Readable> {
    const child = this.spawn(args);
    child.stdin.end();
    return new Piped(args[0] ?? "", child, child.stdout, () => "");
  }

  private async try(args: readonly string[], stdin = ""): Promise<Outcome> {
    const child = this.spawn(args);
    return outcomeOf(child, stdin).catch((error: unknown) => {
      throw notThere(error);
    });
  }

  private spawn(args: readonly string[]): Child {
    return spawn("restic", [...args], { env: this.env, stdio: ["pipe", "pipe", "pipe"] });
  }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function notThere(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") return error;
  return new Failure(`backup: restic is not installed; ${INSTALL}`);
}

export class Piped<S> {
  private readonly stderr: () => string;
  private readonly ended: Promise<number>;

  constructor(
    private readonly command: string,
    private readonly child: Child,
    readonly stream: S,
    private readonly stdout: () => string,
  ) {
    this.stderr = textOf(child.stderr);
    child.stdin.on("error", () => undefined);
    this.ended = once(child, "close").then(([code]) => (code as number | null) ?? 1);
    this.ended.catch(() => undefined);
  }

  /** @returns stdout. @throws Failure that says what restic said. */
  async finish(): Promise<string> {
    const code = await this.ended.catch((error: unknown) => {
      throw notThere(error);
    });
    if (code === 0) return this.stdout();
    throw new Failure(resticTrouble(this.command, this.stderr()));
  }

  /** Ends it before its stdin does: it then keeps nothing, and takes its lock away. */
  async stop(): Promise<void> {
    this.child.kill("SIGINT");
    // What is left in it would keep the child from being over.
    this.child.stdout.destroy();
    await this.ended.catch(() => undefined);
  }

  /** Whether it ended by itself. */
  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

/** What restic says, in order: the first that fits. */
const TROUBLES: readonly (readonly [RegExp, string])[] = [
  [
    /connection refused|no such host|i\/o timeout|network is unreachable|no route to host/i,
    "the repository's server does not answer; look at RESTIC_REPOSITORY and the network",
  ],
  [/access denied|403 forbidden/i, "the repository's server refuses the login; look at its keys in the environment"],
  [
    /wrong password or no key found/i,
    "the password does not open the repository; look at RESTIC_PASSWORD_FILE, RESTIC_PASSWORD_COMMAND or RESTIC_PASSWORD",
  ],
  [
    /Is there a repository at|repository does not exist|config file does not exist/i,
    "there is no repository at RESTIC_REPOSITORY; make it once: restic init",
  ],
  [/no space left on device|disk quota exceeded/i, "the repository's disk is full; make room there, then run it again"],
  [
    /unable to create lock|already locked/i,
    "another restic works on the repository; wait for it, or, when none runs any more: restic unlock",
  ],
  [
    /ciphertext verification failed|invalid data returned|hash does not match|does not match id|not found in (repository|index)|pack \S+.*(not found|does not exist|damaged)|data seems to have changed|unexpected EOF|Fatal: repository contains errors|loading .* failed|file does not exist|no such file/i,
    "the repository is damaged; restic check --read-data says where, and restic's own documentation how to repair it",
  ],
];

export function resticTrouble(command: string, stderr: string): string {
  const known = TROUBLES.find(([pattern]) => pattern.test(stderr));
  if (known !== undefined) return `backup: ${known[1]}`;
  // Newer ones say it as JSON where their answer is.
  const said = stderr.replace(/^\{"message_type":"exit_error".*"message":"(.*?)(\\n)*"\}$/gm, "$1");
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const reason = lines.find((line) => line.startsWith("Fatal:")) ?? lines.at(-1) ?? "it said nothing";
  return `backup: restic ${command} failed: ${reason.replace(/^Fatal: /, "")}`;
}
