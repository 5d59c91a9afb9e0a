/** This project's stack in a git repository of its own, to be changed and reviewed. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "./checkout";

const FILES = [
  ...["Pulumi.yaml", "package.json", "package-lock.json", "tsconfig.json", "index.ts", "config.ts"],
  ...["schema.json", "args", "core", "components", ".gitignore"],
];

export class GitProject {
  readonly folder = mkdtempSync(join(tmpdir(), "rethinkdb-review-"));

  constructor() {
    for (const name of FILES) cpSync(join(PROJECT, name), join(this.folder, name), { recursive: true });
    symlinkSync(join(PROJECT, "node_modules"), join(this.folder, "node_modules"));
    this.git("init", "--quiet", "--initial-branch=main");
    // A link is no folder to .gitignore.
    writeFileSync(join(this.folder, ".git", "info", "exclude"), "node_modules\n");
    this.commit();
  }

  /** Also what .gitignore names: a team that keeps its stack files in git. */
  commit(...forced: readonly string[]): void {
    this.git("add", "--all");
    if (forced.length > 0) this.git("add", "--force", ...forced);
    this.git(
      "-c",
      "user.name=t",
      "-c",
      "user.email=t@example.com",
      "commit",
      "--quiet",
      "--allow-empty",
      "--message=x",
    );
  }

  /** Files that .gitignore names, to be committed all the same. */
  stage(...forced: readonly string[]): void {
    this.git("add", "--force", ...forced);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  edit(name: string, from: string, to: string): void {
    const text = this.read(name);
    if (!text.includes(from)) throw new Error(`${name} does not have ${from}`);
    this.write(name, text.replace(from, to));
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** The last commit never was. */
  undoCommit(): void {
    this.git("reset", "--quiet", "--hard", "HEAD~1");
  }

  /** Back to the last commit. */
  reset(): void {
    this.git("reset", "--quiet", "--hard");
    this.git("clean", "--quiet", "-fdx", "--exclude=node_modules");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private git(...args: readonly string[]): void {
    execFileSync("git", args, { cwd: this.folder, stdio: "pipe" });
  }
}
