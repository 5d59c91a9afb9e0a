/** Which servers a run mends first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { down, isDown } from "../../../ops/programs/down";
import { withFakeDocker } from "../../support/fakeDocker";

const container = (Status: string, health?: string, RestartCount = 0): Parameters<typeof isDown>[0] => ({
  RestartCount,
  State: { Status, ...(health === undefined ? {} : { Health: { Status: health } }) },
});

for (const [what, found, expected] of [
  ["runs", container("running", "healthy"), false],
  ["has just started", container("running", "starting"), false],
  ["fell once and is healthy again", container("running", "healthy", 3), false],
  ["starts over and over", container("running", "starting", 3), true],
  ["is between two starts", container("restarting"), true],
  ["does not answer its health check", container("running", "unhealthy"), true],
  ["is down", container("exited"), true],
  ["is frozen", container("paused", "healthy"), true],
  ["was never started", container("created"), true],
] as const) {
  test(`a server that ${what} is ${expected ? "" : "not "}down`, () => {
    assert.equal(isDown(found), expected);
  });
}

test("servers are named, and those that are down, by what Docker says of each", async () => {
  const answers = [
    { when: "^ps ", stdout: "n1\tdb-n1\texited\nn0\tdb-n0\trunning\n" },
    { when: "inspect db-n0", stdout: JSON.stringify([container("running", "healthy")]) },
    { when: "inspect db-n1", stdout: JSON.stringify([container("exited")]) },
  ];
  await withFakeDocker(answers, async () => {
    const request = { identity: "0123456789abcdef01234567", dockerHost: "tcp://192.0.2.1:2376" };
    assert.deepEqual(await down(request), { present: ["n0", "n1"], down: ["n1"] });
  });
});
