/** A list of contents is read as it was written, or refused with the reason. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Manifest, MANIFEST_FORMAT, readManifest } from "../../../../core/decide/backup/manifest";

const MANIFEST: Manifest = {
  ...{ format: MANIFEST_FORMAT, created: "2026-01-01T00:00:00.000Z", cluster: { name: "db", identity: "i" } },
  ...{ servers: [], databases: ["shop"], tables: [], users: ["web"], config: "{}" },
  grants: [{ user: "web", db: "shop", table: null, rights: { read: true } }],
};

test("is read as it was written", () => {
  assert.deepEqual(readManifest(JSON.stringify(MANIFEST)), { manifest: MANIFEST });
});

test("is refused where a newer version made it, where it is incomplete, and where it is none", () => {
  assert.deepEqual(readManifest(JSON.stringify({ ...MANIFEST, format: MANIFEST_FORMAT + 1 })), {
    trouble: "a newer version of this project made it (format 2); update the project",
  });
  assert.deepEqual(readManifest(JSON.stringify({ ...MANIFEST, tables: undefined })), {
    trouble: "its list of contents is incomplete: tables is missing",
  });
  assert.deepEqual(readManifest("null"), { trouble: "its list of contents is incomplete: it is not an object" });
  assert.deepEqual(readManifest("{"), { trouble: "its list of contents is not JSON" });
});
