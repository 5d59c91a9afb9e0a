/** Notes on a server's own data volume: written whole, read back, and never taken for none where they cannot be read. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Failure } from "../../../ops/lib/failure";
import { engines } from "../../../ops/cluster/hosts";
import { dropEmptyNote, keepNote, readNote, removeNote, writeNote } from "../../../ops/cluster/undoNotes";
import { DOCKER_HOST, withCluster } from "../../support/fakeCluster";

test("a note is written, read and removed", async () => {
  await withCluster(["n0"], async (cluster) => {
    const engine = engines.connect(DOCKER_HOST);
    assert.equal(await readNote(engine, "db-n0", "moves"), undefined);
    await writeNote(engine, "db-n0", "moves", { some: ["thing"] });
    assert.deepEqual(await readNote(engine, "db-n0", "moves"), { some: ["thing"] });
    assert.equal(await readNote(engine, "db-n0", "handover"), undefined);
    await removeNote(engine, "db-n0", "moves");
    assert.equal(cluster.note("n0", "moves"), undefined);
  });
});

test("a note appears by a rename, as root of the container, and its text is on stdin alone", async () => {
  await withCluster(["n0"], async (cluster) => {
    await writeNote(engines.connect(DOCKER_HOST), "db-n0", "leaving", { a: 1 });
    assert.deepEqual(cluster.host().commands, [
      "exec -i --user 0 db-n0 bash -c cat > /data/leaving.json.new && sync /data/leaving.json.new && mv /data/leaving.json.new /data/leaving.json",
    ]);
  });
});

test("a note that cannot be written, read or removed is a failure", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.host().failOn(/^exec/, "no space left on device");
    const engine = engines.connect(DOCKER_HOST);
    await assert.rejects(
      writeNote(engine, "db-n0", "moves", {}),
      new Failure("db-n0: cannot write /data/moves.json: no space left on device"),
    );
    await assert.rejects(
      readNote(engine, "db-n0", "moves"),
      new Failure("docker exec failed: no space left on device"),
    );
    await assert.rejects(
      removeNote(engine, "db-n0", "moves"),
      new Failure("docker exec failed: no space left on device"),
    );
  });
});

test("a note that is cut off is a failure, and shows nothing of it", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.volume("db-n0-data")?.files.set("moves.json", `[{"tab`);
    await assert.rejects(
      readNote(engines.connect(DOCKER_HOST), "db-n0", "moves"),
      new Failure("db-n0: /data/moves.json is not JSON"),
    );
  });
});

test("a note that is there is kept, and a first one made where there is none", async () => {
  await withCluster(["n0"], async (cluster) => {
    const engine = engines.connect(DOCKER_HOST);
    assert.deepEqual(await keepNote(engine, "db-n0", "handover", []), []);
    await writeNote(engine, "db-n0", "handover", [1]);
    assert.deepEqual(await keepNote(engine, "db-n0", "handover", []), [1]);
    assert.deepEqual(cluster.note("n0", "handover"), [1]);
    cluster.volume("db-n0-data")?.files.set("handover.json", "[1");
    await assert.rejects(keepNote(engine, "db-n0", "handover", []), Failure);
    cluster.host().failOn(/^exec/, "no space left on device");
    await assert.rejects(
      keepNote(engine, "db-n0", "handover", []),
      new Failure("db-n0: cannot write /data/handover.json: no space left on device"),
    );
  });
});

test("what the container's shell does with a note is what is said of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "notes-"));
  const file = join(folder, "handover.json");
  const shell = (script: string, input = ""): ReturnType<typeof spawnSync> =>
    spawnSync("bash", ["-c", script.replaceAll("/data", folder)], { input, encoding: "utf8" });
  try {
    await withCluster(["n0"], async (cluster) => {
      await keepNote(engines.connect(DOCKER_HOST), "db-n0", "handover", []);
      const [command = ""] = cluster.host().commands;
      const keep = command.slice(command.indexOf("bash -c ") + "bash -c ".length);
      for (const [before, after] of [
        [undefined, "[]"],
        ["", "[]"],
        ["[1]", "[1]"],
      ] as const) {
        if (before === undefined) rmSync(file, { force: true });
        else writeFileSync(file, before);
        const { status, stdout } = shell(keep, "[]");
        assert.deepEqual([status, stdout, readFileSync(file, "utf8")], [0, after, after]);
        assert.equal(existsSync(`${file}.new`), false);
      }
      // What cannot be read is not taken for none.
      const unreadable = keep.replace("cat /data/handover.json;", "cat /data/not-there;");
      assert.notEqual(unreadable, keep);
      assert.notEqual(shell(unreadable, "[]").status, 0);
      assert.equal(readFileSync(file, "utf8"), "[1]");
    });
    shell(dropEmptyNote("handover"));
    assert.equal(readFileSync(file, "utf8"), "[1]");
    writeFileSync(file, "[]");
    shell(dropEmptyNote("handover"));
    assert.equal(existsSync(file), false);
    assert.equal(shell(dropEmptyNote("handover")).status, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
