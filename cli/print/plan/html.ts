/** A plan as one page that needs nothing else: no script, no file, no network. */
import type { PlanFacts } from "./facts";
import { escapeHtml, renderSvg } from "./svg";
import { count, renewalOf } from "./text";

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6b7b; --edge: #c9d3dc; --paper: #fff; --tint: #f3f6f9;
  --safe: #2c7a4b; --near: #2f6fb3; --risk: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e5ebf1; --soft: #9fb0c0; --edge: #3b4a59; --paper: #151c23;
  --tint: #1e2831; --safe: #6cc48f; --near: #7db4ec; --risk: #f2877f; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; padding: 0 1.5rem; max-width: 68rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0; } .soft { color: var(--soft); }
.picture { overflow-x: auto; margin: 1.5rem 0; padding: 1rem; border: 1px solid var(--edge); border-radius: 12px; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--edge); vertical-align: top; }
th { color: var(--soft); font-weight: 600; } td:first-child { white-space: nowrap; }
.warn { color: var(--risk); }
svg { max-width: 100%; height: auto; min-width: 46rem; } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .strong { font-weight: 600; font-size: 14px; } svg .small { fill: var(--soft); }
svg rect { fill: var(--tint); stroke: var(--edge); } svg .card rect { fill: var(--paper); }
svg .line { fill: none; stroke: var(--soft); stroke-width: 1.6; } svg .tip { fill: var(--soft); }
svg .mesh { fill: var(--safe); stroke: none; }
svg .door rect { stroke-width: 2; } svg .loopback rect, svg .none rect { stroke: var(--safe); } svg .private rect { stroke: var(--near); }
svg .public rect, svg .every rect { stroke: var(--risk); } svg .line.public, svg .line.every { stroke: var(--risk); }
`;

export function renderHtml(stack: string, clusters: readonly PlanFacts[]): string {
  return [
    `<!doctype html>`,
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeHtml(`Plan of ${stack}`)}</title><style>${STYLE}</style></head><body>`,
    ...clusters.map((facts) => renderCluster(stack, facts)),
    `</body></html>`,
    ``,
  ].join("\n");
}

function renderCluster(stack: string, facts: PlanFacts): string {
  const { hosts, doors, cas, accounts, databases, overrides, made } = facts;
  const servers = hosts.flatMap((host) => host.servers.map((server) => ({ ...server, host: host.name })));
  return [
    `<h1>${escapeHtml(facts.clusterName)}</h1>`,
    `<p class="soft">${escapeHtml(`${stack}: ${count(servers.length, "server")} of ${facts.image} on ${count(hosts.length, "host")}. This is what the config says; nothing was asked or made.`)}</p>`,
    `<div class="picture">${renderSvg(facts)}</div>`,
    overrides.length === 0 ? `<p>No guard is overridden.</p>` : `<h2 class="warn">Overridden guards</h2>`,
    ...(overrides.length === 0 ? [] : [table(["override", "risk"], overrides)]),
    `<h2>Ways in</h2>`,
    table(
      ["what", "where", "who gets there"],
      doors.map(([what, door]) => [what, door?.at ?? "none", door?.who ?? ""]),
    ),
    `<h2>Servers</h2>`,
    table(
      ["server", "container", "host", "memory", "cache", "driver port", "cluster port"],
      servers.map((server) => [
        server.name,
        server.container,
        server.host,
        `${String(server.memoryMib)} MiB`,
        `${String(server.cacheSizeMib)} MiB`,
        server.driver ?? "not published",
        server.peer,
      ]),
    ),
    `<h2>Certificates</h2>`,
    table(
      ["CA", "generations", "origin", "signs"],
      cas.map(({ purpose, generations, origin, signs }) => [purpose, generations, origin, signs]),
    ),
    `<p>${escapeHtml(`Certificates are valid for ${count(facts.leafDays, "day")}. ${renewalOf(facts)}`)}</p>`,
    `<h2>Accounts</h2>`,
    table(["account", "may"], accounts),
    `<p>${escapeHtml(`Databases: ${databases.join(", ") || "none"}`)}</p>`,
    `<h2>In all</h2>`,
    `<p>${escapeHtml(made.map(([kind, number]) => count(number, kind)).join(", "))}.</p>`,
  ].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="table"><table>${cells(head, "th")}${rows.map((row) => cells(row, "td")).join("")}</table></div>`;
}
