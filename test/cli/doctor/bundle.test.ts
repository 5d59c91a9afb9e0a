/** The archive for a helper: no secret is in it, and tar reads it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { shownOf } from "../../../cli/doctor/bundle";
import { redact } from "../../../cli/doctor/redact";
import { tarGz } from "../../../cli/doctor/tar";
import type { Declared } from "../../../core/decide/audit/declared";
import type { InspectedContainer } from "../../../ops/doctor/scene/inspected";

const KEY = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEprivate\npublic\n-----END EC PRIVATE KEY-----\n";
const SECRETS = [
  { what: "the admin password", text: `it's "secret" \\` },
  { what: "the key ca", text: KEY },
  { what: "the password of user app", text: "app1" },
];

test("secrets, keys and one-time passwords are taken out, and named", () => {
  const planted = [
    `a ${SECRETS[0]?.text ?? ""} b ${JSON.stringify(SECRETS[0]?.text)}`,
    KEY,
    KEY.replaceAll("private", "stranger"),
    `Generated random admin password: 0123-4567`,
    `password=app1 and app12`,
    Buffer.from(SECRETS[0]?.text ?? "").toString("base64"),
  ].join("\n");
  const [clean] = redact([{ name: "log", text: planted }], SECRETS);
  assert.equal(
    clean?.text.split("\n").slice(0, 4).join("\n"),
    `a <the admin password> b "<the admin password>"\n<a private key>\n\n<a private key>`,
  );
  for (const word of ["secret", "private\n", "stranger", "0123-4567", "=app1 "])
    assert.ok(!clean.text.includes(word), word);
  assert.match(clean.text, /password=<the password of user app> and app12/);
});

test("tar reads the archive as it was made", () => {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  try {
    const files = [
      { name: "README.txt", text: "hello\n" },
      { name: "db/logs/db-n0.log", text: "ü".repeat(1000) },
      { name: "empty", text: "" },
      { name: `db/${"x".repeat(120)}.log`, text: "long\n" },
    ];
    writeFileSync(join(folder, "a.tar.gz"), tarGz(files, 1_700_000_000));
    const done = spawnSync("tar", ["xzf", "a.tar.gz"], { cwd: folder, encoding: "utf8" });
    assert.equal(done.status, 0, done.stderr);
    for (const { name, text } of files) assert.equal(readFileSync(join(folder, name), "utf8"), text);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("of a container that the stack does not declare stand only its name, image, networks and mounts", () => {
  const app = {
    Name: "/shop",
    Args: ["--token", "secret of another"],
    Config: { Image: "shop:1", Env: ["TOKEN=secret of another"], Labels: { token: "secret of another" } },
    Mounts: [{ Type: "volume", Name: "shop", Source: "/var/shop", Destination: "/x", RW: true }],
    NetworkSettings: { Networks: { db: { IPAddress: "10.0.0.9" } }, Ports: null },
  } as unknown as InspectedContainer;
  const declaring = (...names: readonly string[]): Pick<Declared, "containers"> =>
    ({ containers: names.map((name) => ({ name })) }) as unknown as Declared;
  assert.deepEqual(shownOf(app, declaring("db-n0")), {
    name: "shop",
    image: "shop:1",
    networks: ["db"],
    mounts: [{ type: "volume", source: "shop", destination: "/x", writable: true }],
  });
  assert.equal(shownOf(app, declaring("shop")), app);
});
