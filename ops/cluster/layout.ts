/** Changes tables' layouts, a batch at a time, and waits until each is what it should be. */
import { type Connection, isRethinkDBError, r, type RDatum } from "rethinkdb-ts";
import { inBatches, type ShardUpdate } from "../../core/decide/handOver";
import { type ClusterStatus, type Shard, unsettledTables } from "../../core/decide/availability";
import { describe, Failure } from "../lib/failure";
import { clock, poll } from "../lib/poll";
import type { Progress } from "../lib/progress";
import { ask } from "./session";
import { readSizes, readStatus, type Sizes } from "./status";

/** Milliseconds before a refused change is tried again. */
const REFUSED_MS = 100;

export interface Mover {
  /** Begins the sentence of a failure. */
  readonly who: string;
  readonly connection: Connection;
  readonly progress: Progress;
  /** Ends the sentence of a failure: what to do next. */
  readonly next: string;
}

/**
 * Applies what `plan` finds to do until it finds nothing.
 * @param say one line of progress before each batch, if any.
 */
export async function rearrange(
  mover: Mover,
  plan: (status: ClusterStatus) => readonly ShardUpdate[],
  say?: (status: ClusterStatus) => string | undefined,
): Promise<void> {
  await poll(
    async () => {
      const status = await readStatus(mover.connection);
      const [batch] = inBatches(plan(status));
      if (batch === undefined) return { done: true };
      const line = say?.(status);
      if (line !== undefined) mover.progress.say(line);
      const refusals = await applyAll(mover.connection, batch);
      await waitForTables(
        mover,
        batch.map(({ table }) => table),
      );
      // Someone changed a table in between, or its servers are busy with the last change: look again.
      if (refusals.length > 0) await clock.sleep(REFUSED_MS);
      const refused = refusals.length > 0 ? `cannot change ${refusals.join("; ")}` : "";
      return {
        waiting: refused || `changing ${batch.map(({ name }) => name).join(", ")}`,
        moves: JSON.stringify(status.configs),
      };
    },
    { everyMs: 0, giveUp: (waiting, why) => new Failure(`${mover.who}: ${waiting}, ${why}; ${mover.next}`) },
  );
}

/** Waits until tables are what their layouts say. */
export async function waitForTables(mover: Mover, tables: readonly string[]): Promise<void> {
  let sizes: Sizes | undefined;
  await poll(
    async (looks) => {
      const status = await readStatus(mover.connection);
      const unsettled = unsettledTables(tables, status);
      if (unsettled.length === 0) return { done: true };
      // A copy of much data takes long, and moves.
      if (looks % 50 === 0) sizes = await readSizes(mover.connection, unsettled);
      if (looks % 20 === 0) mover.progress.say(`waiting for ${unsettled.join(", ")}`);
      return { waiting: unsettled.join(", "), ...(sizes === undefined ? {} : { moves: sizes }) };
    },
    {
      giveUp: (waiting, why) =>
        new Failure(`${mover.who}: ${why}: ${waiting} not ready on all replicas; ${mover.next}`),
    },
  );
}

async function applyAll(connection: Connection, updates: readonly ShardUpdate[]): Promise<readonly string[]> {
  const refusals = await Promise.all(
    updates.map(async (update) => {
      const refusal = await changeShards(connection, "name", update.table, update.before, update.after);
      return refusal === undefined ? [] : [`${update.name} (${refusal})`];
    }),
  );
  return refusals.flat();
}

/**
 * By an update of `table_config`, which keeps everything else of a table; `reconfigure` drops its write hook.
 * @returns why it was refused; undefined when it was done.
 */
export async function changeShards(
  connection: Connection,
  identifierFormat: "name" | "uuid",
  table: string,
  before: readonly Shard[],
  after: readonly Shard[],
): Promise<string | undefined> {
  const change = r
    .db("rethinkdb")
    .table<{ readonly shards: readonly Shard[] }>("table_config", { identifierFormat })
    .get(table)
    .update((row: RDatum) =>
      r.branch(row("shards").eq(before as never), { shards: after }, r.error("its layout was changed meanwhile")),
    );
  const changed = ask(connection, change) as Promise<{ readonly errors: number; readonly first_error?: string }>;
  try {
    const { errors, first_error } = await changed;
    return errors > 0 ? (first_error ?? "no reason given") : undefined;
  } catch (error) {
    // A table whose leader steps down refuses for a moment; a lost connection is another matter.
    if (isRethinkDBError(error) && connection.open) return describe(error);
    throw error;
  }
}
