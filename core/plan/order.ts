/** In which order a run changes servers, and which of them start side by side. */
import type { HostPlan } from "./hosts";

/** What Docker says of a cluster's servers before anything is touched. */
export interface Standing {
  /** Servers that have a container, in whatever state. */
  readonly present: readonly string[];
  /** Of these, those that are down or start over and over. */
  readonly down: readonly string[];
}

export interface ServerOrder {
  /** Changed one after the other, in this order; never empty. */
  readonly chain: readonly string[];
  /** Known to have no container when the run began. */
  readonly absent: readonly string[];
  /** By the name of a server: the one whose membership is waited for before it is touched. */
  readonly after: ReadonlyMap<string, string>;
}

/** New servers that start at once. */
const AT_ONCE = 8;
/** The same where an engine is behind ssh: sshd takes ten sessions a connection, and drops connections beyond ten at once. */
const AT_ONCE_OVER_SSH = 4;

/**
 * What is down goes ahead of what serves: a table that misses a replica bears no second stop. A server above all that have a
 * container serves nobody yet: those start side by side. One that misses its container below another had one, and stays in the
 * chain.
 * @param names of all servers, the lowest first.
 * @param standing undefined where nobody knows: then each is taken for one that serves.
 */
export function planOrder(names: readonly string[], standing: Standing | undefined, atOnce: number): ServerOrder {
  const { present, down } = standing ?? { present: names, down: [] };
  const highest = names.findLastIndex((name) => present.includes(name));
  // The first one is the cluster that all others join, and gets its accounts first.
  const old = names.slice(0, Math.max(highest, 0) + 1);
  const chain = [...old.filter((name) => down.includes(name)), ...old.filter((name) => !down.includes(name))];
  // These start side by side when the chain is done.
  const fresh = names.slice(old.length);
  const after = new Map<string, string>();
  const follow = (name: string, other: string | undefined): void => {
    if (other !== undefined) after.set(name, other);
  };
  for (const [index, name] of chain.entries()) follow(name, chain[index - 1]);
  for (const [index, name] of fresh.entries()) follow(name, fresh[index - atOnce] ?? chain.at(-1));
  return { chain, absent: names.filter((name) => !present.includes(name)), after };
}

/** @param ambient the endpoint of a host that names none. */
export function startsAtOnce(hosts: readonly Pick<HostPlan, "dockerHost" | "lost">[], ambient: string): number {
  const endpoints = hosts.filter(({ lost }) => !lost).map(({ dockerHost }) => dockerHost ?? ambient);
  return endpoints.some((endpoint) => endpoint.startsWith("ssh://")) ? AT_ONCE_OVER_SSH : AT_ONCE;
}
