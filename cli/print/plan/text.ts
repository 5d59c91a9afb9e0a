/** A plan for a terminal. */
import { renderTable } from "../table";
import type { PlanFacts } from "./facts";

export function renderText(stack: string, facts: PlanFacts): string {
  const { hosts, doors, cas, accounts, databases, overrides, made } = facts;
  const many = hosts.flatMap(({ servers }) => servers).length;
  const several = hosts.length > 1;
  return [
    `${stack}: the cluster "${facts.clusterName}", ${count(many, "server")} of ${facts.image} on ${count(hosts.length, "host")}`,
    ``,
    ...renderTable([
      ["host", "engine", "address", "zone", "servers"],
      ...hosts.map(({ name, engine, address, zone, servers }) => [
        name,
        engine,
        address ?? "-",
        zone ?? "-",
        servers.map((server) => server.name).join(" ") || "-",
      ]),
    ]),
    ``,
    ...renderTable([
      ["server", "container", ...(several ? ["host"] : []), "memory", "cache", "driver port", "cluster port"],
      ...hosts.flatMap((host) =>
        host.servers.map((server) => [
          server.name,
          server.container,
          ...(several ? [host.name] : []),
          `${String(server.memoryMib)} MiB`,
          `${String(server.cacheSizeMib)} MiB`,
          server.driver ?? "not published",
          server.peer,
        ]),
      ),
    ]),
    ``,
    ...renderTable([
      ["way in", "where", "who gets there"],
      ...doors.map(([what, door]) => [what, door?.at ?? "none", door?.who ?? "-"]),
    ]),
    ``,
    ...renderTable([
      ["CA", "generations", "origin", "signs"],
      ...cas.map(({ purpose, generations, origin, signs }) => [purpose, generations, origin, signs]),
    ]),
    `Certificates are valid for ${count(facts.leafDays, "day")}. ${renewalOf(facts)}`,
    ``,
    ...renderTable([["account", "may"], ...accounts.map(([name, rights]) => [name, rights])]),
    `Databases: ${databases.join(", ") || "none"}`,
    ``,
    ...(overrides.length === 0
      ? ["No guard is overridden."]
      : ["Overridden guards:", ...overrides.map(([name, risk]) => `  ! ${name}: ${risk}`)]),
    ``,
    `In all: ${made.map(([kind, number]) => count(number, kind)).join(", ")}.`,
  ].join("\n");
}

/** 0 holds renewals. */
export function renewalOf({ renewalDays }: PlanFacts): string {
  return renewalDays === 0
    ? "renewal: hold keeps up from renewing them."
    : `The first up in their last ${count(renewalDays, "day")} renews them.`;
}

export function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? "" : "s"}`;
}
