/** The engine of this machine, once it is known to answer. */
import { Engine } from "../ops/engine";

/** @throws Failure, one sentence, when there is no Docker or it does not answer. */
export async function answeringEngine(): Promise<Engine> {
  const engine = new Engine(null);
  await engine.run(["version", "--format", "{{.Server.Version}}"]);
  return engine;
}
