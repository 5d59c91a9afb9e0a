/** Takes one server's tables over to others before it stops, and gives them back when it has returned. */
import {
  type HandedOver,
  HAND_OVER_STEPS,
  type HandOverStep,
  planHandOver,
  planStep,
  RETURN_STEPS,
  type ReturnStep,
} from "../../core/decide/handOver";
import type { ClusterStatus } from "../../core/decide/availability";
import type { Engine } from "../docker/engine";
import { type Mover, rearrange, waitForTables } from "./layout";
import { keepNote, readNote, removeNote, writeNote } from "./undoNotes";
import { describe as describeError } from "../lib/failure";
import { readStatus } from "./status";

interface Server {
  readonly name: string;
  readonly container: string;
}

/** @returns what was handed over; it is written to the server's data volume before anything is moved. */
export async function handOver(
  engine: Engine,
  server: Server,
  mover: Mover,
  copySingles: boolean,
): Promise<readonly HandedOver[]> {
  let begun: readonly HandedOver[];
  try {
    // Written before anything is moved, and so before it is known whether anything can be.
    begun = await keepNote<readonly HandedOver[]>(engine, server.container, "handover", []);
  } catch (error) {
    // A server that cannot keep a note, for want of disk perhaps, is itself the fault: it may be changed all the same.
    mover.progress.say(`hands nothing over: ${describeError(error)}`);
    return [];
  }
  const involved = planHandOver(server.name, await readStatus(mover.connection), { copySingles, begun });
  if (involved.length === 0) return [];
  // What is being moved already is waited for: only replicas that are ready can lead.
  await waitForTables(mover, tablesOf(involved));
  const entries = planHandOver(server.name, await readStatus(mover.connection), { copySingles, begun });
  await writeNote(engine, server.container, "handover", entries);
  mover.progress.say(`handing over ${describe(entries)}`);
  await walk(mover, HAND_OVER_STEPS, server.name, entries);
  return entries;
}

/** Gives back what the note on the server's data volume says, if there is one. */
export async function giveBack(engine: Engine, server: Server, mover: Mover): Promise<void> {
  const entries = await readNote<readonly HandedOver[]>(engine, server.container, "handover");
  if (entries === undefined) return;
  if (entries.length > 0) mover.progress.say(`taking back ${describe(entries)}`);
  await walk(mover, RETURN_STEPS, server.name, entries);
  await removeNote(engine, server.container, "handover");
}

async function walk(
  mover: Mover,
  steps: readonly (HandOverStep | ReturnStep)[],
  server: string,
  entries: readonly HandedOver[],
): Promise<void> {
  for (const step of steps) {
    await rearrange(mover, (status: ClusterStatus) => planStep(step, server, entries, status));
  }
}

function tablesOf(entries: readonly HandedOver[]): readonly string[] {
  return [...new Set(entries.map(({ table }) => table))];
}

function describe(entries: readonly HandedOver[]): string {
  const shards = entries.length === 1 ? "1 shard" : `${String(entries.length)} shards`;
  const tables = tablesOf(entries).length;
  return `${shards} of ${tables === 1 ? "1 table" : `${String(tables)} tables`}`;
}
