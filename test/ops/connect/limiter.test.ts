/** Turns: never more at once than allowed, whatever becomes of each. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { Turns } from "../../../ops/connect/limiter";

test("lets no more than the limit run at once, in the order in which they came, and each gets its turn", async () => {
  const turns = new Turns(3);
  let running = 0;
  let most = 0;
  const began: number[] = [];
  const all = Array.from({ length: 20 }, (_, index) =>
    turns.take(async () => {
      began.push(index);
      most = Math.max(most, ++running);
      await sleep(index % 4);
      running--;
      if (index % 5 === 0) throw new Error(`no ${String(index)}`);
      return index;
    }),
  );
  const settled = await Promise.allSettled(all);
  assert.equal(most, 3);
  assert.deepEqual(
    began,
    settled.map((_, index) => index),
  );
  assert.deepEqual(
    settled.map((one) => (one.status === "fulfilled" ? one.value : (one.reason as Error).message)),
    settled.map((_, index) => (index % 5 === 0 ? `no ${String(index)}` : index)),
  );
});

test("opens nothing for one whose turn comes after the end", async () => {
  const turns = new Turns(1);
  const ending = new AbortController();
  let opened = 0;
  const first = turns.take(() => sleep(20), ending.signal);
  const second = turns.take(() => Promise.resolve(opened++), ending.signal);
  ending.abort(new Error("closed"));
  await first;
  await assert.rejects(second, new Error("closed"));
  assert.equal(opened, 0);
  assert.equal(await turns.take(() => Promise.resolve("free again")), "free again");
});
