/** Waiting: looks again, stalls when nothing new is seen, and never goes on for ever. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { clock, LIMIT_SECONDS, poll, STALL_SECONDS, within } from "../../../ops/lib/poll";
import { FakeClock } from "../../support/fake/clock";

let time: FakeClock;
beforeEach(() => {
  time = new FakeClock();
});
afterEach(() => {
  time.close();
});

const giveUp = (waiting: string, why: string): Error => new Error(`${waiting}: ${why}`);

test("gives back what it found, and looks ten times a second until then", async () => {
  const waits: string[] = [];
  const look = (looks: number): Promise<{ done: number } | { waiting: string }> =>
    Promise.resolve(looks < 4 ? { waiting: `look ${String(looks)}` } : { done: looks });
  const found = await poll(look, { giveUp, onWait: (waiting) => waits.push(waiting) });
  assert.equal(found, 4);
  assert.deepEqual(waits, ["look 1", "look 2", "look 3"]);
  assert.equal(time.time, 300);
});

test("looks as often as it is told", async () => {
  await poll((looks) => Promise.resolve(looks < 3 ? { waiting: "" } : { done: true }), { giveUp, everyMs: 700 });
  assert.equal(time.time, 1400);
});

test("gives up when nothing changed for three minutes", async () => {
  time.pace = 10;
  await assert.rejects(
    poll(() => Promise.resolve({ waiting: "it is slow" }), { giveUp }),
    new Error("it is slow: nothing changed for 180 seconds"),
  );
  assert.equal(STALL_SECONDS, 180);
  assert.equal(time.time, 181_000);
});

test("takes two reasons that alternate for nothing new", async () => {
  time.pace = 10;
  await assert.rejects(
    poll((looks) => Promise.resolve({ waiting: looks % 2 === 0 ? "a" : "b" }), { giveUp }),
    new Error("b: nothing changed for 180 seconds"),
  );
  assert.ok(time.time < 190_000);
});

test("goes on as long as something new is seen", async () => {
  time.pace = 1000;
  const found = await poll(
    (looks) => Promise.resolve(looks < 50 ? { waiting: "same", moves: String(looks) } : { done: "found" }),
    { giveUp },
  );
  assert.equal(found, "found");
  assert.ok(time.time > 4_000_000);
});

test("does not stall while a reason that was seen before comes back beside new ones", async () => {
  time.pace = 100;
  const found = await poll(
    (looks) => {
      if (looks > 60) return Promise.resolve({ done: true });
      return Promise.resolve({ waiting: looks % 10 === 0 ? `new ${String(looks)}` : "old" });
    },
    { giveUp },
  );
  assert.equal(found, true);
});

test("gives up at its limit though something moves", async () => {
  time.pace = 10_000;
  await assert.rejects(
    poll((looks) => Promise.resolve({ waiting: "moving", moves: String(looks) }), { giveUp }),
    new Error("moving: it was not done in 720 minutes"),
  );
  assert.equal(LIMIT_SECONDS, 43_200);
  assert.ok(time.time > 43_200_000 && time.time <= 44_200_000);
});

test("keeps to the limits that it is given", async () => {
  time.pace = 10;
  const still = { giveUp, stallSeconds: 7 };
  await assert.rejects(
    poll(() => Promise.resolve({ waiting: "x" }), still),
    new Error("x: nothing changed for 7 seconds"),
  );
  const moving = { giveUp, limitSeconds: 60 };
  await assert.rejects(
    poll((looks) => Promise.resolve({ waiting: "x", moves: String(looks) }), moving),
    new Error("x: it was not done in 1 minutes"),
  );
});

test("ends as soon as it is aborted", async () => {
  const end = new AbortController();
  let looks = 0;
  const waiting = poll(
    () => {
      looks++;
      return Promise.resolve({ waiting: "x" });
    },
    { giveUp, signal: end.signal },
  );
  setImmediate(() => {
    end.abort(new Error("enough"));
  });
  await assert.rejects(waiting);
  assert.equal(looks, 1);
  await assert.rejects(
    poll(() => Promise.resolve({ done: 1 }), { giveUp, signal: end.signal }),
    new Error("enough"),
  );
});

test("an answer in time is the result, and nothing ends it", async () => {
  let isLate = false;
  const answer = await within(5, Promise.resolve("here"), () => {
    isLate = true;
  });
  assert.equal(answer, "here");
  assert.equal(isLate, false);
});

test("an error in time is the error", async () => {
  await assert.rejects(within(5, Promise.reject(new Error("no"))), new Error("no"));
});

test("an answer that does not come is ended, and told", async () => {
  let late = 0;
  const never = new Promise<void>(() => undefined);
  await assert.rejects(
    within(30, never, () => {
      late++;
    }),
    new Error("no answer in 30 seconds"),
  );
  assert.equal(late, 1);
  assert.equal(time.time, 30_000);
});

test("the real clock waits, and is woken by its signal", async () => {
  time.close();
  const started = clock.now();
  await clock.sleep(20);
  assert.ok(clock.now() - started >= 15);
  const end = new AbortController();
  const long = clock.sleep(60_000, end.signal);
  end.abort();
  await assert.rejects(long);
  assert.ok(clock.now() - started < 5000);
});
