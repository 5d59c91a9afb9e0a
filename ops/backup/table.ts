/** A table on its way back: made empty under a name of its own, then given its indexes, its hook, its layout and its name. */
import { type Connection, r } from "rethinkdb-ts";
import { SYSTEM_DB } from "../../args/constants";
import { type Layout, replacedName } from "../../core/decide/backup/restorePlan";
import type { TableFacts } from "../../core/decide/backup/manifest";
import { poll } from "../lib/poll";
import { Failure } from "../lib/failure";
import { ask } from "../cluster/session";
import type { RawBinary, TableInfo } from "./facts";

/** Seconds for an index to be built, or a table to be ready, without anything that moves. */
const STALL_SECONDS = 600;

interface Changed {
  readonly replaced: number;
  readonly unchanged: number;
  readonly errors: number;
  readonly first_error?: string;
}

export async function makeTable(
  connection: Connection,
  facts: TableFacts,
  name: string,
  layout: Layout,
): Promise<void> {
  const { db, primaryKey } = facts;
  const durability = facts.durability === "soft" ? "soft" : "hard";
  const { shards, replicas } = layout;
  await ask(connection, r.db(db).tableCreate(name, { primaryKey, durability, shards, replicas }));
  const change = {
    write_acks: facts.writeAcks,
    ...(layout.exact === undefined
      ? {}
      : {
          shards: layout.exact.map(({ primary, replicas: members, nonvoting }) => ({
            ...{ primary_replica: primary, replicas: members, nonvoting_replicas: nonvoting },
          })),
        }),
  };
  await waitUntilReady(connection, db, name);
  await changeConfig(connection, db, name, change);
  await waitUntilReady(connection, db, name);
}

export async function changeConfig(connection: Connection, db: string, name: string, change: object): Promise<void> {
  const rows = r.db(SYSTEM_DB).table("table_config").filter({ db, name });
  const changed = (await ask(connection, rows.update(change))) as unknown as Changed;
  if (changed.errors > 0) throw new Error(changed.first_error ?? "its configuration was refused");
  if (changed.replaced + changed.unchanged !== 1) throw new Error(`table ${db}.${name} is not there`);
}

export async function waitUntilReady(connection: Connection, db: string, name: string): Promise<void> {
  await poll(
    async () => {
      const [row] = await ask(
        connection,
        r
          .db(SYSTEM_DB)
          .table<{ db: string; name: string; status: { all_replicas_ready: boolean } }>("table_status")
          .filter({ db, name })
          .coerceTo("array"),
      );
      return row?.status.all_replicas_ready === true ? { done: true } : { waiting: name };
    },
    { stallSeconds: STALL_SECONDS, giveUp: (_, why) => new Failure(`restore: ${db}.${name} is not ready: ${why}`) },
  );
}

/** Indexes and hook as RethinkDB itself wrote them down. The official tool leaves out the hook of a table without indexes. */
export async function addIndexes(connection: Connection, db: string, name: string, info: TableInfo): Promise<void> {
  const table = r.db(db).table(name);
  for (const index of info.indexes) {
    await ask(connection, table.indexCreate(index.index, binary(index.function) as never));
  }
  if (info.indexes.length > 0) await waitForIndexes(connection, db, name);
  if (info.write_hook !== null) await ask(connection, table.setWriteHook(binary(info.write_hook.function) as never));
}

/** Bytes as the archive has them: an object that the driver would take for options. */
function binary({ data }: RawBinary): unknown {
  return r.binary(Buffer.from(data, "base64"));
}

async function waitForIndexes(connection: Connection, db: string, name: string): Promise<void> {
  await poll(
    async () => {
      const all = (await ask(connection, r.db(db).table(name).indexStatus())) as unknown as readonly {
        readonly index: string;
        readonly ready: boolean;
        readonly progress?: number;
      }[];
      const building = all.filter(({ ready }) => !ready);
      if (building.length === 0) return { done: true };
      const moves = building.map(({ progress }) => String(progress)).join(" ");
      return { waiting: building.map(({ index }) => index).join(", "), moves };
    },
    {
      stallSeconds: STALL_SECONDS,
      giveUp: (waiting, why) => new Failure(`restore: indexes ${waiting} of ${db}.${name} are not built: ${why}`),
    },
  );
}

/** After this the table is there, whole. @param isReplaced whether one of its name is there, which then goes. */
export async function takePlace(
  connection: Connection,
  { db, name }: { readonly db: string; readonly name: string },
  filling: string,
  run: string,
  isReplaced: boolean,
): Promise<void> {
  const old = replacedName(name, run);
  if (isReplaced) await changeConfig(connection, db, name, { name: old });
  await changeConfig(connection, db, filling, { name });
  if (isReplaced) await ask(connection, r.db(db).tableDrop(old));
}
