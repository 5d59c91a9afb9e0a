/** Runs of `up` that a verb makes on the local stack or on a named one, and the config it changes for them. */
import type { CaArgs, CaArg } from "../../args/certificates";
import { Failure } from "../../ops/lib/failure";
import { type CaRecord, newestCas, NO_CA_RECORD } from "../../ops/fleet/cas";
import { caConfigCommands } from "../verbs/rotate/caConfig";
import { readEntries } from "./config";
import { checkOwnEngine } from "../engine/check";
import { refreshWhereAllAnswer, type StackPlace } from "../engine/hosts";
import { clearInterrupted } from "./interrupted";
import { LocalStack, STACK } from "./localStack";
import { isOwnProject } from "./project";
import { PulumiCli } from "./pulumiCli";
import { FLEET } from "../../core/programs/fleet";
import { clustersIn, type ExportedState, exportState, recordsIn } from "./state";
import { runUp } from "../verbs/up";

export class StackRun {
  private constructor(
    private readonly pulumi: PulumiCli,
    private readonly at: StackPlace,
    private readonly local: LocalStack | undefined,
    private readonly verbose: boolean,
    private again: readonly string[] = [],
  ) {}

  /** @param named by default the local stack. */
  static async choose(project: string, verb: string, named: string | undefined, verbose: boolean): Promise<StackRun> {
    await checkOwnEngine(project, named ?? STACK);
    if (named !== undefined) {
      const at = { project, stack: named, which: ["--stack", named] };
      return new StackRun(new PulumiCli(project, process.env), at, undefined, verbose);
    }
    const local = LocalStack.existing(project, verb);
    return new StackRun(
      local.pulumi,
      { project, stack: STACK, which: [] },
      local,
      verbose,
      await clearInterrupted(local),
    );
  }

  private get which(): readonly string[] {
    return this.at.which;
  }

  async up(...more: readonly string[]): Promise<number> {
    const again = this.again;
    this.again = [];
    if (this.local !== undefined) return runUp(this.local, [...again, ...more], this.verbose);
    const refresh = await refreshWhereAllAnswer(this.pulumi, this.at);
    return this.pulumi.showSteps(["up", "--yes", "--skip-preview", ...refresh, ...this.which, ...more], this.verbose);
  }

  state(): Promise<ExportedState> {
    return exportState(this.pulumi, "--show-secrets", ...this.which);
  }

  /** The stack's only cluster. */
  async cluster(verb: string): Promise<ReturnType<typeof clustersIn>[number]> {
    const clusters = clustersIn(await this.state());
    const [only] = clusters;
    if (only !== undefined && clusters.length === 1) return only;
    throw new Failure(
      only === undefined
        ? `${verb}: this stack has no cluster yet; run up first`
        : `${verb}: this stack has ${String(clusters.length)} clusters, and its config is not this project's; change their args by hand, docs/certificates.md has the steps`,
    );
  }

  /** A value of the config, with the defaults of `Pulumi.yaml`. */
  async config(key: string): Promise<unknown> {
    const { value, objectValue } = (await readEntries(this.pulumi, "--show-secrets", ...this.which))(key);
    return objectValue ?? value;
  }

  async setCa(key: string, wanted: CaArgs): Promise<void> {
    for (const args of caConfigCommands(key, (await this.config(key)) as CaArgs, wanted)) {
      await this.pulumi.read([...args, ...this.which]);
    }
  }

  /** Whether verbs write the config that this stack's args come from. */
  get writesConfig(): boolean {
    return isOwnProject(this.at.project);
  }

  /** Whether an `up` has anything left to do, of an earlier run or of the config. */
  async isBehind(): Promise<boolean> {
    if (this.again.length > 0) return true;
    const { steps } = JSON.parse(await this.pulumi.read(["preview", "--json", ...this.which])) as {
      steps?: readonly { readonly op: string }[];
    };
    return (steps ?? []).some(({ op }) => !["same", "read", "refresh"].includes(op));
  }

  /** The highest generation that a CA ever had. */
  async newestCa(arg: CaArg): Promise<number> {
    const [fleet] = recordsIn(await this.state(), FLEET);
    const record = { ...NO_CA_RECORD, ...(JSON.parse(fleet?.result || "{}") as Partial<CaRecord>) };
    return newestCas(record)[arg];
  }

  async set(key: string, value: number): Promise<void> {
    await this.pulumi.read(["config", "set", key, String(value), ...this.which]);
  }
}
