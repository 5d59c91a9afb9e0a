/** `npm run destroy [-- --volumes]`: undoes the local cluster; its data volumes stay unless asked otherwise. */
import { LABELS } from "../core/labels";
import { Engine } from "../ops/engine";
import { Failure } from "../ops/failure";
import { LocalStack } from "./localStack";
import { clearStale } from "./lock";
import { parseOptions } from "./options";

export async function destroy(words: readonly string[]): Promise<number> {
  const options = parseOptions("destroy", words, { volumes: { type: "boolean" } });
  const engine = new Engine(null);
  await engine.run(["version", "--format", "{{.Server.Version}}"]);
  const stack = new LocalStack();
  if (!stack.exists) throw new Failure("there is no local stack to destroy; npm run up makes one");
  await stack.ensure();
  await clearStale(stack);
  const clusterName = await stack.clusterName();
  const code = await stack.show(["destroy", "--yes"]);
  if (code !== 0) return code;

  const volumes = await dataVolumes(engine, clusterName);
  if (volumes.length === 0) process.stdout.write("\nNo data volumes are left.\n");
  else if (options["volumes"] === true) await deleteVolumes(engine, clusterName, volumes);
  else {
    process.stdout.write(
      [
        "",
        `The data stays, in volumes ${volumes.join(", ")}.`,
        `Start on it again:  npm run pulumi -- config set --path 'allow[0]' adopt-data && npm run up`,
        `Delete it for good: npm run destroy -- --volumes`,
        "",
      ].join("\n"),
    );
  }
  return 0;
}

async function dataVolumes(engine: Engine, clusterName: string): Promise<readonly string[]> {
  const format = "{{.Name}}";
  const names = await engine.lines([
    "volume",
    "ls",
    "--filter",
    `label=${LABELS.clusterName}=${clusterName}`,
    "--format",
    format,
  ]);
  return names.filter((name) => name.endsWith("-data")).sort();
}

/** Docker itself refuses a volume that a container uses; containers of another stack under this name keep all of them. */
async function deleteVolumes(engine: Engine, clusterName: string, volumes: readonly string[]): Promise<void> {
  const users = await engine.lines([
    "ps",
    "-a",
    "--filter",
    `label=${LABELS.clusterName}=${clusterName}`,
    "--format",
    "{{.Names}}",
  ]);
  if (users.length > 0) {
    throw new Failure(`the volumes stay: containers of another stack use the name ${clusterName}: ${users.join(", ")}`);
  }
  await engine.run(["volume", "rm", ...volumes]);
  process.stdout.write(`\nDeleted ${volumes.join(", ")}.\n`);
}
