/** Locks as files, and processes as they are: what a killed run leaves goes, what lives stays. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { clearDeadLocks, isPulumi } from "../../../cli/stack/lock";

const around = { hostname: "here", isPulumi: (pid: number): boolean => pid === 42 };
let folder: string;

function lock(name: string, content: unknown): void {
  writeFileSync(join(folder, `${name}.json`), typeof content === "string" ? content : JSON.stringify(content));
  writeFileSync(join(folder, `${name}.json.attrs`), "{}");
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), "rethinkdb-locks-"));
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("locks of dead runs", () => {
  test("are none where no run ever was", () => {
    assert.equal(clearDeadLocks(join(folder, "nowhere"), around), false);
    assert.equal(clearDeadLocks(folder, around), false);
  });

  test("go with all that belongs to them", () => {
    lock("a", { pid: 1, hostname: "here", username: "u" });
    lock("b", { pid: 2, hostname: "here", username: "u" });
    assert.equal(clearDeadLocks(folder, around), true);
    assert.deepEqual(readdirSync(folder), []);
  });

  test("stay beside one that may live", () => {
    lock("a", { pid: 1, hostname: "here", username: "u" });
    for (const other of [
      { pid: 42, hostname: "here", username: "u" },
      { pid: 1, hostname: "there", username: "u" },
      "{",
      "",
    ]) {
      lock("b", other);
      assert.throws(() => clearDeadLocks(folder, around), { name: "Failure" });
      assert.equal(readdirSync(folder).length, 4);
    }
  });
});

describe("a process", () => {
  test("that is another program does not hold a lock", () => {
    assert.equal(isPulumi(process.pid), false);
  });

  test("that is pulumi holds one until it ends", async () => {
    const program = join(folder, "pulumi");
    copyFileSync("/bin/sleep", program);
    const child = spawn(program, ["60"]);
    await new Promise((started) => child.once("spawn", started));
    const pid = child.pid ?? 0;
    assert.equal(isPulumi(pid), true);
    child.kill("SIGKILL");
    await new Promise((closed) => child.once("close", closed));
    assert.equal(isPulumi(pid), false);
  });
});
