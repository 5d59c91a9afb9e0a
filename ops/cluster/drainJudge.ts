/** Whether anything may be moved off servers that go, by what all servers see. */
import { describePartition } from "../../core/decide/views";
import { describeUnheard, unseenUnknown, type Views } from "./views";

/** A host that is given up takes along what nothing else has. */
export function mayAbandon(
  request: { readonly allow: readonly string[]; readonly lost?: readonly string[] },
  leaving: readonly string[],
): boolean {
  const lost = request.lost ?? [];
  return (
    request.allow.includes("abandon-data") ||
    (request.allow.includes("lose-host") && leaving.every((name) => lost.includes(name)))
  );
}

/** @returns why it is not known what lies on the servers that go; undefined where it is. */
export function whyNoDrain(leaving: readonly string[], found: Views, abandonData: boolean): string | undefined {
  const unheard = [...found.silent, ...found.unknown];
  if (found.views.length === 0) {
    const reasons = unheard.length === 0 ? "" : ` (${describeUnheard(unheard)})`;
    return `nodes: no server answers${reasons}, so nothing tells what is on ${leaving.join(", ")}; start the servers, then run pulumi up again`;
  }
  if (abandonData) return undefined;
  const unknown = unseenUnknown(found);
  if (unknown.length > 0) {
    return (
      `nodes: ${describeUnheard(unknown)} ${unknown.length === 1 ? "runs" : "run"} and cannot be asked, so nothing tells what is on ` +
      `${leaving.join(", ")}; repair that, then run pulumi up again, or go on without with allow: ["abandon-data"]`
    );
  }
  const partition = describePartition(found.views);
  if (partition === undefined) return undefined;
  return (
    `nodes: the servers do not all see each other: ${partition}; repair the network between them, or stop the servers that are cut off, ` +
    `then run pulumi up again, or go on without them with allow: ["abandon-data"]`
  );
}
