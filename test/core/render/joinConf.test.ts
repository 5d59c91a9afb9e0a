/** The list of peers that a server dials. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { renderJoinConf } from "../../../core/render/joinConf";

test("gives the first server no peer to join", () => {
  assert.equal(renderJoinConf([]), "# Written by pulumi-rethinkdb; changes are overwritten.\n");
});

test("names one peer a line", () => {
  assert.equal(
    renderJoinConf(["10.213.0.10:29015", "10.213.0.11:29015"]),
    "# Written by pulumi-rethinkdb; changes are overwritten.\njoin=10.213.0.10:29015\njoin=10.213.0.11:29015\n",
  );
});
