/** What rights amount to. */
import { SYSTEM_DB } from "../../../args/constants";
import type { LivePermission } from "../accountChanges";
import type { OperatorRight } from "../../plan/operatorRights";

/** Tables of RethinkDB's own database through which a user becomes admin. */
const OF_ADMIN = ["users", "permissions"];

/** `write` or `config` on the database `rethinkdb`, or `write` on the table of users or permissions. */
export function likeAdmin(permissions: readonly LivePermission[]): boolean {
  return permissions.some(({ database, table, permissions: rights }) => {
    if (database !== SYSTEM_DB) return false;
    return table === undefined
      ? rights["write"] === true || rights["config"] === true
      : OF_ADMIN.includes(table) && rights["write"] === true;
  });
}

export function rightsText(permissions: readonly LivePermission[]): string {
  return permissions.map((row) => `${scopeOf(row)}: ${namesOf(row).join(", ")}`).join("; ");
}

/** @returns what the operator has and does not need, a phrase each. */
export function beyondOperator(
  permissions: readonly LivePermission[],
  needed: readonly OperatorRight[],
): readonly string[] {
  return permissions.flatMap((row) => {
    const { database, table } = row;
    const wanted: Readonly<Record<string, boolean | undefined>> =
      database === undefined
        ? { config: true }
        : database === SYSTEM_DB && table !== undefined
          ? (needed.find((right) => right.table === table)?.rights ?? {})
          : {};
    const more = namesOf(row).filter((right) => wanted[right] !== true);
    return more.length === 0 ? [] : [`${more.join(", ")} on ${scopeOf(row)}`];
  });
}

function namesOf({ permissions }: LivePermission): readonly string[] {
  return Object.entries(permissions)
    .filter(([, given]) => given === true)
    .map(([right]) => right);
}

function scopeOf({ database, table }: LivePermission): string {
  if (database === undefined) return "every database";
  return table === undefined ? database : `${database}.${table}`;
}
