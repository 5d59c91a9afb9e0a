/** What is said where restic, its settings or its repository do not fit: one sentence each. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";
import { Failure } from "../../../ops/lib/failure";
import { Restic, resticTrouble } from "../../../ops/backup/restic";

const folder = mkdtempSync(join(tmpdir(), "restic-test-"));
after(() => {
  rmSync(folder, { recursive: true });
});

const SETTINGS = { RESTIC_REPOSITORY: "/repository", RESTIC_PASSWORD_FILE: "/password" };

/** A restic that runs these lines of sh. */
function fake(script: string, settings: Readonly<Record<string, string>> = SETTINGS): Restic {
  const path = join(folder, "restic");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return new Restic({ PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}`, ...settings });
}

test("a restic that fits says its version", async () => {
  assert.equal(await fake(`echo "restic 0.14.0 compiled with go1.19.8 on linux/amd64"`).check(), "0.14.0");
  assert.equal(await fake(`echo "restic 0.18.1 compiled with go1.25 on linux/amd64"`).check(), "0.18.1");
});

for (const [what, restic, message] of [
  [
    "no restic",
    () => new Restic({ PATH: join(folder, "none"), ...SETTINGS }),
    "backup: restic is not installed; install it: apt-get install restic, or see https://restic.net",
  ],
  [
    "an old restic",
    () => fake("echo restic 0.9.6 compiled"),
    "backup: restic 0.9.6 is too old; use 0.14 or newer: install it: apt-get install restic, or see https://restic.net",
  ],
  [
    "another command of that name",
    () => fake("echo hello"),
    "backup: restic does not say its version; install it: apt-get install restic, or see https://restic.net",
  ],
  [
    "no repository",
    () => fake("echo restic 0.14.0", { RESTIC_PASSWORD_FILE: "/password" }),
    "backup: restic does not know its repository; set RESTIC_REPOSITORY, docs/backups.md has examples",
  ],
  [
    "no password",
    () => fake("echo restic 0.14.0", { RESTIC_REPOSITORY: "/repository" }),
    "backup: restic does not know the repository's password; set RESTIC_PASSWORD_FILE",
  ],
] as const) {
  test(`${what} is one sentence`, async () => {
    await assert.rejects(restic().check(), new Failure(message));
  });
}

test("restic is told nothing of Pulumi's and RethinkDB's passwords", async () => {
  const secrets = { PULUMI_CONFIG_PASSPHRASE: "p", RETHINKDB_PASSWORD: "r" };
  const told = await fake("env", { ...SETTINGS, ...secrets }).run(["snapshots"]);
  assert.match(told, /RESTIC_REPOSITORY=/);
  assert.doesNotMatch(told, /PULUMI_|RETHINKDB_/);
});

for (const [stderr, message] of [
  [
    "Fatal: wrong password or no key found",
    "backup: the password does not open the repository; look at RESTIC_PASSWORD_FILE, RESTIC_PASSWORD_COMMAND or RESTIC_PASSWORD",
  ],
  [
    "Fatal: unable to open config file: stat /r/config: no such file or directory\nIs there a repository at the following location?\n/r",
    "backup: there is no repository at RESTIC_REPOSITORY; make it once: restic init",
  ],
  [
    "Fatal: unable to save snapshot: write /r/data/aa: no space left on device",
    "backup: the repository's disk is full; make room there, then run it again",
  ],
  [
    "unable to create lock in backend: repository is already locked exclusively by PID 1",
    "backup: another restic works on the repository; wait for it, or, when none runs any more: restic unlock",
  ],
  [
    "Fatal: cannot dump file: LoadBlob(0a) returned error ciphertext verification failed",
    "backup: the repository is damaged; restic check --read-data says where, and restic's own documentation how to repair it",
  ],
  [
    'Fatal: unable to open config file: Head "http://user:***@h:1/x/config": dial tcp: connect: connection refused\nIs there a repository at the following location?',
    "backup: the repository's server does not answer; look at RESTIC_REPOSITORY and the network",
  ],
  [
    "Fatal: unable to open config file: Stat: Access Denied.\nIs there a repository at the following location?",
    "backup: the repository's server refuses the login; look at its keys in the environment",
  ],
  [
    String.raw`{"message_type":"exit_error","code":1,"message":"Fatal: Resolving password failed: Fatal: /none does not exist\n"}`,
    "backup: restic dump failed: Resolving password failed: Fatal: /none does not exist",
  ],
  ["\nsomething\nFatal: unknown thing\nmore", "backup: restic dump failed: unknown thing"],
  ["", "backup: restic dump failed: it said nothing"],
] as const) {
  test(`says: ${message}`, () => {
    assert.equal(resticTrouble("dump", stderr), message);
  });
}

test("a restic that is ended does not hold up the run, whatever it still had to say", async () => {
  const piped = fake("trap 'exit 130' INT; yes & wait").read(["dump"]);
  await piped.stop();
  assert.equal(piped.isOver, true);
});
