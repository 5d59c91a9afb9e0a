/** Which Docker engine is meant, in the order of the docker command itself. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type DockerSurroundings, resolveEngine } from "../../../core/plan/endpoint";

const meta = (context: string): string =>
  `contexts/meta/${createHash("sha256").update(context).digest("hex")}/meta.json`;

const FILES: Readonly<Record<string, string>> = {
  "config.json": JSON.stringify({ currentContext: "remote" }),
  [meta("remote")]: JSON.stringify({ Endpoints: { docker: { Host: "ssh://remote" } } }),
  [meta("other")]: JSON.stringify({ Endpoints: { docker: { Host: "tcp://other:2376" } } }),
  [meta("broken")]: "{",
  [meta("hollow")]: JSON.stringify({ Endpoints: { docker: { Host: "" } } }),
};

const around = (
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = FILES,
): DockerSurroundings => ({ env, readConfig: (path) => files[path] });

const SOCKET = "unix:///var/run/docker.sock";

const CASES: readonly (readonly [what: string, wanted: string | null, around: DockerSurroundings, expected: string])[] =
  [
    ["what the user wrote, before all", "ssh://mine", around({ DOCKER_HOST: "tcp://env" }), "ssh://mine"],
    ["DOCKER_HOST", null, around({ DOCKER_HOST: "tcp://env", DOCKER_CONTEXT: "other" }), "tcp://env"],
    ["the context of DOCKER_CONTEXT", null, around({ DOCKER_CONTEXT: "other" }), "tcp://other:2376"],
    ["the current context", null, around({}), "ssh://remote"],
    [
      "the current context when the variables are empty",
      null,
      around({ DOCKER_HOST: "", DOCKER_CONTEXT: "" }),
      "ssh://remote",
    ],
    ["the default context", null, around({ DOCKER_CONTEXT: "default" }), SOCKET],
    ["the engine's socket without any configuration", null, around({}, {}), SOCKET],
    ["the engine's socket when the configuration is no JSON", null, around({}, { "config.json": "{" }), SOCKET],
    ["the engine's socket when no context is chosen", null, around({}, { "config.json": `{"auths":{}}` }), SOCKET],
  ];

for (const [what, wanted, surroundings, expected] of CASES) {
  test(`takes ${what}`, () => {
    assert.equal(resolveEngine(wanted, surroundings).endpoint, expected);
  });
}

for (const context of ["missing", "broken", "hollow"]) {
  test(`says what to do about a context that is ${context}`, () => {
    assert.throws(() => resolveEngine(null, around({ DOCKER_CONTEXT: context })), {
      message: `Docker context "${context}" is not there: choose one with docker context use, or set DOCKER_HOST`,
    });
  });
}

test("finds the TLS files of a context beside it, and none where a context or the user's own word has none", () => {
  const folder = createHash("sha256").update("other").digest("hex");
  const files = { ...FILES, [`contexts/tls/${folder}/docker/ca.pem`]: "PEM" };
  assert.deepEqual(resolveEngine(null, around({ DOCKER_CONTEXT: "other" }, files)), {
    endpoint: "tcp://other:2376",
    tls: `contexts/tls/${folder}/docker`,
  });
  for (const env of [{ DOCKER_CONTEXT: "remote" }, { DOCKER_HOST: "tcp://env" }]) {
    assert.equal(resolveEngine(null, around(env, files)).tls, null);
  }
  assert.equal(resolveEngine("tcp://mine:2376", around({ DOCKER_CONTEXT: "other" }, files)).tls, null);
});
