/** The engine of this machine, once it is known to answer. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Engine } from "../ops/engine";
import { Failure } from "../ops/failure";

/** @throws Failure, a sentence and what works without, when there is no Docker or it does not answer. */
export async function answeringEngine(): Promise<Engine> {
  try {
    const engine = new Engine(null);
    await engine.run(["version", "--format", "{{.Server.Version}}"]);
    return engine;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`${error.message}\nnpm run plan works without Docker: it shows what would be made.`);
  }
}

/** The same where the stack's cluster is on it: hosts of their own are asked by what needs them. */
export async function checkOwnEngine(project: string, stack: string): Promise<void> {
  if (!namesHosts(project, stack)) await answeringEngine();
}

/** Read as text: what is wrong with a config is said by Pulumi, and later. */
export function namesHosts(project: string, stack: string): boolean {
  const file = join(project, `Pulumi.${stack}.yaml`);
  return existsSync(file) && /^\s+"?rethinkdb:hosts"?:/m.test(readFileSync(file, "utf8"));
}
