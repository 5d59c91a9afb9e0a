/** Tables of many layouts, and everything of them that a move or a restart must not change. */
import { mustPython, type Target } from "./python";

/** A digest of every row, and of everything in the configuration but which server holds what. */
export interface TableFacts {
  readonly rows: number;
  readonly sum: number;
  readonly indexes: readonly string[];
  readonly hook: boolean;
  readonly acks: string;
  readonly durability: string;
  readonly shards: readonly { readonly voting: number; readonly nonvoting: number }[];
}

const FACTS = `
out = {}
configs = {t["name"]: t for t in r.db("rethinkdb").table("table_config").run(c) if t["db"] == "test"}
for name, t in configs.items():
    out[name] = {
        "rows": r.table(name).count().run(c),
        "sum": r.table(name).filter(r.row["id"].type_of() == "NUMBER").sum("id").run(c),
        "indexes": sorted(t["indexes"]),
        "hook": t["write_hook"] is not None,
        "acks": t["write_acks"],
        "durability": t["durability"],
        "shards": [{"voting": len(s["replicas"]) - len(s["nonvoting_replicas"]), "nonvoting": len(s["nonvoting_replicas"])} for s in t["shards"]],
    }
return out`;

export function tableFacts(target: Target): Readonly<Record<string, TableFacts>> {
  return mustPython(target, FACTS) as Readonly<Record<string, TableFacts>>;
}

export interface Layout {
  readonly primary: string;
  readonly replicas: readonly string[];
  readonly nonvoting: readonly string[];
}

/** Which server holds what, by table and shard; nothing of a table that cannot be read. */
export function layouts(target: Target): Readonly<Record<string, readonly Layout[]>> {
  const body = `
rows = r.db("rethinkdb").table("table_config").filter({"db": "test"}).run(c)
return {t["name"]: [{"primary": s["primary_replica"], "replicas": sorted(s["replicas"]), "nonvoting": sorted(s["nonvoting_replicas"])} for s in t.get("shards", [])] for t in rows}`;
  return mustPython(target, body) as Readonly<Record<string, readonly Layout[]>>;
}
