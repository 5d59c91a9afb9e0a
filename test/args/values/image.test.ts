/** What is said about an image from its name. Every tag here is from the official image's own history. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_IMAGE } from "../../../args/constants";
import type { Verdict } from "../../../args/report";
import { judgeImage } from "../../../args/values/image";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const BEST = "rethinkdb:2.4.4-bookworm-slim";

const old = (image: string): Verdict => ({
  error: `"${image}" is older than RethinkDB 2.4.3, the first that this component can secure; use ${BEST}`,
});
const never = (image: string): Verdict => ({ error: `RethinkDB never had an image "${image}"; use ${BEST}` });
const moves = (image: string): Verdict => ({
  warning: `"${image}" moves to other versions of RethinkDB; pin ${BEST}, or run npx pulumi-rethinkdb pin`,
});
const noName = (image: string): Verdict => ({
  error: `${JSON.stringify(image)} is not an image name; write it as ${BEST}, if possible with @sha256:…`,
});
const unnamed = (image: string): Verdict => ({
  error: `"${image}" names neither a tag nor a digest; add one, such as ${image}:2.4.4-bookworm-slim`,
});

const CASES: readonly (readonly [image: string, verdict: Verdict])[] = [
  [DEFAULT_IMAGE, {}],
  ["rethinkdb:2.4.3", {}],
  ["rethinkdb:2.4.3-bookworm-slim", {}],
  ["docker.io/library/rethinkdb:2.4.4-bookworm-slim", {}],
  ["index.docker.io/rethinkdb:2.4.3", {}],
  [`rethinkdb@${DIGEST}`, {}],
  [`${DEFAULT_IMAGE}@${DIGEST}`, {}],
  [`rethinkdb:latest@${DIGEST}`, {}],
  ["example.org:5000/team/rethinkdb:anything", {}],
  [`example.org/rethinkdb@${DIGEST}`, {}],

  ["rethinkdb", moves("rethinkdb")],
  ...["latest", "2", "2.4", "bookworm-slim", "2.4-bookworm-slim", "2-bookworm-slim"].map(
    (tag) => [`rethinkdb:${tag}`, moves(`rethinkdb:${tag}`)] as const,
  ),

  ...["1", "1.13", "1.16.3", "2.0", "2.3.6", "2.3", "2.4.0", "2.4.2", "2.4.2-bullseye-slim", "2.4.1-buster-slim"].map(
    (tag) => [`rethinkdb:${tag}`, old(`rethinkdb:${tag}`)] as const,
  ),
  ["library/rethinkdb:2.3", old("library/rethinkdb:2.3")],
  [`rethinkdb:2.3@${DIGEST}`, old(`rethinkdb:2.3@${DIGEST}`)],

  ...["2.4.4", "2.4.5", "3", "2.4.4-alpine", "2.5.0", "bookworm", "2.4.3-bullseye-slim"].map(
    (tag) => [`rethinkdb:${tag}`, never(`rethinkdb:${tag}`)] as const,
  ),

  ["example.org/rethinkdb", unnamed("example.org/rethinkdb")],
  ["someone/rethinkdb", unnamed("someone/rethinkdb")],

  ...[
    "",
    "RethinkDB:2.4.3",
    "rethinkdb:",
    "rethinkdb:2.4.3 ",
    "rethinkdb@sha256:12",
    "-x",
    "a b",
    "rethinkdb:2.4.3\n",
  ].map((image) => [image, noName(image)] as const),
];

for (const [image, verdict] of CASES) {
  test(`judges ${JSON.stringify(image)}`, () => {
    assert.deepEqual(judgeImage(image), verdict);
  });
}
