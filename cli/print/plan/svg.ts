/** The picture of a plan: who reaches what, host by host. */
import type { Exposure } from "../../../args/values/exposure";
import type { HostFacts, PlanFacts, ServerFacts } from "./facts";

const CARD = { width: 168, height: 64, gap: 14 } as const;
const PAD = 18;
const HEAD = 46;
const COLUMNS = 3;
const CLIENTS = { x: 16, width: 210 } as const;
const HOSTS_X = 330;

export function renderSvg(facts: PlanFacts): string {
  const { hosts, driver, webUi } = facts;
  const wide = Math.max(1, Math.min(COLUMNS, ...[Math.max(...hosts.map(({ servers }) => servers.length))]));
  const columns = Math.max(wide, webUi === null ? 1 : 2);
  const hostWidth = 2 * PAD + columns * CARD.width + (columns - 1) * CARD.gap;
  let y = 16;
  const boxes = hosts.map((host, index) => {
    const cards = [
      ...host.servers.map((server) => serverCard(server)),
      ...(webUi !== null && index === 0 ? [["web UI", "nginx, TLS, password", webUi.at] as const] : []),
    ];
    const rows = Math.max(1, Math.ceil(cards.length / columns));
    const height = HEAD + rows * CARD.height + (rows - 1) * CARD.gap + PAD;
    const box = { host, cards, y, height };
    y += height + 26;
    return box;
  });
  const height = Math.max(y - 10, webUi === null ? 150 : 250);
  const meshX = HOSTS_X + hostWidth + 34;
  const width = meshX + 150;
  const doors = [
    { what: "Clients", who: driver.who, exposure: driver.exposure },
    ...(webUi === null ? [] : [{ what: "Browser", who: webUi.who, exposure: webUi.exposure }]),
  ];
  const first = boxes[0];
  const last = boxes.at(-1);
  return [
    `<svg viewBox="0 0 ${String(width)} ${String(height)}" width="${String(width)}" role="img" aria-label="Who reaches what">`,
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" class="tip"/></marker></defs>`,
    ...doors.map(({ what, who, exposure }, index) => {
      const at = 24 + index * 120;
      return [
        `<g class="door ${exposure}"><rect x="${String(CLIENTS.x)}" y="${String(at)}" width="${String(CLIENTS.width)}" height="98" rx="10"/>`,
        text(CLIENTS.x + 14, at + 24, what, "strong"),
        ...wrap(who, 29)
          .slice(0, 4)
          .map((line, row) => text(CLIENTS.x + 14, at + 44 + row * 15, line, "small")),
        `</g>`,
      ].join("");
    }),
    ...boxes.map(({ y: top, height: tall }, index) =>
      arrow(
        [CLIENTS.x + CLIENTS.width, 24 + 49],
        [HOSTS_X - 2, top + Math.min(57, tall / 2)],
        driver.exposure,
        // Once is enough.
        index === 0 ? "TLS" : "",
      ),
    ),
    ...(webUi === null || first === undefined
      ? []
      : [
          arrow(
            [CLIENTS.x + CLIENTS.width, 144 + 49],
            [HOSTS_X - 2, first.y + first.height - 24],
            webUi.exposure,
            "TLS",
          ),
        ]),
    ...boxes.map((box) => hostBox(box, hostWidth, columns)),
    ...(first === undefined || last === undefined
      ? []
      : [
          `<rect class="mesh" x="${String(meshX)}" y="${String(first.y)}" width="8" height="${String(last.y + last.height - first.y)}" rx="4"/>`,
          ...boxes.map(
            ({ y: top, height: tall }) =>
              `<path class="line" d="M${String(HOSTS_X + hostWidth)} ${String(top + tall / 2)}H${String(meshX)}"/>`,
          ),
          ...["cluster ports", "mutual TLS", "cluster CA only"].map((line, row) =>
            text(meshX + 20, first.y + 24 + row * 17, line, row === 0 ? "strong" : "small"),
          ),
        ]),
    `</svg>`,
  ].join("\n");
}

function serverCard(server: ServerFacts): readonly [string, string, string] {
  return [server.name, server.driver ?? "driver not published", `${String(server.memoryMib)} MiB memory`];
}

function hostBox(
  {
    host,
    cards,
    y,
    height,
  }: {
    readonly host: HostFacts;
    readonly cards: readonly (readonly [string, string, string])[];
    readonly y: number;
    readonly height: number;
  },
  width: number,
  columns: number,
): string {
  const about = [host.address, host.zone === null ? null : `zone ${host.zone}`].filter((part) => part !== null);
  return [
    `<g class="host"><rect x="${String(HOSTS_X)}" y="${String(y)}" width="${String(width)}" height="${String(height)}" rx="12"/>`,
    text(HOSTS_X + PAD, y + 22, `host ${host.name}`, "strong"),
    text(HOSTS_X + PAD, y + 38, cut([...about, host.engine].join(", "), Math.floor((width - PAD) / 6.2)), "small"),
    ...cards.map(([title, ...lines], index) => {
      const x = HOSTS_X + PAD + (index % columns) * (CARD.width + CARD.gap);
      const top = y + HEAD + Math.floor(index / columns) * (CARD.height + CARD.gap);
      return [
        `<g class="card"><rect x="${String(x)}" y="${String(top)}" width="${String(CARD.width)}" height="${String(CARD.height)}" rx="8"/>`,
        text(x + 12, top + 21, title, "strong"),
        ...lines.map((line, row) => text(x + 12, top + 38 + row * 15, cut(line, 26), "small")),
        `</g>`,
      ].join("");
    }),
    `</g>`,
  ].join("");
}

function arrow(
  from: readonly [number, number],
  to: readonly [number, number],
  exposure: Exposure,
  label: string,
): string {
  const middle = (from[0] + to[0]) / 2;
  const path = `M${String(from[0])} ${String(from[1])}C${String(middle)} ${String(from[1])} ${String(middle)} ${String(to[1])} ${String(to[0])} ${String(to[1])}`;
  return (
    `<path class="line ${exposure}" marker-end="url(#tip)" d="${path}"/>` +
    text(middle - 12, (from[1] + to[1]) / 2 - 7, label, "small")
  );
}

function wrap(words: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

function text(x: number, y: number, line: string, kind: string): string {
  return `<text x="${String(x)}" y="${String(y)}" class="${kind}">${escapeHtml(line)}</text>`;
}

export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${String(character.codePointAt(0))};`);
}
