/** Whether the newest backup that was proved by restoring it is recent enough. */
import { DAY_MS } from "../../pki/expiry";

/** Where one is verified every week, it may come a day late. */
export const VERIFIED_DAYS = 8;

/**
 * @param ageMs since that backup was made, in milliseconds; undefined where none was verified, or none that is known here.
 * @returns one sentence where backups are on and none was verified in time.
 */
export function judgeBackupAge(clusterName: string, ageMs: number | undefined): string | undefined {
  const cure = "npx pulumi-rethinkdb backup create, then npx pulumi-rethinkdb backup verify";
  if (ageMs === undefined)
    return `backups: this machine knows of no backup of ${clusterName} that was verified; run ${cure}`;
  const days = Math.floor(ageMs / DAY_MS);
  if (days <= VERIFIED_DAYS) return undefined;
  return (
    `backups: the newest backup of ${clusterName} that was verified is ${String(days)} days old, ` +
    `more than ${String(VERIFIED_DAYS)}; run ${cure}`
  );
}
