/** `npx pulumi-rethinkdb accounts`: what of databases, users and grants is not as the stack says; changes nothing. */
import { type AccountsDrift, findDrift } from "../../../ops/programs/accounts";
import { readLiveCluster } from "../../stack/liveCluster";
import { parseOptions } from "../../options";
import { CLUSTER_OPTIONS, type Verb } from "../../verb";

export const verb: Verb = {
  name: "accounts",
  does: "Shows which databases, users and rights differ from the config, and changes nothing. Exit code 1 when some do.",
  options: CLUSTER_OPTIONS,
  examples: ["npx pulumi-rethinkdb accounts"],
  run: accounts,
};

/** @returns 1 when something differs. */
export async function accounts(project: string, argv: readonly string[]): Promise<number> {
  const { request, managed } = await readLiveCluster(project, parseOptions(verb, argv));
  const drift = await findDrift(request, managed);
  console.log(describeDrift(drift));
  return drift.lines.length === 0 ? 0 : 1;
}

export function describeDrift({ lines, unmanaged }: AccountsDrift): string {
  return [
    ...(lines.length === 0
      ? ["Databases, users and grants are as the stack says."]
      : ["Not as the stack says; the next up puts it back:", ...lines.map((line) => `  ${line}`)]),
    ...(unmanaged.length === 0 ? [] : [`Users that are not of this stack and left alone: ${unmanaged.join(", ")}`]),
  ].join("\n");
}
