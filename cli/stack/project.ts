/** The project that a verb is about: this one, with a local stack and the args in its config, or any other with the component. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Failure } from "../../ops/lib/failure";

/** @returns the nearest folder that holds a project. */
export function findProject(from: string): string {
  if (!existsSync(from)) throw new Failure(`--cwd: ${resolve(from)} is not there`);
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].some((name) => existsSync(join(folder, name)))) return folder;
    if (folder === dirname(folder)) break;
  }
  throw new Failure(`${resolve(from)} is in no Pulumi project: go to the project's folder, or name it with --cwd`);
}

/** Whether its program is this one, which takes every arg from the stack's config. */
export function isOwnProject(folder: string): boolean {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly name?: unknown };
    return name === "pulumi-rethinkdb" && existsSync(join(folder, "config.ts"));
  } catch {
    return false;
  }
}

/** A change of args that a person makes, where no config has them. */
export function byHand(changes: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(changes).map(([arg, value]) => `  ${arg}: ${JSON.stringify(value)}`);
  return ["Set this in the program (in Python, as driver_ca for driverCa), then run pulumi up:", ...lines].join("\n");
}

/** A verb runs `up` on the whole program: in another project it must not bring along what its owner has not looked at. */
export const PENDING =
  "the program has changes that no up has made, and this would make them too: look at pulumi preview, run pulumi up, then this again";
