/** In which formats an audit is shown. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { meant } from "../../args/shape/shape";
import type { AuditReport } from "../../core/decide/audit/report";
import { Failure } from "../../ops/lib/failure";
import { renderHtml } from "../print/audit/html";
import { renderJunit } from "../print/audit/junit";
import { renderAuditSarif } from "../print/audit/sarif";
import { renderTerminal } from "../print/audit/terminal";

export const FORMATS = ["terminal", "json", "junit", "sarif", "html"] as const;
export type Format = (typeof FORMATS)[number];

export function readFormat(options: ReadonlyMap<string, string>): Format {
  if (options.has("--json")) return "json";
  const word = options.get("--format") ?? "terminal";
  const format = FORMATS.find((known) => known === word);
  if (format === undefined) throw new Failure(`--format: "${word}" is no format; ${meant(word, FORMATS)}`);
  return format;
}

/** @param project where docs/security.md lies, if it does. */
export function renderAudit(report: AuditReport, format: Format, project: string, colors: boolean): string {
  switch (format) {
    case "terminal":
      return `${renderTerminal(report, colors)}\n`;
    case "json":
      return `${JSON.stringify(report, undefined, 2)}\n`;
    case "junit":
      return renderJunit(report);
    case "sarif":
      return renderAuditSarif(report, lineFinder(project));
    case "html":
      return renderHtml(report);
  }
}

/** A package has no docs: there, the first line stands for all. */
function lineFinder(project: string): (anchor: string) => number {
  let lines: readonly string[] = [];
  try {
    lines = readFileSync(join(project, "docs", "security.md"), "utf8").split("\n");
  } catch {
    // Then no anchor is found.
  }
  return (anchor) =>
    Math.max(
      0,
      lines.findIndex((line) => line.includes(`id="${anchor}"`)),
    ) + 1;
}
