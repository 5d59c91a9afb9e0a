/** The picture of a plan as mermaid, for Markdown: https://mermaid.js.org/syntax/flowchart.html */
import type { PlanFacts } from "./facts";

export function renderMermaid({ hosts, driver, webUi, clusterPort }: PlanFacts): string {
  const servers = hosts.flatMap((host) => host.servers);
  return [
    "flowchart LR",
    `  clients[${quoted("Clients", driver.who)}]`,
    ...(webUi === null ? [] : [`  browser[${quoted("Browser", webUi.who)}]`]),
    ...hosts.flatMap((host, index) => [
      `  subgraph host${String(index)}[${quoted(...[host.name, host.address, host.zone].filter((part) => part !== null))}]`,
      ...host.servers.map((server) => `    ${server.name}[(${quoted(server.name, server.driver ?? "not published")})]`),
      ...(webUi !== null && index === 0 ? [`    ui[${quoted("Web UI", webUi.at)}]`] : []),
      `  end`,
    ]),
    `  mesh{{${quoted("Cluster ports", "mutual TLS", clusterPort.at)}}}`,
    ...servers.map(({ name }) => `  clients -- TLS --> ${name}`),
    ...servers.map(({ name }) => `  ${name} <--> mesh`),
    ...(webUi === null ? [] : [`  browser -- TLS, password --> ui`, `  ui <--> mesh`]),
    "",
  ].join("\n");
}

/** Lines of one label. */
function quoted(...lines: readonly string[]): string {
  const escape = (line: string): string =>
    line.replace(/[&<>"#;]/g, (character) => `#${String(character.codePointAt(0))};`);
  return `"${lines.map(escape).join("<br/>")}"`;
}
