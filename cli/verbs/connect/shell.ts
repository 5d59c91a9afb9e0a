/** `npx pulumi-rethinkdb shell`: a ReQL prompt on the cluster, as admin or as `--user`. */
import { Failure } from "../../../ops/lib/failure";
import { startShell } from "../../../ops/connect/shell";
import { readLiveCluster } from "../../stack/liveCluster";
import { parseOptions } from "../../options";
import { CLUSTER_OPTIONS, type Verb } from "../../verb";

export const verb: Verb = {
  name: "shell",
  does: "Opens a ReQL prompt on the cluster.",
  options: { "--user": ["NAME", "log in as this user; admin by default"], ...CLUSTER_OPTIONS },
  examples: ["npx pulumi-rethinkdb shell", "npx pulumi-rethinkdb shell --user web"],
  run: shell,
};

export async function shell(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const { request } = await readLiveCluster(project, options);
  const user = options.get("--user") ?? "admin";
  const password = passwordOf(user, request.adminPassword, request.passwords, process.env["RETHINKDB_PASSWORD"]);
  await startShell({ ...request, user, password }, process.stdin, process.stdout);
  return 0;
}

/** The password of a user that is not in the stack is given by the person at the prompt. */
export function passwordOf(
  user: string,
  adminPassword: string,
  passwords: Readonly<Record<string, string>>,
  given: string | undefined,
): string {
  if (user === "admin") return adminPassword;
  const known = Object.hasOwn(passwords, user) ? passwords[user] : given;
  if (known !== undefined) return known;
  throw new Failure(`--user: "${user}" is not a user of this stack; say the password in RETHINKDB_PASSWORD`);
}
