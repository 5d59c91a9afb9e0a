/** What the compiler does not do for `dist/`: the command can be run, here too, and the policy pack can be started. */
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";

chmodSync("dist/cli/main.js", 0o755);
// As npm does where the package is installed; npx finds it there.
mkdirSync("node_modules/.bin", { recursive: true });
rmSync("node_modules/.bin/pulumi-rethinkdb", { force: true });
symlinkSync("../../dist/cli/main.js", "node_modules/.bin/pulumi-rethinkdb");

for (const name of ["PulumiPolicy.yaml", "package.json"]) {
  const text = readFileSync(`judge/pack/${name}`, "utf8");
  writeFileSync(`dist/judge/pack/${name}`, text.replace("index.ts", "index.js"));
}
