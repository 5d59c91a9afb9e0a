/** The marks of a server that leaves: no tags, so that nothing new lands on it; and, once it is empty, that it may go. */
import { type Connection, r, type RQuery, type WriteResult } from "rethinkdb-ts";
import { type Engine, firstLine } from "../docker/engine";
import { Failure } from "../lib/failure";
import { readNote, removeNote, writeNote } from "./undoNotes";
import { ask } from "./session";

interface Server {
  readonly name: string;
  readonly container: string;
}

/** On the server's data volume while it has no tags. */
interface LeavingNote {
  readonly tags: readonly string[];
}

interface ServerConfig {
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
}

export async function readTags(connection: Connection): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await ask(connection, r.db("rethinkdb").table<ServerConfig>("server_config").coerceTo("array"));
  return new Map(rows.map(({ name, tags }) => [name, tags]));
}

async function setTags(connection: Connection, server: string, tags: readonly string[]): Promise<void> {
  const rows = r.db("rethinkdb").table("server_config").filter({ name: server });
  const result = await ask(connection, rows.update({ tags }) as RQuery<WriteResult>);
  if (result.errors > 0) throw new Failure(`${server}: RethinkDB refused its tags: ${result.first_error ?? ""}`);
}

/** From now on no new table lands on it. */
export async function takeTags(engine: Engine, server: Server, connection: Connection): Promise<void> {
  const tags = (await readTags(connection)).get(server.name);
  if (tags === undefined || tags.length === 0) return;
  await writeNote(engine, server.container, "leaving", { tags } satisfies LeavingNote);
  await setTags(connection, server.name, []);
}

/** It stays after all, or came back on its kept data. */
export async function restoreTags(engine: Engine, server: Server, connection: Connection): Promise<void> {
  const note = await readNote<LeavingNote>(engine, server.container, "leaving");
  if (note === undefined) return;
  await setTags(connection, server.name, note.tags);
  await removeNote(engine, server.container, "leaving");
}

/** On the tls volume, which lives and dies with the server's membership; a delete needs no login to read it. */
const MARK = "/left";
/** Second line of the mark where `abandon-data` or a lost host let it leave. */
const ABANDON = "abandon-data";

async function withVolumes(
  engine: Engine,
  image: string,
  volumes: readonly string[],
  script: string,
  args: readonly string[],
  access: "" | ":ro",
): Promise<string> {
  const outcome = await engine.runHelper({
    image,
    helper: "left",
    mounts: volumes.map((volume, index) => `${volume}:/v/${String(index).padStart(3, "0")}${access}`),
    capabilities: ["FOWNER", "DAC_OVERRIDE"],
    script,
    args,
    stdin: "",
  });
  if (outcome.code !== 0) throw new Failure(`cannot read or write who has left: ${firstLine(outcome.stderr)}`);
  return outcome.stdout;
}

export async function markLeft(
  engine: Engine,
  image: string,
  identity: string,
  volumes: readonly string[],
  mayAbandon = false,
): Promise<void> {
  const script = `for v in /v/*; do printf %s "$1" > "$v${MARK}"; done; sync`;
  // A delete sees no override of today: what was allowed when the data was moved stands in the mark.
  const text = mayAbandon ? `${identity}\n${ABANDON}` : identity;
  await withVolumes(engine, image, volumes, script, [text], "");
}

/** @returns those of the volumes that say that their server left, or began to: tls volumes by the mark, data volumes by the note. */
export async function leavingMarks(
  engine: Engine,
  image: string,
  volumes: readonly string[],
): Promise<readonly string[]> {
  const script = `for v in /v/*; do if [ -e "$v${MARK}" ] || [ -e "$v/leaving.json" ]; then echo yes; else echo no; fi; done`;
  const answers = (await withVolumes(engine, image, volumes, script, [], ":ro")).split("\n");
  return volumes.filter((_, index) => answers[index] === "yes");
}

export async function unmarkLeft(engine: Engine, image: string, volumes: readonly string[]): Promise<void> {
  await withVolumes(engine, image, volumes, `rm -f /v/*${MARK}; sync`, [], "");
}

/** @returns `left`; `abandoned` where an override let it leave with data that could not be moved; undefined without a mark. */
export async function readMark(
  engine: Engine,
  image: string,
  identity: string,
  volume: string,
): Promise<"left" | "abandoned" | undefined> {
  const script = `cat /v/000${MARK} 2>/dev/null || true`;
  const [whose, more] = (await withVolumes(engine, image, [volume], script, [], ":ro")).split("\n");
  if (whose !== identity) return undefined;
  return more === ABANDON ? "abandoned" : "left";
}
