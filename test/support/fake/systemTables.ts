/** RethinkDB's own tables, as one server shows them to one account. */
import { SYSTEM_DB } from "../../../args/constants";
import type { Model, ModelShard, ModelTable } from "./model";
import { type Datum, PERMISSION_ERROR, ReqlError, type Row, type Store, type TableRef, textOf } from "./reql";

export class SystemTables implements Store {
  constructor(
    private readonly model: Model,
    private readonly viewer: string,
    private readonly user: string,
  ) {}

  rows(table: TableRef): readonly Row[] {
    this.demand("read", table);
    const { model, viewer } = this;
    if (table.db !== SYSTEM_DB) {
      if (model.tables.some(({ db, name }) => db === table.db && name === table.name)) return [];
      throw new ReqlError(`Table \`${table.db}.${table.name}\` does not exist.`);
    }
    const visible = model.visibleFrom(viewer);
    switch (table.name) {
      case "server_status":
        return visible.map(({ id, name, version }) => ({
          id,
          name,
          process: { version },
          network: { connected_to: this.linksOf(name) },
        }));
      case "server_config":
        return visible.map(({ id, name, tags }) => ({ id, name, tags }));
      case "table_status": {
        const rows = model.tables.map((known) => this.statusOf(known));
        model.tick();
        return rows;
      }
      case "table_config":
        return model.tables.map((known) => this.configOf(known, table.uuid));
      case "current_issues":
        return model.issues.map(({ type, description }, index) => ({ id: String(index), type, description }));
      case "stats":
        return model.tables.map(({ id, db, name }) => ({
          id: ["table_server", id, viewer],
          db,
          table: name,
          storage_engine: { disk: { space_usage: { data_bytes: model.copied } } },
        }));
      case "db_config":
        return model.databases.map((name) => ({ id: `uuid-${name}`, name }));
      case "users":
        return [...model.users].map(([id, password]) => ({ id, password: password !== "" }));
      case "permissions":
        return model.permissions.map(({ id, permissions }) => this.permissionRow(id, permissions));
      case "jobs":
        return model.jobs.map(({ id, user }) => ({ id: ["query", id], type: "query", info: { user } }));
      default:
        throw new ReqlError(`Table \`${table.db}.${table.name}\` does not exist.`);
    }
  }

  insert(table: TableRef, row: Row): void {
    this.demand("write", table);
    if (table.name !== "users") throw new ReqlError(`the fake inserts nothing into ${table.name}`);
    this.setPassword(row);
  }

  update(table: TableRef, before: Row, after: Row): void {
    this.demand("write", table);
    switch (table.name) {
      case "users":
        this.setPassword(after);
        return;
      case "server_config": {
        const name = textOf(before["name"]);
        const tags = after["tags"] as readonly string[];
        this.note(`tags of ${name}: ${tags.join(" ")}`);
        const server = this.model.server(name);
        if (server !== undefined) server.tags = tags;
        return;
      }
      case "table_config":
        this.changeShards(textOf(before["id"]), after["shards"] as readonly Row[], table.uuid);
        return;
      default:
        throw new ReqlError(`the fake updates nothing in ${table.name}`);
    }
  }

  remove(table: TableRef, row: Row): void {
    this.demand("write", table);
    const { model } = this;
    if (table.name === "users") {
      const name = textOf(row["id"]);
      this.note(`remove user ${name}`);
      model.users.delete(name);
      this.dropPermissions((id) => id[0] === name);
    } else if (table.name === "permissions") {
      const key = JSON.stringify(row["id"]);
      this.note(`remove permission ${(row["id"] as readonly string[]).join("/")}`);
      this.dropPermissions((id) => JSON.stringify(id) === key);
    } else if (table.name === "jobs") {
      const key = (row["id"] as readonly string[])[1] ?? "";
      this.note(`end query ${key}`);
      const index = model.jobs.findIndex(({ id }) => id === key);
      model.jobs.splice(index, 1);
    } else throw new ReqlError(`the fake removes nothing from ${table.name}`);
  }

  createDatabase(name: string): void {
    this.note(`make database ${name}`);
    this.model.databases.push(name);
  }

  grant(user: string, scope: readonly string[], rights: Row): void {
    if (!this.model.users.has(user)) throw new ReqlError(`User \`${user}\` not found.`);
    const words = Object.entries(rights).map(([right, value]) => `${right}=${JSON.stringify(value)}`);
    this.note(`grant ${user} ${scope.join(".") || "everywhere"} ${words.join(" ")}`);
    const ids = scope.map((name, index) => (index === 0 ? `uuid-${name}` : `uuid-${scope.join(".")}`));
    const id = [user, ...ids];
    const known = this.model.permissions.find((row) => JSON.stringify(row.id) === JSON.stringify(id));
    const merged = Object.entries({ ...known?.permissions, ...rights }).filter(([, value]) => value !== null);
    if (known !== undefined) known.permissions = Object.fromEntries(merged);
    else this.model.permissions.push({ id, permissions: Object.fromEntries(merged) });
  }

  /** The admin may do everything; others what was granted on a table of RethinkDB's own. */
  private demand(right: "read" | "write", { db, name }: TableRef): void {
    if (this.user === "admin") return;
    const granted = this.model.permissions.some(
      ({ id, permissions }) =>
        id[0] === this.user &&
        permissions[right] === true &&
        (id.length === 1 || id.at(-1) === `uuid-${db}` || id.at(-1) === `uuid-${db}.${name}`),
    );
    if (!granted) {
      const text = `User \`${this.user}\` does not have the required \`${right}\` permission`;
      throw new ReqlError(text, PERMISSION_ERROR);
    }
  }

  private note(what: string): void {
    const refusal = this.model.refuseWrite(what);
    if (refusal !== undefined) throw new ReqlError(refusal);
    this.model.writes.push(what);
  }

  private linksOf(name: string): Readonly<Record<string, boolean>> {
    const { model } = this;
    const others = model.visibleFrom(this.viewer).filter((other) => other.name !== name);
    return Object.fromEntries(others.map((other) => [other.name, !model.isCut(name, other.name)]));
  }

  private statusOf(table: ModelTable): Row {
    const { model, viewer } = this;
    const shards = table.shards.map((shard, index) => {
      const ready = model.readyFrom(viewer, table, index);
      const leads = ready.includes(shard.primary) && model.hasMajority(viewer, table, index);
      return {
        primary_replicas: leads ? [model.nameOf(shard.primary)] : [],
        replicas: shard.replicas.map((id) => ({
          server: model.nameOf(id),
          state: ready.includes(id)
            ? "ready"
            : model.visibleFrom(viewer).some((s) => s.id === id)
              ? "backfilling"
              : "disconnected",
        })),
      };
    });
    const all = table.shards.every(({ replicas }, i) => model.readyFrom(viewer, table, i).length === replicas.length);
    return { id: table.id, db: table.db, name: table.name, shards, status: { all_replicas_ready: all } };
  }

  /** Without shards where this server sees no replica of the table. */
  private configOf(table: ModelTable, uuid: boolean): Row {
    const { model, viewer } = this;
    const base = { id: table.id, db: table.db, name: table.name };
    const visible = new Set(model.visibleFrom(viewer).map(({ id }) => id));
    if (!table.shards.some(({ replicas }) => replicas.some((id) => visible.has(id)))) return base;
    const say = (id: string): string => (uuid ? id : model.nameOf(id));
    const shards = table.shards.map(({ primary, replicas, nonvoting }) => ({
      primary_replica: say(primary),
      replicas: replicas.map(say),
      nonvoting_replicas: nonvoting.map(say),
    }));
    return { ...base, shards, durability: "hard" };
  }

  private changeShards(id: string, shards: readonly Row[], uuid: boolean): void {
    const { model } = this;
    const table = model.tables.find((known) => known.id === id);
    if (table === undefined) throw new ReqlError(`There is no table ${id}.`);
    const parse = (name: Datum | undefined): string => (uuid ? textOf(name) : model.idOf(textOf(name)));
    const list = (names: Datum | undefined): readonly string[] => (names as readonly string[]).map(parse);
    const wanted = shards.map((shard): ModelShard => ({
      primary: parse(shard["primary_replica"]),
      replicas: list(shard["replicas"]),
      nonvoting: list(shard["nonvoting_replicas"]),
    }));
    try {
      model.changeShards(this.viewer, table, wanted);
    } catch (error) {
      throw new ReqlError((error as Error).message);
    }
  }

  /** Read back it is true or false, and only a text sets it. */
  private setPassword(row: Row): void {
    const name = textOf(row["id"]);
    const password = row["password"];
    this.note(`password of ${name}`);
    this.model.users.set(name, typeof password === "string" ? password : (this.model.users.get(name) ?? ""));
  }

  private permissionRow(id: readonly string[], permissions: Row): Row {
    const [user = "", db, table] = id;
    const plain = (text: string): string => text.replace(/^uuid-/, "");
    return {
      id,
      user,
      permissions,
      ...(db === undefined ? {} : { database: plain(db) }),
      ...(table === undefined ? {} : { table: plain(table).replace(/^[^.]*\./, "") }),
    };
  }

  private dropPermissions(drop: (id: readonly string[]) => boolean): void {
    const { permissions } = this.model;
    for (let index = permissions.length - 1; index >= 0; index--) {
      if (drop(permissions[index]?.id ?? [])) permissions.splice(index, 1);
    }
  }
}
