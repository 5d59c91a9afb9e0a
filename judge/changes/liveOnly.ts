/** What only the live cluster, or who holds the secrets, can say. */
import type { Line } from "../model/line";
import type { Place } from "../model/places";
import { type Moved, unique } from "./moved";

export function liveOnly(
  restarting: readonly Line[],
  moved: readonly Moved[],
  name: (place: Place) => string,
): readonly string[] {
  const sentences: string[] = [];
  const servers = unique(restarting.flatMap(({ subjects }) => subjects)).filter((who) => /(^|\/)n\d+$/.test(who));
  if (servers.length > 0)
    sentences.push(
      `whether every table stays available while ${servers.join(", ")} restart${servers.length === 1 ? "s" : ""}: only the live cluster knows`,
    );
  const leaving = unique(
    moved
      .filter(({ step, place }) => step.op === "delete" && /^n\d+$/.test(place.role))
      .map(({ place }) => name(place)),
  );
  if (leaving.length > 0)
    sentences.push(`whether the data of ${leaving.join(", ")} can move to the others: only the live cluster knows`);
  return sentences;
}
