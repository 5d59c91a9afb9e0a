/** A cluster of one server to try a backup on: made by this component, with no published port, and removed again. */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { overlaps } from "../../args/values/addresses";
import { clusterSource, type Source } from "../../ops/backup/source";
import type { Engine } from "../../ops/docker/engine";
import { Failure } from "../../ops/lib/failure";
import { answeringEngine } from "../engine/check";
import { deleteDataVolumes } from "../engine/dataVolumes";
import { removeLeftoverContainers, removeLeftoverNetworks } from "../engine/leftovers";
import { writeFileDurably } from "../stack/files";
import { clearInterrupted } from "../stack/interrupted";
import { chooseCluster } from "../stack/liveCluster";
import { LocalStack } from "../stack/localStack";
import { exportState, identitiesIn } from "../stack/state";

/** The package that runs now. This file is below `cli/` of a checkout or below `dist/cli/`. */
const PACKAGE = require.resolve("../../components");
const SDK = require.resolve("@pulumi/pulumi");

/** In JavaScript and by full paths: it runs in any project, with what is installed there, and is gone afterwards. */
const PROGRAM: Readonly<Record<string, string>> = {
  "Pulumi.yaml": "name: rethinkdb\nmain: index.js\nruntime: { name: nodejs, options: { typescript: false } }\n",
  "package.json": "{}\n",
  "index.js": `const pulumi = require(${JSON.stringify(SDK)});
const { RethinkdbCluster } = require(${JSON.stringify(PACKAGE)});
const config = new pulumi.Config();
const [clusterName, image, subnet] = ["clusterName", "image", "subnet"].map((key) => config.require(key));
const adminPassword = config.requireSecret("adminPassword");
new RethinkdbCluster("rethinkdb", { clusterName, image, subnet, adminPassword, nodes: 1, driverPublish: "none" });
`,
};
/** What it is called, written down before it is made. */
const SETTINGS = "settings.json";

export interface Like {
  readonly clusterName: string;
  readonly image: string;
}

interface Settings {
  readonly clusterName: string;
  readonly image: string;
  readonly subnet: string;
}

export class Throwaway {
  private readonly pid: string;

  private constructor(
    private readonly folder: string,
    private readonly engine: Engine,
  ) {
    this.pid = join(folder, "pid");
  }

  /**
   * Removes what a killed run left first.
   * @param folder where its state is; nothing else is in it.
   * @throws Failure where another run uses it.
   */
  static async claim(folder: string, say: (line: string) => void): Promise<Throwaway> {
    const found = new Throwaway(folder, await answeringEngine());
    if (existsSync(folder)) {
      found.refuseIfInUse();
      say("A verification was killed before its cluster was removed: it is removed now.");
      await found.remove();
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileDurably(found.pid, String(process.pid), 0o600);
    for (const [name, text] of Object.entries(PROGRAM)) writeFileSync(join(folder, name), text);
    // Pulumi looks for its SDK beside the program.
    symlinkSync(SDK.slice(0, SDK.lastIndexOf("@pulumi")), join(folder, "node_modules"));
    return found;
  }

  /** @param subnet of its network; a free one when undefined. */
  async make(like: Like, run: string, subnet: string | undefined): Promise<Source> {
    const stack = new LocalStack(this.folder);
    const config: Settings = {
      // As long as a cluster's name may be.
      clusterName: `${like.clusterName.slice(0, 40)}-verify-${run}`,
      image: like.image,
      subnet: subnet ?? (await freeSubnet(this.engine)),
    };
    writeFileDurably(join(this.folder, SETTINGS), JSON.stringify(config), 0o600);
    await stack.ensure(true);
    const pairs = Object.entries<string>({ ...config }).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
    await stack.pulumi.read(["config", "set-all", ...pairs]);
    const outcome = await stack.pulumi.attempt(["up", "--yes", "--skip-preview", "--suppress-outputs"]);
    if (outcome.code !== 0) {
      throw new Failure(`verify: the cluster to try it on was not made: ${lastWords(outcome.stdout + outcome.stderr)}`);
    }
    const state = await exportState(stack.pulumi, "--show-secrets");
    const { request } = chooseCluster(state, undefined);
    return clusterSource(request, { ...request, user: "admin", password: request.adminPassword }, "run verify again");
  }

  /** Everything of it, with its data. */
  async remove(): Promise<void> {
    const stack = new LocalStack(this.folder);
    if (stack.exists) {
      await clearInterrupted(stack);
      const state = await exportState(stack.pulumi);
      const config = JSON.parse(readFileSync(join(this.folder, SETTINGS), "utf8")) as Settings;
      stack.keepIdentities(identitiesIn(state));
      await removeLeftoverContainers(this.engine, state);
      const outcome = await stack.pulumi.attempt(["destroy", "--yes", "--skip-preview"]);
      if (outcome.code !== 0) {
        throw new Failure(
          `verify: its cluster ${config.clusterName} was not removed (${lastWords(outcome.stdout + outcome.stderr)}); the next verify does it`,
        );
      }
      await removeLeftoverNetworks(this.engine, stack.knownIdentities);
      const { clusterName, image } = config;
      const said = await deleteDataVolumes(this.engine, { clusterName, image, identities: stack.knownIdentities });
      if (said.includes("These stay"))
        throw new Failure(`verify: a volume with restored data is left:\n${said.trim()}`);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private refuseIfInUse(): void {
    if (!existsSync(this.pid)) return;
    const pid = Number(readFileSync(this.pid, "utf8"));
    if (pid !== process.pid && isAlive(pid)) {
      throw new Failure(`verify: another one of this cluster runs (process ${String(pid)}); wait for it`);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Of a range of its own; the component itself refuses one that is taken. */
async function freeSubnet(engine: Engine): Promise<string> {
  const ids = await engine.lines(["network", "ls", "-q"]);
  const format = "{{range .IPAM.Config}}{{.Subnet}} {{end}}";
  const used = ids.length === 0 ? [] : await engine.lines(["network", "inspect", "--format", format, ...ids]);
  const taken = used.flatMap((line) => line.split(" ").filter(Boolean));
  for (let third = 128; third < 255; third++) {
    const subnet = `10.213.${String(third)}.0/24`;
    if (!taken.some((other) => overlaps(other, subnet))) return subnet;
  }
  throw new Failure("verify: every subnet from 10.213.128.0/24 on is taken; name one with --subnet");
}

/** What Pulumi said last that is no empty line. */
function lastWords(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => /^error:/.test(line));
  return (errors.at(-1) ?? lines.filter(Boolean).at(-1) ?? "it said nothing").replace(/^error: /, "");
}
