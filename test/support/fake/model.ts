/** One RethinkDB cluster in memory: its servers, who sees whom, tables, accounts. */
import type { Row } from "./reql";

export interface ModelServer {
  readonly name: string;
  id: string;
  tags: readonly string[];
  version: string;
}

/** Servers by their ids. */
export interface ModelShard {
  readonly primary: string;
  readonly replicas: readonly string[];
  readonly nonvoting: readonly string[];
}

export interface ModelTable {
  readonly id: string;
  readonly db: string;
  readonly name: string;
  shards: readonly ModelShard[];
  /** Ids of servers whose replica is not there yet, by shard and server, and for how many more reads. */
  readonly copying: Map<string, number>;
}

export interface Permission {
  readonly id: readonly string[];
  permissions: Row;
}

/** `n0* n1 (n2)`: the primary has a star, a replica without a vote stands in brackets. */
export type ShardSketch = string;

export class Model {
  readonly servers: ModelServer[] = [];
  readonly tables: ModelTable[] = [];
  readonly databases: string[] = ["test"];
  readonly users = new Map<string, string>();
  readonly permissions: Permission[] = [];
  readonly jobs: { readonly id: string; readonly user: string }[] = [];
  readonly issues: { readonly type: string; readonly description: string }[] = [];
  /** Pairs of servers that do not reach each other. */
  readonly cuts: (readonly [string, string])[] = [];
  /** Each change of a layout that was accepted: `test.t: n0* n1`. */
  readonly changes: string[] = [];
  /** All else that was written, in words. */
  readonly writes: string[] = [];
  /** Reads of a table's state for which a new replica is not ready. */
  copyReads = 0;
  /** Bytes that copies have moved; grows with each read while one is under way, unless it is stuck. */
  copied = 0;
  isStuck = false;
  /** @returns why a change of a layout is refused. */
  refuseChange: (table: string, sketch: string) => string | undefined = () => undefined;
  /** @returns why another write is refused. */
  refuseWrite: (what: string) => string | undefined = () => undefined;
  /** Whether a server's RethinkDB runs; Docker knows. */
  isUp: (server: string) => boolean = () => true;

  server(name: string): ModelServer | undefined {
    return this.servers.find((server) => server.name === name);
  }

  addServer(name: string): ModelServer {
    const server = { name, id: `id-${name}`, tags: ["default", name], version: "rethinkdb 2.4.4" };
    this.servers.push(server);
    return server;
  }

  /** The name of a server that was replaced is still that of its data. */
  nameOf(id: string): string {
    return this.servers.find((server) => server.id === id)?.name ?? id.replace(/^.*-/, "");
  }

  idOf(name: string): string {
    return this.server(name)?.id ?? `id-${name}`;
  }

  addTable(name: string, ...sketches: readonly ShardSketch[]): ModelTable {
    const [db = "", own = ""] = name.split(".");
    const table = { id: `uuid-${name}`, db, name: own, shards: sketches.map((s) => this.parse(s)), copying: new Map() };
    this.tables.push(table);
    return table;
  }

  table(name: string): ModelTable {
    const found = this.tables.find((table) => `${table.db}.${table.name}` === name);
    if (found === undefined) throw new Error(`the fake has no table ${name}`);
    return found;
  }

  parse(sketch: ShardSketch): ModelShard {
    const words = sketch.split(" ").filter(Boolean);
    const ids = words.map((word) => this.idOf(word.replace(/[()*]/g, "")));
    const primary = words.findIndex((word) => word.includes("*"));
    return {
      primary: ids[Math.max(primary, 0)] ?? "",
      replicas: ids,
      nonvoting: ids.filter((_, index) => words[index]?.startsWith("(")),
    };
  }

  sketch(table: ModelTable): string {
    return table.shards.map((shard) => this.sketchOf(shard)).join(" | ");
  }

  sketchOf({ primary, replicas, nonvoting }: ModelShard): ShardSketch {
    const word = (id: string): string => {
      const name = `${this.nameOf(id)}${id === primary ? "*" : ""}`;
      return nonvoting.includes(id) ? `(${name})` : name;
    };
    return replicas.map(word).join(" ");
  }

  /** A line a table. */
  get layout(): readonly string[] {
    return this.tables.map((table) => `${table.db}.${table.name}: ${this.sketch(table)}`);
  }

  isCut(a: string, b: string): boolean {
    return this.cuts.some(([x, y]) => (x === a && y === b) || (x === b && y === a));
  }

  /** Cuts each of some servers from each of the others. */
  partition(some: readonly string[], others: readonly string[]): void {
    for (const a of some) for (const b of others) this.cuts.push([a, b]);
  }

  visibleFrom(viewer: string): readonly ModelServer[] {
    return this.servers.filter(({ name }) => name === viewer || (this.isUp(name) && !this.isCut(viewer, name)));
  }

  /** Ids of replicas that are ready, as one server sees it. */
  readyFrom(viewer: string, table: ModelTable, index: number): readonly string[] {
    const visible = new Set(this.visibleFrom(viewer).map(({ id }) => id));
    const replicas = table.shards[index]?.replicas ?? [];
    return replicas.filter((id) => visible.has(id) && !table.copying.has(`${String(index)} ${id}`));
  }

  hasMajority(viewer: string, table: ModelTable, index: number): boolean {
    const { replicas = [], nonvoting = [] } = table.shards[index] ?? {};
    const voters = replicas.filter((id) => !nonvoting.includes(id));
    const ready = this.readyFrom(viewer, table, index);
    return voters.filter((id) => ready.includes(id)).length > voters.length / 2;
  }

  /** One look at the state of tables: copies go on. */
  tick(): void {
    if (this.isStuck) return;
    for (const table of this.tables) {
      for (const [key, left] of table.copying) {
        this.copied += 1;
        if (left > 1) table.copying.set(key, left - 1);
        else table.copying.delete(key);
      }
    }
  }

  /** @throws Error that says why not. */
  changeShards(viewer: string, table: ModelTable, shards: readonly ModelShard[]): void {
    const text = shards.map((shard) => this.sketchOf(shard)).join(" | ");
    const name = `${table.db}.${table.name}`;
    const refusal = this.refuseChange(name, text);
    if (refusal !== undefined) throw new Error(refusal);
    shards.forEach((shard, index) => {
      if (!shard.replicas.includes(shard.primary) || shard.nonvoting.includes(shard.primary))
        throw new Error("The server set as primary must be a voting replica.");
      if (!this.hasMajority(viewer, table, index)) throw new Error("the table's primary replica cannot be reached");
      const visible = this.visibleFrom(viewer).map(({ id }) => id);
      const before = table.shards[index]?.replicas ?? [];
      for (const id of shard.replicas) {
        if (before.includes(id)) continue;
        if (!visible.includes(id)) throw new Error(`There is no server with id ${id}.`);
        if (this.copyReads > 0) table.copying.set(`${String(index)} ${id}`, this.copyReads);
      }
    });
    table.shards = shards;
    this.changes.push(`${name}: ${text}`);
  }
}
