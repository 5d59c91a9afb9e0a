/** `npx pulumi-rethinkdb rotate-ca cluster|driver|client`: the three steps of a CA's rotation, wherever it was left. */
import { createInterface } from "node:readline/promises";
import { beginRotation, nextRotationStep, type RotationStep } from "../../../core/decide/caSteps";
import { type CaArgs, describeCa } from "../../../args/certificates";
import { CA_OF } from "../../../core/pki/expiry";
import { Failure } from "../../../ops/lib/failure";
import { readLiveCas } from "../../../ops/fleet/cas";
import { behindNewestCa } from "../../../ops/cluster/presentedCertificates";
import { parseOptions } from "../../options";
import { byHand, PENDING } from "../../stack/project";
import { StackRun } from "../../stack/run";
import { STACK_OPTION, VERBOSE_OPTION, type Verb } from "../../verb";

export const verb: Verb = {
  name: "rotate-ca",
  does: "Replaces a CA in three steps. Each step restarts every server, one at a time. It goes on where it was ended.",
  argument: "cluster|driver|client",
  options: { "--yes": ["", "ask nothing"], ...STACK_OPTION, ...VERBOSE_OPTION },
  examples: ["npx pulumi-rethinkdb rotate-ca cluster", "npx pulumi-rethinkdb rotate-ca driver --stack dev"],
  run: rotateCa,
};

const PURPOSES = ["cluster", "driver", "client"] as const;
type Purpose = (typeof PURPOSES)[number];

const STEPS: Readonly<Record<Exclude<RotationStep["name"], "done">, string>> = {
  trust: "Step 1 of 3: every server trusts both generations.",
  issue: "Step 2 of 3: every certificate is issued from the new generation.",
  retire: "Step 3 of 3: the old generation is retired.",
};

export async function rotateCa(project: string, argv: readonly string[]): Promise<number> {
  const { purpose, named, yes, verbose } = readRotation(argv);
  const stack = await StackRun.choose(project, "rotate-ca", named, verbose);
  return new Rotation(stack, purpose, yes).walk();
}

export interface RotationRequest {
  readonly purpose: Purpose;
  /** Stack; undefined is the local one. */
  readonly named: string | undefined;
  readonly yes: boolean;
  readonly verbose: boolean;
}

/** @throws Failure for anything but one CA and known options. */
export function readRotation(argv: readonly string[]): RotationRequest {
  // A stack may have the name of a CA.
  const at = argv.findIndex((word, index) => isPurpose(word) && argv[index - 1] !== "--stack");
  const purpose = argv[at] ?? "";
  if (!isPurpose(purpose)) {
    throw new Failure("rotate-ca: say which CA: npx pulumi-rethinkdb rotate-ca cluster, driver or client");
  }
  const options = parseOptions(verb, argv.toSpliced(at, 1));
  return { purpose, named: options.get("--stack"), yes: options.has("--yes"), verbose: options.has("--verbose") };
}

function isPurpose(word: string): word is Purpose {
  return (PURPOSES as readonly string[]).includes(word);
}

class Rotation {
  private readonly arg: (typeof CA_OF)[Purpose];

  constructor(
    private readonly stack: StackRun,
    private readonly purpose: Purpose,
    private readonly yes: boolean,
  ) {
    this.arg = CA_OF[purpose];
  }

  /** Where it stands is asked of the servers before each step, so that it can be ended and begun again anywhere. */
  async walk(): Promise<number> {
    let step = await this.nextStep();
    if (step.name === "done") {
      // The last step may be done on every server and not be over: what follows it must not be taken for a new rotation.
      if (await this.stack.isBehind()) return this.finish(step.wanted);
      step = await this.begin(step.wanted);
    } else console.log(`A rotation of the ${this.purpose} CA was begun and goes on.`);
    while (step.name !== "done") {
      await this.beReady(step.name);
      console.log(`\n${STEPS[step.name]}  ${this.arg}: ${describeCa(step.wanted)}`);
      if (!this.stack.writesConfig) {
        console.log(`${byHand({ [this.arg]: step.wanted })}\nThen run the same command again; it goes on.`);
        return 0;
      }
      await this.stack.setCa(this.arg, step.wanted);
      const code = await this.stack.up();
      if (code !== 0) {
        console.error(
          `\nThe rotation is not finished: repair what is said above, then run the same command again; it goes on.`,
        );
        return code;
      }
      step = await this.nextStep();
    }
    console.log(
      `\nThe ${this.purpose} CA is of generation ${String(step.wanted.issue)} now; no other generation is trusted.`,
    );
    return 0;
  }

  private async finish({ issue }: CaArgs): Promise<number> {
    if (!this.stack.writesConfig) throw new Failure(`rotate-ca: ${PENDING}`);
    console.log("What an earlier run or a change of the config left to do comes first.");
    const code = await this.stack.up();
    if (code === 0) {
      console.log(
        `\nThat is done, and the ${this.purpose} CA is of generation ${String(issue)}; no other generation is trusted. ` +
          `To rotate it to a new one, run the same command again.`,
      );
    }
    return code;
  }

  private async nextStep(): Promise<RotationStep> {
    const [cluster, wanted] = await Promise.all([this.stack.cluster("rotate-ca"), this.stack.config(this.arg)]);
    const live = (await readLiveCas(cluster))[this.arg];
    return nextRotationStep(wanted as CaArgs, live);
  }

  private async begin(now: CaArgs): Promise<RotationStep> {
    if (this.purpose === "client" && !hasEntries(await this.stack.config("driverClients"))) {
      throw new Failure("rotate-ca: no client has a certificate (driverClients is empty), so there is no client CA");
    }
    const [newest, pems] = await Promise.all([this.stack.newestCa(this.arg), this.stack.config(`${this.arg}Pems`)]);
    const step = beginRotation(now, newest);
    const fresh = String(Math.max(...step.wanted.trust));
    const given = pems as Readonly<Record<string, unknown>> | undefined;
    if (given?.[String(now.issue)] !== undefined && given[fresh] === undefined) {
      const path = `${this.arg}Pems["${fresh}"]`;
      throw new Failure(
        `rotate-ca: generation ${String(now.issue)} is a CA of your own; give the next one first: ` +
          `pulumi config set --secret --path '${path}.certPem' < ca.pem, the same with keyPem, then run this again`,
      );
    }
    await this.ask(
      `The ${this.purpose} CA goes from generation ${String(now.issue)} to ${fresh}, in three steps; each restarts every server, one at a time.`,
    );
    return step;
  }

  /** Before a step that others have to be ready for. */
  private async beReady(step: RotationStep["name"]): Promise<void> {
    if (step === "issue" && this.purpose === "driver") {
      await this.ask(
        `Clients have to have the bundle of both generations now: output driverCaPem, locally .state/driver-ca.pem. Who has only the old one is refused from here on.`,
      );
    }
    if (step === "retire" && this.purpose === "client") {
      await this.ask(
        `Clients have to have their new certificates now: output driverClientCertificates. Who has only the old one is refused from here on.`,
      );
    }
    if (step === "retire") {
      const behind = await behindNewestCa(await this.stack.cluster("rotate-ca"), this.purpose);
      if (behind.length > 0) {
        throw new Failure(
          `rotate-ca: the old generation cannot be retired: ${behind.join("; ")}; repair that with an up, then run this again`,
        );
      }
      if (this.purpose !== "client")
        console.log("Every server was seen to present a certificate of the new generation.");
    }
  }

  private async ask(what: string): Promise<void> {
    console.log(`\n${what}`);
    if (this.yes) return;
    if (!process.stdin.isTTY) {
      throw new Failure(
        `rotate-ca: there is no terminal to ask here; when that is done, run the same command with --yes`,
      );
    }
    const prompt = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await prompt.question("Go on? [y/N] ");
    prompt.close();
    if (!/^y(es)?$/i.test(answer.trim())) throw new Failure("rotate-ca: ended; run the same command again to go on");
  }
}

function hasEntries(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
