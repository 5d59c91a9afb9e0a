/** CAs of one's own, made by the real openssl in a folder of their own. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface MadeCa {
  readonly certPem: string;
  readonly keyPem: string;
}

export const P256 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
export const IS_CA = "basicConstraints=critical,CA:TRUE";

export class CaFolder {
  readonly folder = mkdtempSync(join(tmpdir(), "rethinkdb-own-ca-"));

  /** @param issuer name of one made before; by default itself. */
  make(name: string, issuer = name, algorithm: readonly string[] = P256, extension = IS_CA, days = 400): MadeCa {
    const request = ["req", "-newkey", ...algorithm, "-nodes", "-subj", `/CN=${name}`];
    this.openssl(...request, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    this.write(`${name}.ext`, extension);
    const signer =
      issuer === name
        ? ["-signkey", `${name}.key`]
        : ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key`, "-CAcreateserial"];
    const signing = ["-in", `${name}.csr`, "-extfile", `${name}.ext`, "-days", String(days), "-out", `${name}.pem`];
    this.openssl("x509", "-req", ...signing, ...signer);
    return { certPem: this.read(`${name}.pem`), keyPem: this.read(`${name}.key`) };
  }

  openssl(...args: readonly string[]): void {
    const { status, stderr } = spawnSync("openssl", args, { cwd: this.folder, encoding: "utf8" });
    assert.equal(status, 0, stderr);
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
