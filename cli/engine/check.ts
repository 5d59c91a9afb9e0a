/** The engine of this machine, once it is known to answer. */
import { Engine } from "../../ops/docker/engine";
import { Failure } from "../../ops/lib/failure";
import { readEntries } from "../stack/config";
import { STACK } from "../stack/localStack";
import { isOwnProject } from "../stack/project";
import { readYaml, stackFileOf } from "../offline/stackFiles";
import { PulumiCli } from "../stack/pulumiCli";

/** @throws Failure, a sentence and what works without, when there is no Docker or it does not answer. */
export async function answeringEngine(): Promise<Engine> {
  try {
    const engine = new Engine(null);
    await engine.run(["version", "--format", "{{.Server.Version}}"]);
    return engine;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`${error.message}\nnpx pulumi-rethinkdb plan works without Docker: it shows what would be made.`);
  }
}

/** The same where the stack's cluster is on it: hosts of their own are asked by what needs them. */
export async function checkOwnEngine(project: string, stack: string): Promise<void> {
  if (!(await namesHosts(project, stack))) await answeringEngine();
}

/**
 * A stack's config is asked of Pulumi, which knows its file, its environments and its full name. The local stack has none of
 * these, and is asked before it is made.
 */
export async function namesHosts(project: string, stack: string): Promise<boolean> {
  const hosts =
    stack === STACK && isOwnProject(project)
      ? localHosts(project)
      : (await readEntries(new PulumiCli(project, process.env), "--stack", stack))("hosts").objectValue;
  return Array.isArray(hosts) && hosts.length > 0;
}

function localHosts(project: string): unknown {
  const file = stackFileOf(project, STACK);
  const config = file === undefined ? {} : (readYaml(file)["config"] ?? {});
  return (config as Readonly<Record<string, unknown>>)["rethinkdb:hosts"];
}
