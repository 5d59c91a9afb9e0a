/** What to say of a host that does not answer. */
import { type ClusterStatus, tablesOfMissingServers } from "./availability";

export interface UnreachableHost {
  readonly name: string;
  readonly reason: string;
}

/**
 * @param servers with the name of their host.
 * @param status as the servers on the other hosts see it; undefined when none of them answers.
 */
export function describeUnreachable(
  { name, reason }: UnreachableHost,
  servers: readonly { readonly name: string; readonly host: string }[],
  status: ClusterStatus | undefined,
): string {
  const had = servers.filter(({ host }) => host === name).map((server) => server.name);
  // Also of servers that a first run would have made.
  const has = had.length === 0 ? "It has no server" : `It is the place of ${had.join(", ")}`;
  return (
    `hosts.${name}: ${reason}. ${has}; ${whatWorks(status)}. Nothing was touched. Put that right and run pulumi up again; ` +
    `or, where the host is gone for good, give it up with all that only its servers have: set lost: true for it in hosts and add "lose-host" to allow`
  );
}

function whatWorks(status: ClusterStatus | undefined): string {
  if (status === undefined) return "no server on the other hosts answers, so it is not known what works without it";
  const connected = status.servers.map((server) => server.name);
  const lost = tablesOfMissingServers(connected, status);
  const all = status.configs.length;
  if (all === 0) return "there are no tables that could miss it";
  if (lost.length === 0) return `${all === 1 ? "the one table works" : `all ${String(all)} tables work`} without it`;
  return `${String(all - lost.length)} of ${String(all)} tables work without it, and these do not: ${lost.join(", ")}`;
}
