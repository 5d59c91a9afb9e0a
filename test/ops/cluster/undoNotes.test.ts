/** Notes on a server's own data volume: written whole, read back, and never taken for none where they cannot be read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../ops/lib/failure";
import { engines } from "../../../ops/cluster/hosts";
import { readNote, removeNote, writeNote } from "../../../ops/cluster/undoNotes";
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
