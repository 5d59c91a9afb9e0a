/** `npx pulumi-rethinkdb backup create|list|verify|restore|prune|import`: backups in a restic repository, and back. */
import { Failure } from "../../ops/lib/failure";
import { create } from "../backup/create";
import { importFrom } from "../backup/import";
import { list } from "../backup/list";
import { prune } from "../backup/prune";
import { restore } from "../backup/restore";
import { verify } from "../backup/verify";
import { parseOptions } from "../options";
import { CLUSTER_OPTIONS, type Verb } from "../verb";

const BACKUP = { "--backup": ["ID", "which one; the newest of this cluster by default"] } as const;
const SELECT = {
  "--only": ["NAMES", "databases and tables, such as shop,crm.people; everything by default"],
  "--replace": ["TABLES", "tables that are there and may be replaced, such as shop.items"],
} as const;

type Run = (project: string, options: ReadonlyMap<string, string>) => Promise<number>;

const COMMANDS: Readonly<Record<string, { readonly run: Run; readonly options: Verb["options"] }>> = {
  create: { run: create, options: {} },
  list: { run: list, options: { "--all": ["", "of every cluster in the repository"] } },
  verify: {
    run: verify,
    options: { ...BACKUP, "--subnet": ["CIDR", "of the network of its cluster; a free one by default"] },
  },
  restore: { run: restore, options: { ...BACKUP, ...SELECT } },
  prune: { run: prune, options: {} },
  import: {
    run: importFrom,
    options: {
      "--from": ["HOST:PORT", "a RethinkDB's driver port; its password in RETHINKDB_PASSWORD"],
      "--user": ["NAME", "its user; admin by default"],
      "--ca": ["FILE", "the CA of its driver port; without it there is no TLS"],
      ...SELECT,
    },
  },
};
const NAMES = Object.keys(COMMANDS);

export const verb: Verb = {
  name: "backup",
  does: "Backs up the cluster with restic, proves backups by restoring them, and restores or imports data.",
  argument: NAMES.join("|"),
  options: {
    ...Object.fromEntries(
      NAMES.flatMap((name) =>
        Object.entries(COMMANDS[name]?.options ?? {}).map(([option, [value, what]]) => [
          option,
          [value, `${commandsWith(option).join(", ")}: ${what}`] as const,
        ]),
      ),
    ),
    ...CLUSTER_OPTIONS,
  },
  examples: [
    "npx pulumi-rethinkdb backup create",
    "npx pulumi-rethinkdb backup verify",
    "npx pulumi-rethinkdb backup restore --only shop.items --replace shop.items",
    "npx pulumi-rethinkdb backup import --from db.example.com:28015 --ca ca.pem",
  ],
  run: backup,
};

function commandsWith(option: string): readonly string[] {
  return NAMES.filter((name) => option in (COMMANDS[name]?.options ?? {}));
}

export async function backup(project: string, argv: readonly string[]): Promise<number> {
  // A stack may have the name of a command.
  const at = argv.findIndex((word, index) => NAMES.includes(word) && argv[index - 1] !== "--stack");
  const name = argv[at] ?? "";
  const command = COMMANDS[name];
  if (command === undefined)
    throw new Failure(`backup: say what to do: npx pulumi-rethinkdb backup ${NAMES.join(", ")}`);
  const options = parseOptions(verb, argv.toSpliced(at, 1));
  const stray = [...options.keys()].find((option) => !(option in { ...command.options, ...CLUSTER_OPTIONS }));
  if (stray !== undefined) {
    throw new Failure(`backup: ${stray} is no option of ${name}, but of ${commandsWith(stray).join(" and ")}`);
  }
  return command.run(project, options);
}
