/** Puts a server with new data where its given-up data was: a table knows its replicas by the servers' ids. */
import type { Shard, TableConfig } from "../../core/decide/availability";
import { givenUpReplicas, tableName, tablesOfMissingServers } from "../../core/decide/availability";
import { changeShards, type Mover, waitForTables } from "./layout";
import { Failure } from "../lib/failure";
import { readStatus } from "./status";

/**
 * In every table that kept a majority the new id takes the old one's place, as voter, non-voter or primary as it was.
 * The others are named and left alone: nothing here ever repairs a table by force.
 */
export async function adoptGivenUp(server: { readonly name: string }, mover: Mover): Promise<void> {
  const status = await readStatus(mover.connection);
  const id = status.servers.find(({ name }) => name === server.name)?.id;
  if (id === undefined) throw new Failure(`${server.name}: is not part of the cluster; ${mover.next}`);
  const connected = status.servers.map(({ name }) => name);
  const lost = tablesOfMissingServers(connected, status);
  const theirs = status.configs.filter((config) => givenUpReplicas(config, status).flat().includes(server.name));
  const able = theirs.filter((config) => !lost.includes(tableName(config)));
  const unable = theirs.filter((config) => lost.includes(tableName(config))).map(tableName);
  if (unable.length > 0) {
    mover.progress.say(
      `lost their majority with the old data and stay as they are: ${unable.join(", ")}; ` +
        `see docs/operations.md, "Replace a dead server"`,
    );
  }
  if (able.length === 0) return;
  mover.progress.say(`taking its place in ${able.map(tableName).join(", ")}`);
  for (const config of able) await replaceId(mover, config, server.name, id);
  await waitForTables(
    mover,
    able.map((config) => config.id),
  );
}

async function replaceId(mover: Mover, config: TableConfig, name: string, id: string): Promise<void> {
  const before = config.shardsById ?? [];
  const after = before.map((shard, index): Shard => {
    const old = shard.replicas[config.shards?.[index]?.replicas.indexOf(name) ?? -1];
    const swap = (value: string): string => (value === old ? id : value);
    return {
      primary_replica: swap(shard.primary_replica),
      replicas: shard.replicas.map(swap),
      nonvoting_replicas: shard.nonvoting_replicas.map(swap),
    };
  });
  const refusal = await changeShards(mover.connection, "uuid", config.id, before, after);
  if (refusal !== undefined)
    throw new Failure(`${name}: cannot take its place in ${tableName(config)}: ${refusal}; ${mover.next}`);
}
