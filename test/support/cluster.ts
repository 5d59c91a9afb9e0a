/** What every server of a cluster says of it, each asked through its own port. */
import { setTimeout as sleep } from "node:timers/promises";
import { python, type Target } from "./python";

/** @returns for each server whom it sees, itself included; or what it answered instead. */
export function views(targets: readonly Target[]): readonly unknown[] {
  return targets.map((target) => {
    const answer = python(target, `return sorted(r.db("rethinkdb").table("server_status")["name"].run(c))`);
    return answer.ok ? answer.value : answer.error;
  });
}

/** Waits until every server sees all of `names`. @throws with the last views when that takes longer than `seconds`. */
export async function untilOne(targets: readonly Target[], names: readonly string[], seconds: number): Promise<number> {
  const wanted = JSON.stringify(targets.map(() => names));
  const started = Date.now();
  for (;;) {
    const seen = JSON.stringify(views(targets));
    if (seen === wanted) return (Date.now() - started) / 1000;
    if (Date.now() - started > seconds * 1000) throw new Error(`not one cluster after ${String(seconds)} s: ${seen}`);
    await sleep(500);
  }
}
