/** The local stack: state, passphrase and admin password in `.state/`, config in `Pulumi.local.yaml`; git sees neither. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Failure } from "../../ops/lib/failure";
import { writeFileDurably } from "./files";
import { readYaml, stackFileOf } from "../offline/stackFiles";
import { PulumiCli } from "./pulumiCli";

export const STACK = "local";
const PROJECT_NAME = "rethinkdb";

export class LocalStack {
  readonly folder: string;
  readonly locks: string;
  readonly pulumi: PulumiCli;
  private readonly passphrase: string;
  private readonly password: string;
  readonly checkpoint: string;
  private readonly identities: string;
  private readonly unsure: string;

  /** @param command how pulumi is started; by default as the npm package brings it. */
  constructor(
    readonly project: string,
    command?: readonly string[],
  ) {
    this.folder = join(project, ".state");
    this.passphrase = join(this.folder, "passphrase");
    this.password = join(this.folder, "admin-password");
    this.identities = join(this.folder, "identities");
    this.unsure = join(this.folder, "set-again");
    this.checkpoint = join(this.folder, ".pulumi", "stacks", PROJECT_NAME, `${STACK}.json`);
    this.locks = join(this.folder, ".pulumi", "locks", "organization", PROJECT_NAME, STACK);
    this.pulumi = new PulumiCli(project, this.env(), command);
  }

  /** @param verb begins the sentence of a failure. */
  static existing(project: string, verb: string): LocalStack {
    const stack = new LocalStack(project);
    stack.checkPassphrase();
    if (stack.exists) return stack;
    throw new Failure(`${verb}: there is no local stack here (.state/); run npm run up, or name one with --stack`);
  }

  get exists(): boolean {
    return existsSync(this.checkpoint);
  }

  /**
   * Makes what is missing. Each step is repeatable, so that a first run may be killed between any two.
   * @param quiet says nothing of it.
   */
  async ensure(quiet = false): Promise<void> {
    this.checkPassphrase();
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    chmodSync(this.folder, 0o700);
    const made = !this.exists;
    // Before everything that is encrypted with it.
    if (!existsSync(this.passphrase)) writeFileDurably(this.passphrase, newSecret(), 0o600);
    if (made) await this.pulumi.read(["stack", "init", STACK, "--no-select", "--secrets-provider", "passphrase"]);
    if (object(this.readConfig()["config"])["rethinkdb:adminPassword"] === undefined) {
      if (!existsSync(this.password)) this.keepPassword(newSecret());
      const password = readFileSync(this.password, "utf8").replace(/\n$/, "");
      await this.pulumi.read(["config", "set", "--secret", "adminPassword"], password);
    }
    if (made && !quiet) console.log("Made a local stack: its state is in .state/, its config in Pulumi.local.yaml.");
  }

  /** What is encrypted stays so for ever without its passphrase: better one sentence now than a riddle later. */
  checkPassphrase(): void {
    if (existsSync(this.passphrase)) return;
    const orphan = this.exists
      ? "the stack in .state/"
      : this.readConfig()["encryptionsalt"] !== undefined
        ? `Pulumi.${STACK}.yaml`
        : undefined;
    if (orphan === undefined) return;
    throw new Failure(
      `.state/passphrase is gone, and ${orphan} is encrypted with it: put the file back from a copy, ` +
        `or start over: delete .state/ and Pulumi.${STACK}.yaml (a running cluster then has to be removed by hand)`,
    );
  }

  /** The password in force, for a person to read; the config is where it is changed. */
  keepPassword(password: string): void {
    this.keep(this.password, `${password}\n`);
  }

  /** Identities of all clusters that this stack ever was: what tells its data from that of others. */
  get knownIdentities(): readonly string[] {
    return existsSync(this.identities) ? readFileSync(this.identities, "utf8").split("\n").filter(Boolean) : [];
  }

  keepIdentities(identities: readonly string[]): void {
    const all = new Set([...this.knownIdentities, ...identities]);
    if (all.size > 0) this.keep(this.identities, [...all].map((identity) => `${identity}\n`).join(""));
  }

  /** URNs whose last change may have happened and not been written down; the next `up` that ends well makes it again. */
  get setAgain(): readonly string[] {
    return existsSync(this.unsure) ? readFileSync(this.unsure, "utf8").split("\n").filter(Boolean) : [];
  }

  keepSetAgain(urns: readonly string[]): void {
    const all = new Set([...this.setAgain, ...urns]);
    if (all.size > 0) this.keep(this.unsure, [...all].map((urn) => `${urn}\n`).join(""));
  }

  forgetSetAgain(): void {
    rmSync(this.unsure, { force: true });
  }

  /** Small files for a person, beside the state. */
  keepFiles(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) this.keep(join(this.folder, name), text);
  }

  removeFiles(names: readonly string[]): void {
    for (const name of names) rmSync(join(this.folder, name), { force: true });
  }

  private keep(path: string, text: string): void {
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileDurably(path, text, 0o600);
  }

  private readConfig(): Readonly<Record<string, unknown>> {
    const file = stackFileOf(this.project, STACK);
    return file === undefined ? {} : readYaml(file);
  }

  private env(): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      PULUMI_BACKEND_URL: pathToFileURL(this.folder).href,
      PULUMI_CONFIG_PASSPHRASE_FILE: this.passphrase,
      PULUMI_STACK: STACK,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Pulumi writes the whole state at every step, and collects the garbage of it: a tenth of its work, for want of memory alone.
      GOGC: process.env["GOGC"] ?? "300",
    };
    // It would win over the file.
    delete env["PULUMI_CONFIG_PASSPHRASE"];
    return env;
  }
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** 192 bits in letters, digits, `-` and `_`: safe to paste anywhere. */
function newSecret(): string {
  return randomBytes(24).toString("base64url");
}
