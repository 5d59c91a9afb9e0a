/** Certificates for fakes, made once a process; or once for many, which read them from the file that FAKE_PKI names. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Signed {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface FakePki {
  /** Trusted by the programs. */
  readonly ca: Signed;
  readonly stranger: Signed;
  /** An authority that has expired, and a certificate of it that has not. */
  readonly expiredCa: Signed;
  readonly underExpiredCa: Signed;
  /** Of a driver port, valid for `localhost`. */
  readonly server: Signed;
  readonly expired: Signed;
  readonly misnamed: Signed;
  /** The stranger's, for `localhost`. */
  readonly strangers: Signed;
  readonly client: Signed;
}

const SCRIPT = `
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key" 2>/dev/null; }
ca() { key "$1"; openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -signkey "$1.key" -days "$2" -extfile ca.ext -out "$1.pem" 2>/dev/null; }
leaf() { key "$1"; openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"; echo "subjectAltName=DNS:$3" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -set_serial "$4" -days "$5" -extfile "$1.ext" -out "$1.pem" 2>/dev/null; }
echo 'basicConstraints=critical,CA:TRUE' > ca.ext
ca ca 30; ca stranger 30; ca expiredCa -1
leaf server ca localhost 1 30
leaf expired ca localhost 2 -1
leaf misnamed ca elsewhere.example 3 30
leaf client ca client.example 4 30
leaf strangers stranger localhost 5 30
leaf underExpiredCa expiredCa localhost 6 30`;

let made: FakePki | undefined;

export function fakePki(): FakePki {
  const file = process.env["FAKE_PKI"];
  made ??= file === undefined ? make() : (JSON.parse(readFileSync(file, "utf8")) as FakePki);
  return made;
}

function make(): FakePki {
  const folder = mkdtempSync(join(tmpdir(), "rethinkdb-fake-"));
  try {
    const run = spawnSync("bash", ["-euc", SCRIPT], { cwd: folder, encoding: "utf8" });
    if (run.status !== 0) throw new Error(`openssl failed: ${run.stderr}`);
    const read = (name: string): string => readFileSync(join(folder, name), "utf8");
    const of = (name: string): Signed => ({ certPem: read(`${name}.pem`), keyPem: read(`${name}.key`) });
    return {
      ca: of("ca"),
      stranger: of("stranger"),
      expiredCa: of("expiredCa"),
      underExpiredCa: of("underExpiredCa"),
      server: of("server"),
      expired: of("expired"),
      misnamed: of("misnamed"),
      strangers: of("strangers"),
      client: of("client"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
