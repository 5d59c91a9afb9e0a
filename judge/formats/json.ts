/** A review for programs; `version` says which shape it has. */
import type { Report } from "../changes/report";

export function renderJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
