/** What each server may use, and what its restart may cost. */
import type { Complete } from "./shape/complete";
import type { Report } from "./report";

export interface ServerArgs {
  /**
   * Memory limit of each server in MiB. `limitSwap` says whether it may swap beyond that. A change restarts every server,
   * one at a time.
   * @default 1024
   */
  readonly memoryMib?: number;

  /**
   * Whether containers are kept from swapping beyond their memory limit. Set `false` only on hosts whose kernel does not
   * count swap (`docker info` prints `SwapLimit` false): a server may then fill the host's swap, is slow meanwhile, and
   * leaves data of the database on that disk. A change restarts every server, one at a time.
   * @default true
   * @page operations.md#docker-engines
   */
  readonly limitSwap?: boolean;

  /**
   * RethinkDB's `--cache-size` in MiB, below `memoryMib`. A change restarts every server, one at a time.
   * @default - half of `memoryMib`
   * @config 0
   */
  readonly cacheSizeMib?: number;

  /**
   * Numeric user and group id of the server process, 1000 or higher. Choose one that no login of the host has: then local
   * users cannot read the process in `/proc`, nor its key files.
   * @default 28015
   */
  readonly runAsUid?: number;

  /**
   * Copy tables of one replica to another server before theirs restarts, and back afterwards. Without this they are not
   * available during the restart. It takes the time and the disk of two copies.
   * @default false
   */
  readonly protectSingleReplicaTables?: boolean;

  /**
   * Refuse to restart a server if that makes a table unavailable. Without this the tables are only named.
   * @default false
   */
  readonly strictInterruption?: boolean;
}

const MAX_MIB = 16 * 1024 * 1024;

export function checkServers(args: Complete<ServerArgs>, report: Report): void {
  checkMemory(args, report);
  report.whole("runAsUid", args.runAsUid, 1000, 2 ** 31 - 1);
}

function checkMemory({ memoryMib, cacheSizeMib }: Complete<ServerArgs>, report: Report): void {
  const fits = report.whole("memoryMib", memoryMib, 64, MAX_MIB);
  if (cacheSizeMib === undefined || !report.whole("cacheSizeMib", cacheSizeMib, 1, MAX_MIB) || !fits) return;
  if (cacheSizeMib >= memoryMib) {
    report.error(
      `cacheSizeMib: ${String(cacheSizeMib)} leaves nothing of memoryMib ${String(memoryMib)} for the server itself; ` +
        `use about half of it`,
    );
  }
}
