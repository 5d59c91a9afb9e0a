/** Backups: which account reads the databases, which databases, and which backups are kept. */
import type { Input } from "@pulumi/pulumi";
import type { UserArgs } from "./accounts";
import { OPERATOR_USER, SYSTEM_DB } from "./constants";
import { backup } from "./presets";
import type { Report, Verdict } from "./report";
import type { Complete } from "./shape/complete";
import { checkPassword } from "./values/password";

export interface BackupArgs {
  /**
   * Backups by `npx pulumi-rethinkdb backup`: `enabled`, `user`, `databases`, and how many are kept. Makes the account that reads the
   * databases. Nothing runs on the servers and no port is opened.
   * @default { enabled: false }
   * @page backups.md
   */
  readonly backups?: BackupsArgs;

  /**
   * Password of the account that makes backups, 1–1024 printable ASCII characters. Required when backups are enabled. It
   * is a secret in the state.
   * @default - none
   * @secret
   * @config -
   */
  readonly backupPassword?: Input<string>;
}

/** Backups. Changing anything of it restarts no server. */
export interface BackupsArgs {
  /** Whether there is an account for backups. */
  readonly enabled: boolean;

  /**
   * Name of the account. It may read and write every database and make tables, as `rethinkdb-dump` and
   * `rethinkdb-restore` need it too.
   * @default "backup"
   */
  readonly user?: string;

  /**
   * Databases that go into a backup. Every database where none is named.
   * @default []
   */
  readonly databases?: readonly string[];

  /**
   * Days of which `npx pulumi-rethinkdb backup prune` keeps the last backup.
   * @default 7
   */
  readonly keepDaily?: number;

  /**
   * Weeks of which it keeps the last backup.
   * @default 4
   */
  readonly keepWeekly?: number;

  /**
   * Months of which it keeps the last backup.
   * @default 12
   */
  readonly keepMonthly?: number;
}

/** More backups than that are no retention. */
const MAX_KEPT = 10_000;

interface Around {
  readonly users: readonly UserArgs[];
}

export function checkBackups(args: Complete<BackupArgs> & Around, report: Report): void {
  const { enabled, user, databases, keepDaily, keepWeekly, keepMonthly } = args.backups;
  if (!enabled) {
    if (args.backupPassword !== undefined) {
      report.warn("backupPassword: is set, and backups.enabled is not true, so that there is no such account");
    }
    return;
  }
  checkUser(user, args.users, report);
  databases.forEach((name, index) => {
    const path = `backups.databases[${String(index)}]`;
    if (!/^[A-Za-z0-9_-]+$/.test(name)) {
      report.error(`${path}: "${name}" cannot name a database; use letters, digits, "_" and "-"`);
    } else if (name === SYSTEM_DB) {
      report.error(
        `${path}: "${name}" is RethinkDB's own database; every backup has what can be kept of it, take it out`,
      );
    }
  });
  report.whole("backups.keepDaily", keepDaily, 0, MAX_KEPT);
  report.whole("backups.keepWeekly", keepWeekly, 0, MAX_KEPT);
  report.whole("backups.keepMonthly", keepMonthly, 0, MAX_KEPT);
  if (keepDaily === 0 && keepWeekly === 0 && keepMonthly === 0) {
    report.error("backups.keepDaily: 0, with keepWeekly and keepMonthly 0 too, keeps no backup; raise one of them");
  }
  if (args.backupPassword === undefined) {
    report.error("backupPassword: is missing; set one, for example with: pulumi config set --secret backupPassword");
  } else if (typeof args.backupPassword === "string") {
    report.take(checkBackupPassword(args.backupPassword));
  }
}

function checkUser(user: string, users: readonly UserArgs[], report: Report): void {
  if (user === "admin" || user === OPERATOR_USER) {
    report.error(`backups.user: "${user}" is built in and may do everything; choose another name`);
  } else if (!/^[A-Za-z0-9._-]+$/.test(user)) {
    report.error(`backups.user: "${user}" cannot be sent by every driver; use letters, digits, ".", "_" and "-"`);
  } else if (users.some(({ name }) => name === user)) {
    report.error(
      `backups.user: "${user}" is among users already; the account for backups is made here, choose another name`,
    );
  }
}

export function checkBackupPassword(value: string): Verdict {
  return checkPassword("backupPassword", value);
}

/** The account that backups are made with; none where there are no backups. */
export function backupUsers({ enabled, user }: Required<BackupsArgs>): readonly UserArgs[] {
  return enabled ? [{ name: user, grants: backup() }] : [];
}
