/**
 * Notes that undo a temporary change, written to the server's data volume before the change: the run may be killed, and
 * the next run may be another one's.
 */
import { type Engine, firstLine } from "../docker/engine";
import { Failure, parseSecret } from "../lib/failure";

/**
 * `handover`: what was moved off the server for a restart. `leaving`: what it was before it began to leave. `moves`, on a
 * server that stays: the layouts of tables before others began to leave.
 */
export type NoteName = "handover" | "leaving" | "moves";

const path = (name: NoteName): string => `/data/${name}.json`;

/** Root of the container owns /data and needs no capability for it. */
function exec(container: string, script: string): readonly string[] {
  return ["exec", "-i", "--user", "0", container, "bash", "-c", script];
}

/** @throws Failure when the server's container cannot be entered. */
export async function writeNote(engine: Engine, container: string, name: NoteName, value: object): Promise<void> {
  const file = path(name);
  const script = `cat > ${file}.new && sync ${file}.new && mv ${file}.new ${file}`;
  const outcome = await engine.try(exec(container, script), JSON.stringify(value));
  if (outcome.code !== 0) throw new Failure(`${container}: cannot write ${file}: ${firstLine(outcome.stderr)}`);
}

/**
 * Writes a note that is there already once more, or a first one, in one visit.
 * @returns what it says now.
 * @throws Failure as `writeNote`.
 */
export async function keepNote<T extends object>(
  engine: Engine,
  container: string,
  name: NoteName,
  first: T,
): Promise<T> {
  const file = path(name);
  const text = `if [ -s ${file} ]; then cat ${file}; else cat; fi`;
  const script = `set -o pipefail; { ${text}; } | cat > ${file}.new && sync ${file}.new && mv ${file}.new ${file} && cat ${file}`;
  const outcome = await engine.try(exec(container, script), JSON.stringify(first));
  if (outcome.code !== 0) throw new Failure(`${container}: cannot write ${file}: ${firstLine(outcome.stderr)}`);
  return parseSecret<T>(outcome.stdout, `${container}: ${file}`);
}

/** Shell, for who is in the container anyway: removes a note that says nothing. */
export function dropEmptyNote(name: NoteName): string {
  return `if [ "$(cat ${path(name)} 2>/dev/null)" = "[]" ]; then rm -f ${path(name)}; fi`;
}

/** @returns undefined when there is none. */
export async function readNote<T>(engine: Engine, container: string, name: NoteName): Promise<T | undefined> {
  const text = await engine.run(exec(container, `cat ${path(name)} 2>/dev/null || true`));
  return text === "" ? undefined : parseSecret<T>(text, `${container}: ${path(name)}`);
}

export async function removeNote(engine: Engine, container: string, name: NoteName): Promise<void> {
  await engine.run(exec(container, `rm -f ${path(name)}`));
}
