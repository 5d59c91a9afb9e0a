/** Another version of the project, from git, in a folder of its own. */
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Failure } from "../../ops/lib/failure";

export interface Checkout {
  readonly folder: string;
  /** For people: `main (1a2b3c4)`. */
  readonly name: string;
  readonly remove: () => void;
}

export function checkOut(project: string, ref: string): Checkout {
  const asked = git(project, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  const commit = asked.stdout;
  if (asked.status !== 0) {
    // Of a commit that it does not know it says nothing; git's own words are the best for everything else.
    if (asked.stderr !== "") throw new Failure(`--base: ${asked.stderr}`);
    throw new Failure(
      `--base: "${ref}" is no commit of this repository; name a branch, a tag or a commit that git knows (in CI: fetch it first)`,
    );
  }
  const prefix = git(project, ["rev-parse", "--show-prefix"]).stdout.replace(/\/$/, "");
  const home = mkdtempSync(join(tmpdir(), "review-base-"));
  const folder = join(home, "tree");
  // Never in the tree: a version of the project could have a file of that name.
  const env = { GIT_INDEX_FILE: join(home, "index") };
  const tree = prefix === "" ? commit : `${commit}:${prefix}`;
  const read = git(project, ["read-tree", tree], env);
  const written = read.status === 0 ? git(project, ["checkout-index", "--all", `--prefix=${folder}/`], env) : read;
  if (written.status !== 0) {
    rmSync(home, { recursive: true, force: true });
    throw new Failure(
      read.status === 0
        ? `--base: "${ref}" could not be written to a folder of its own: ${written.stderr}`
        : `--base: "${ref}" does not have this project in it`,
    );
  }
  const remove = (): void => {
    rmSync(home, { recursive: true, force: true });
  };
  try {
    installPackages(project, folder);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, name: `${ref} (${commit.slice(0, 7)})`, remove };
}

/** The packages of the project where its lock file is the same; else those that its own lock file names. */
function installPackages(project: string, folder: string): void {
  if (existsSync(join(folder, "node_modules"))) return;
  const lock = (at: string): string => {
    const path = join(at, "package-lock.json");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  };
  if (lock(project) === lock(folder) && existsSync(join(project, "node_modules"))) {
    symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
    return;
  }
  // No install scripts run.
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  const result = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
  if (result.status === 0) return;
  throw new Failure(
    `the base has another package-lock.json, and npm ci failed on it: ${result.stderr.trim().split("\n").slice(-3).join(" ")}; ` +
      `install it yourself and name the folder with --base-dir`,
  );
}

/** Files of one folder that git knows; undefined where there is no git or no repository. */
export function trackedFiles(folder: string): readonly string[] | undefined {
  const { status, stdout, stderr } = git(folder, ["ls-files", "-z", "--", "."]);
  if (status === 0) return stdout.split("\0").filter((name) => name !== "" && !name.includes("/"));
  if (status === NOT_FOUND || /not a git repository/i.test(stderr)) return undefined;
  throw new Failure(stderr);
}

/**
 * Every file of a folder that is not ignored: by git where that knows the folder, else all. A repository inside of it is one
 * entry.
 * @param isClean a checkout in which a job may have left files of its own: these are no part of it.
 */
export function filesOf(folder: string, isClean: boolean): readonly string[] {
  const others = isClean ? [] : ["--others", "--exclude-standard"];
  const { status, stdout } = git(folder, ["ls-files", "-z", "--cached", ...others, "--", "."]);
  const known = status === 0 ? stdout.split("\0").filter((file) => file !== "" && !file.endsWith("/")) : [];
  const isThere = (file: string): boolean => lstatSync(join(folder, file), { throwIfNoEntry: false }) !== undefined;
  if (known.length > 0) {
    // What was compiled here is no part of any version.
    const own = git(folder, ["ls-files", "-z", "--others", "--exclude-standard", "--", "dist"]).stdout.split("\0");
    return known.filter((file) => !own.includes(file) && isThere(file)).sort();
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)(node_modules|\.git)(\/|$)/.test(file))
    .sort();
}

/** The commit at which a folder has another repository inside of it. */
export function commitInside(folder: string, path: string): string {
  return git(folder, ["rev-parse", "--verify", "--quiet", `:./${path}`]).stdout || "unknown";
}

interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As a shell says it. */
const NOT_FOUND = 127;

function git(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Said {
  const result = spawnSync("git", args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C", ...env },
    maxBuffer: 1 << 26,
  });
  if (result.error !== undefined) {
    const missing = (result.error as NodeJS.ErrnoException).code === "ENOENT";
    return {
      status: missing ? NOT_FOUND : 1,
      stdout: "",
      stderr: missing ? "git is not installed; install it, or name a folder with --base-dir" : result.error.message,
    };
  }
  return { status: result.status ?? 1, stdout: result.stdout.trim(), stderr: result.stderr.trim() };
}
