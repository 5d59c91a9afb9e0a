/** The part of ReQL that the programs use, over tables that someone else keeps. */

export type Datum = null | boolean | number | string | readonly Datum[] | { readonly [key: string]: Datum };
export type Row = Readonly<Record<string, Datum>>;

/** What RethinkDB says in place of an answer. */
export class ReqlError extends Error {
  constructor(
    message: string,
    /** RethinkDB's number of its kind. */
    readonly code = OP_FAILED,
  ) {
    super(message);
  }
}
export const OP_FAILED = 4_100_000;
export const USER_ERROR = 5_000_000;
export const PERMISSION_ERROR = 6_000_000;

export interface TableRef {
  readonly db: string;
  readonly name: string;
  /** Servers are called by their ids. */
  readonly uuid: boolean;
}

/** What a query reads and writes; each throws a `ReqlError` where it may not. */
export interface Store {
  rows(table: TableRef): readonly Row[];
  insert(table: TableRef, row: Row): void;
  update(table: TableRef, before: Row, after: Row): void;
  remove(table: TableRef, row: Row): void;
  createDatabase(name: string): void;
  grant(user: string, scope: readonly string[], rights: Row): void;
}

/** Numbers of https://github.com/rethinkdb/rethinkdb/blob/v2.4.4/src/rdb_protocol/ql2.proto */
const TERMS = {
  makeArray: 2,
  variable: 10,
  error: 12,
  db: 14,
  table: 15,
  get: 16,
  eq: 17,
  filter: 39,
  coerceTo: 51,
  update: 53,
  delete: 54,
  insert: 56,
  dbCreate: 57,
  branch: 65,
  and: 67,
  func: 69,
  bracket: 170,
  grant: 188,
} as const;

class Selection {
  constructor(
    readonly table: TableRef,
    readonly rows: readonly Row[],
    readonly isOne: boolean,
  ) {}
}
class Database {
  constructor(readonly name: string) {}
}
type Value = Datum | Selection | Database;
type Variables = Readonly<Record<number, Datum>>;

/** @returns the answer as a datum. */
export function evaluate(query: unknown, store: Store): Datum {
  return new Evaluation(store).datum(query, {});
}

class Evaluation {
  constructor(private readonly store: Store) {}

  datum(term: unknown, variables: Variables): Datum {
    const value = this.value(term, variables);
    if (value instanceof Selection) return value.isOne ? (value.rows[0] ?? null) : value.rows;
    if (value instanceof Database) throw new ReqlError("a database is no datum");
    return value;
  }

  private value(term: unknown, variables: Variables): Value {
    if (!Array.isArray(term)) {
      if (typeof term !== "object" || term === null) return term as Datum;
      return Object.fromEntries(Object.entries(term).map(([key, inner]) => [key, this.datum(inner, variables)]));
    }
    const [type, args = [], options = {}] = term as [number, unknown[]?, Record<string, unknown>?];
    const at = (index: number): Datum => this.datum(args[index], variables);
    switch (type) {
      case TERMS.makeArray:
        return args.map((inner) => this.datum(inner, variables));
      case TERMS.variable:
        return variables[args[0] as number] ?? null;
      case TERMS.error:
        throw new ReqlError(textOf(at(0)), USER_ERROR);
      case TERMS.db:
        return new Database(textOf(at(0)));
      case TERMS.table: {
        const db = this.value(args[0], variables) as Database;
        const { identifier_format: format = "name" } = options;
        if (format !== "name" && format !== "uuid")
          throw new ReqlError(
            `Identifier format \`${textOf(format as Datum)}\` unrecognized (options are "name" and "uuid").`,
          );
        const table = { db: db.name, name: textOf(at(1)), uuid: format === "uuid" };
        return new Selection(table, this.store.rows(table), false);
      }
      case TERMS.get: {
        const { table, rows } = this.selection(args[0], variables);
        const key = JSON.stringify(at(1));
        return new Selection(
          table,
          rows.filter((row) => JSON.stringify(row["id"]) === key),
          true,
        );
      }
      case TERMS.eq:
        return same(at(0), at(1));
      case TERMS.and:
        return args.every((_, index) => at(index) === true);
      case TERMS.bracket:
        return field(at(0), at(1));
      case TERMS.branch:
        return at(0) === true ? at(1) : at(2);
      case TERMS.coerceTo:
        if (at(1) !== "array") throw new ReqlError(`Unknown Type: ${textOf(at(1))}`);
        return at(0);
      case TERMS.filter: {
        const { table, rows } = this.selection(args[0], variables);
        return new Selection(
          table,
          rows.filter((row) => this.fits(args[1], row)),
          false,
        );
      }
      case TERMS.update:
        return this.update(this.selection(args[0], variables), args[1]);
      case TERMS.delete:
        return this.remove(this.selection(args[0], variables));
      case TERMS.insert:
        return this.insert(this.selection(args[0], variables), at(1) as Row, options["conflict"]);
      case TERMS.dbCreate:
        this.store.createDatabase(textOf(at(0)));
        return { dbs_created: 1 };
      case TERMS.grant:
        return this.grant(args, variables);
      default:
        throw new ReqlError(`the fake does not know term ${String(type)}`);
    }
  }

  private selection(term: unknown, variables: Variables): Selection {
    const value = this.value(term, variables);
    if (value instanceof Selection) return value;
    throw new ReqlError("a selection of rows was expected");
  }

  /** A function of one row, or a datum that stands for itself. */
  private call(term: unknown, row: Row): Datum {
    if (!Array.isArray(term) || term[0] !== TERMS.func) return this.datum(term, {});
    const [[, [variable]], body] = term[1] as [[number, [number]], unknown];
    return this.datum(body, { [variable]: row });
  }

  private fits(term: unknown, row: Row): boolean {
    const wanted = this.call(term, row);
    if (typeof wanted !== "object" || wanted === null) return wanted === true;
    return Object.entries(wanted).every(([key, value]) => same(row[key] ?? null, value));
  }

  private update({ table, rows }: Selection, change: unknown): Datum {
    return written(
      rows.map((before) => () => {
        this.store.update(table, before, { ...before, ...(this.call(change, before) as Row) });
        return "replaced";
      }),
    );
  }

  private remove({ table, rows }: Selection): Datum {
    return written(
      rows.map((row) => () => {
        this.store.remove(table, row);
        return "deleted";
      }),
    );
  }

  private insert({ table, rows }: Selection, row: Row, conflict: unknown): Datum {
    return written([
      () => {
        const before = rows.find((known) => same(known["id"] ?? null, row["id"] ?? null));
        if (before === undefined) this.store.insert(table, row);
        else if (conflict === "update") this.store.update(table, before, { ...before, ...row });
        else throw new ReqlError("Duplicate primary key `id`");
        return before === undefined ? "inserted" : "replaced";
      },
    ]);
  }

  private grant(args: readonly unknown[], variables: Variables): Datum {
    const scope = args.slice(0, -2).flatMap((term): readonly string[] => {
      const value = this.value(term, variables);
      if (value instanceof Database) return [value.name];
      return value instanceof Selection ? [value.table.db, value.table.name] : [];
    });
    const [user, rights] = args.slice(-2).map((term) => this.datum(term, variables));
    this.store.grant(textOf(user), scope, rights as Row);
    return { granted: 1 };
  }
}

/** As RethinkDB sums it up: what fails for one row is counted. */
function written(writes: readonly (() => "inserted" | "replaced" | "deleted")[]): Datum {
  const counts = { inserted: 0, replaced: 0, unchanged: 0, deleted: 0, skipped: 0, errors: 0 };
  let firstError: string | undefined;
  for (const write of writes) {
    try {
      counts[write()]++;
    } catch (error) {
      if (!(error instanceof ReqlError) || error.code === PERMISSION_ERROR) throw error;
      counts.errors++;
      firstError ??= error.message;
    }
  }
  if (writes.length === 0) counts.skipped = 1;
  return { ...counts, ...(firstError === undefined ? {} : { first_error: firstError }) };
}

/** @throws ReqlError where it is no text. */
export function textOf(value: Datum | undefined): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new ReqlError(`Expected type STRING but found ${JSON.stringify(value)}.`);
}

function field(value: Datum, key: Datum): Datum {
  const found = (value as Readonly<Record<string, Datum>> | null)?.[key as string];
  if (found === undefined) throw new ReqlError(`No attribute \`${textOf(key)}\` in object`);
  return found;
}

function same(a: Datum, b: Datum): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: Datum): Datum {
  if (Array.isArray(value)) return (value as readonly Datum[]).map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value as Row).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
