/** The threat table of docs/security.md and the lines of an audit are the same. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type LineReport, reportAudit } from "../../core/decide/audit/report";
import { THREATS } from "../../core/decide/audit/threats";
import { PROBES } from "../../ops/doctor/probes/all";

interface Row {
  readonly id: string;
  readonly attacker: string;
  readonly attack: string;
  readonly stops: string;
  readonly probes: readonly string[];
}

function rowsOf(markdown: string): readonly Row[] {
  const lines = markdown.split("\n");
  const head = lines.findIndex((line) => /^\| line +\| attacker/.test(line));
  const end = lines.findIndex((line, index) => index > head && line === "");
  return lines.slice(head + 2, end).map((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    const plain = (cell: string): string => cell.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1");
    const [, id = "", attacker = "", attack = "", stops = "", , probes = ""] = cells;
    const [, anchor = "", name = ""] = /^<a id="([^"]+)"><\/a>(.+)$/.exec(id) ?? [];
    assert.equal(anchor, name);
    return {
      id: name,
      attacker,
      attack: plain(attack),
      stops: plain(stops),
      probes: probes.split(", ").map((probe) => probe.replaceAll("`", "")),
    };
  });
}

const rows = rowsOf(readFileSync("docs/security.md", "utf8"));

test("each row of the table is a line of an audit, in the same words and order, and names its probes", () => {
  assert.deepEqual(
    rows,
    THREATS.map(({ id, attacker, attack, stops }) => ({
      ...{ id, attacker, attack, stops },
      probes: PROBES.filter(({ line }) => line === id).map((probe) => probe.id),
    })),
  );
});

test("what doctor --json prints has these lines, and each probe in its line", () => {
  const health = {
    clusterName: "db",
    servers: [],
    tables: { total: 0, ready: 0, unready: [] },
    issues: [],
    problems: [],
  };
  const probes = PROBES.map(
    ({ id, line, tried }) => ({ id, line, tried, outcome: "held", attempts: [], milliseconds: 0 }) as const,
  );
  const did = { connections: 0, logins: 0, helperContainers: 0, execs: 0 };
  const { lines } = reportAudit("db", health, probes, { did, seconds: 0 });
  const shape = (line: LineReport): Row => {
    const { id, attacker, attack, stops } = line;
    return { id, attacker, attack, stops, probes: line.probes.map((probe) => probe.id) };
  };
  assert.deepEqual(lines.map(shape), rows);
});

test("no line is without a probe, and no two probes have one id", () => {
  assert.deepEqual(
    THREATS.filter(({ id }) => !PROBES.some(({ line }) => line === id)),
    [],
  );
  const ids = PROBES.map(({ id }) => id);
  assert.deepEqual([...new Set(ids)], ids);
  // A word of --only is one or the other.
  assert.deepEqual(
    ids.filter((id) => THREATS.some((threat) => threat.id === id)),
    [],
  );
});
