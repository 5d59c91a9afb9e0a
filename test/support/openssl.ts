/** `openssl` as an independent client and as the maker of an attacker's certificates. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Handshake {
  readonly ok: boolean;
  readonly output: string;
}

/** A TLS handshake that verifies the server; ok when it ends in a session that the server keeps open. */
export function handshake(target: string, ...flags: readonly string[]): Handshake {
  const args = ["s_client", "-connect", target, "-verify_return_error", ...flags];
  // stdin stays open for a moment: in TLS 1.3 a server refuses a client's certificate only after the handshake.
  const result = spawnSync("bash", ["-c", 'sleep 0.7 | timeout 10 openssl "$@" 2>&1', "bash", ...args], {
    encoding: "utf8",
  });
  const refused = /alert|error:|errno|no peer certificate available|Cipher is \(NONE\)/i.test(result.stdout);
  return { ok: !refused && /Verify return code: 0 \(ok\)/.test(result.stdout), output: result.stdout };
}

export interface KeyPair {
  readonly folder: string;
  readonly key: string;
  readonly cert: string;
  readonly certPem: string;
}

/** A self-signed CA that is not trusted here, usable as its own leaf. */
export function strangersCa(): KeyPair {
  const folder = mkdtempSync(join(tmpdir(), "rethinkdb-stranger-"));
  const key = join(folder, "key.pem");
  const cert = join(folder, "cert.pem");
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
    ...["-subj", "/CN=stranger", "-keyout", key, "-out", cert],
  ]);
  if (made.status !== 0) throw new Error(`openssl failed: ${made.stderr.toString()}`);
  return { folder, key, cert, certPem: readFileSync(cert, "utf8") };
}

/** A CA of one's own: an intermediate, its chain up to the root, and its key. */
export function ownIntermediate(whose = "our"): { readonly certPem: string; readonly keyPem: string } {
  const folder = mkdtempSync(join(tmpdir(), "rethinkdb-own-"));
  const run = (script: string): void => {
    const made = spawnSync("bash", ["-euc", script], { cwd: folder });
    if (made.status !== 0) throw new Error(`openssl failed: ${made.stderr.toString()}`);
  };
  const key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
  run(`echo 'basicConstraints=critical,CA:TRUE' > ext
openssl req -x509 ${key} -days 400 -subj '/CN=${whose} root' -keyout root.key -out root.pem
openssl req ${key} -subj '/CN=${whose} databases' -keyout ca.key -out ca.csr
openssl x509 -req -in ca.csr -CA root.pem -CAkey root.key -CAcreateserial -days 400 -extfile ext -out ca.pem`);
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const made = { certPem: read("ca.pem") + read("root.pem"), keyPem: read("ca.key") };
  rmSync(folder, { recursive: true });
  return made;
}
