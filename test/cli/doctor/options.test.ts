/** What the doctor is asked, and in which words it refuses. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readFormat } from "../../../cli/doctor/formats";
import { readProbeIds } from "../../../cli/doctor/probeIds";
import { readTargets } from "../../../cli/doctor/targets";
import { doctor } from "../../../cli/verbs/look/doctor";
import { Failure } from "../../../ops/lib/failure";

test("a probe is named by its id, and a line of the threat table names all of its probes", () => {
  assert.deepEqual(readProbeIds("--only", new Map([["--only", "key-modes, r-http"]])), ["key-modes", "r-http-get"]);
  assert.deepEqual(readProbeIds("--only", new Map()), []);
  assert.throws(
    () => readProbeIds("--skip", new Map([["--skip", "key-mode"]])),
    new Failure('--skip: "key-mode" is no probe and no line of docs/security.md; do you mean "key-modes"?'),
  );
});

test("a format is one of five", () => {
  assert.equal(readFormat(new Map()), "terminal");
  assert.equal(readFormat(new Map([["--json", ""]])), "json");
  assert.throws(
    () => readFormat(new Map([["--format", "htm"]])),
    new Failure('--format: "htm" is no format; do you mean "html"?'),
  );
});

describe("a cluster from outside", () => {
  test("is named by hosts, with the driver port where it is another one", () => {
    assert.deepEqual(readTargets("db.example.org:28016, 10.0.0.1,[fd00::1]:1"), [
      { host: "db.example.org", port: 28016 },
      { host: "10.0.0.1", port: 28015 },
      { host: "fd00::1", port: 1 },
    ]);
  });

  for (const word of ["a:b", "a:99999", "http://a", "a b"]) {
    test(`is not ${word}`, () => {
      assert.throws(
        () => readTargets(word),
        new Failure(
          `--cluster: "${word}" is no HOST or HOST:PORT; the port is the driver port, 28015 unless you name it`,
        ),
      );
    });
  }

  test("has no stack", async () => {
    await assert.rejects(
      doctor("nowhere", ["--cluster", "10.0.0.1", "--stack", "dev"]),
      new Failure("doctor: --stack does not go with --cluster, which knows no stack"),
    );
  });
});
