/**
 * Makes what a release publishes, in `release/`: the npm package, the plugin for every other language of Pulumi, what is in
 * them (SBOM), and checksums. The same commit gives the same bytes. Needs GNU tar.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const ROOT = join(__dirname, "..");
const OUT = join(ROOT, "release");
/** The plugin has no machine code; Pulumi asks for it by the machine's name all the same. */
const MACHINES = ["linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"] as const;

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
}

function main(): void {
  const manifest = readManifest();
  checkChangelog(readFileSync(join(ROOT, "CHANGELOG.md"), "utf8"), manifest.version);
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT);
  run("npm", ["run", "--silent", "build"], ROOT);
  run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", OUT], ROOT);
  const { sbom, archive } = makePlugin(manifest);
  writeFileSync(join(OUT, `${manifest.name}-${manifest.version}.cdx.json`), sbom);
  for (const machine of MACHINES) {
    writeFileSync(join(OUT, `pulumi-resource-rethinkdb-v${manifest.version}-${machine}.tar.gz`), archive);
  }
  const sums = readdirSync(OUT)
    .sort()
    .map(
      (name) =>
        `${createHash("sha256")
          .update(readFileSync(join(OUT, name)))
          .digest("hex")}  ${name}\n`,
    );
  writeFileSync(join(OUT, "SHA256SUMS"), sums.join(""));
  process.stdout.write(sums.join(""));
}

/** From what is compiled in `dist/`. */
export function makePlugin(manifest: Manifest): { readonly sbom: string; readonly archive: Buffer } {
  const temporary = mkdtempSync(join(tmpdir(), "rethinkdb-release-"));
  // Its name stands in the SBOM.
  const folder = join(temporary, manifest.name);
  mkdirSync(folder);
  try {
    layPlugin(folder, manifest);
    return { sbom: sbomOf(folder), archive: archiveOf(folder) };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** @throws Error where a release would say nothing of what it changes. */
export function checkChangelog(text: string, version: string): void {
  const [, ...sections] = text.split(/^## /m);
  const section = sections.find((one) => one.split(/\s/)[0] === version);
  if (section === undefined)
    throw new Error(`CHANGELOG.md has no "## ${version}": say there what this version changes`);
  if (section.split("\n").slice(1).join("").trim() === "")
    throw new Error(`CHANGELOG.md says nothing below "## ${version}"`);
}

/** What only the command needs. */
const NOT_IN_PLUGIN = ["@pulumi/policy", "commander", "esbuild", "tsx", "yaml"] as const;

/** The compiled component and its programs with the packages that they run on, and where Pulumi starts it. */
function layPlugin(folder: string, { name, version, dependencies, peerDependencies }: Manifest): void {
  const needed = Object.entries({ ...dependencies, ...peerDependencies }).filter(
    ([dependency]) => !(NOT_IN_PLUGIN as readonly string[]).includes(dependency),
  );
  // Pulumi runs npm install where it unpacks a plugin: it finds everything there.
  const plain = { name, version, private: true, main: "index.js", dependencies: Object.fromEntries(needed.sort()) };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(plain, undefined, 2)}\n`);
  cpSync(join(ROOT, "package-lock.json"), join(folder, "package-lock.json"));
  run("npm", ["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], folder);
  for (const lock of ["package-lock.json", "node_modules/.package-lock.json"]) rmSync(join(folder, lock));
  for (const room of ["args", "core", "components", "ops", "provider", "schema.json"]) {
    cpSync(join(ROOT, "dist", room), join(folder, "dist", room), { recursive: true });
  }
  for (const file of ["LICENSE", "README.md"]) cpSync(join(ROOT, file), join(folder, file));
  cpSync(join(ROOT, "provider", "PulumiPlugin.yaml"), join(folder, "PulumiPlugin.yaml"));
  const start = readFileSync(join(ROOT, "provider", "index.js"), "utf8");
  writeFileSync(join(folder, "index.js"), start.replace("../dist/", "./dist/"));
}

/** CycloneDX, without the moment and the number of its making. */
function sbomOf(folder: string): string {
  const args = ["sbom", "--omit=dev", "--sbom-format=cyclonedx", "--sbom-type=application"];
  const sbom = JSON.parse(run("npm", args, folder)) as { serialNumber?: string; metadata: { timestamp?: string } };
  delete sbom.serialNumber;
  delete sbom.metadata.timestamp;
  return `${JSON.stringify(sbom, undefined, 2)}\n`;
}

function archiveOf(folder: string): Buffer {
  const same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"];
  const options = { cwd: folder, maxBuffer: 1 << 30 } as const;
  return gzipSync(execFileSync("tar", ["--format=ustar", ...same, "-cf", "-", "."], options), { level: 9 });
}

function run(program: string, args: readonly string[], cwd: string): string {
  return execFileSync(program, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
