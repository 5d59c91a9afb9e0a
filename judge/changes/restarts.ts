/** What restarts, in which order and why; and what changes where it runs. */
import { byNumber, type Line } from "../model/line";
import { isOfWebUi, type Place } from "../model/places";
import { TYPES } from "../model/resources";
import { causeOf, NEW_FILES } from "./cause";
import { line, type Moved, nameOf } from "./moved";

const UI_WAITS = "People who use the web UI wait for some seconds.";

/** Servers restart one after the other, by ordinal: each waits until the one below it is a member again. */
export function restarts(
  moved: readonly Moved[],
  renewals: ReadonlySet<Moved>,
  name: (place: Place) => string,
): readonly Line[] {
  const byCause = new Map<string, Moved[]>();
  for (const m of moved) {
    const { step, place } = m;
    if (place.resource.type !== TYPES.container || place.cluster === "" || step.op !== "replace") continue;
    // Its directory is named after the user, the password and the configuration, too.
    const found = causeOf(step) === NEW_FILES && isOfWebUi(place) ? "new files of the web UI" : causeOf(step);
    const cause = renewals.has(m) ? "certificates fall due" : found;
    const key = isOfWebUi(place) ? `${cause}\0ui` : cause;
    byCause.set(key, [...(byCause.get(key) ?? []), m]);
  }
  return [...byCause].map(([key, group]) => {
    const [cause = "", ui] = key.split("\0");
    const servers = group.map(({ place }) => (place.server === "" ? nameOf(place) : name(place))).sort(byNumber);
    const rule = cause === "certificates fall due" ? "restart/renewal" : "restart/change";
    const order =
      servers.length === 1
        ? `${servers.join()} restarts`
        : `${servers.join(", ")} restart${ui === undefined ? " in this order, one at a time" : ""}`;
    return line(
      "disrupted",
      rule,
      servers,
      `${order} (${cause})`,
      ui === undefined ? "Clients of a server that restarts have to connect again." : UI_WAITS,
      "update-order",
      group,
    );
  });
}

/** The provider changes some inputs of a container where it runs, all servers at once and past every guard. */
export function inPlace(moved: readonly Moved[], name: (place: Place) => string): readonly Line[] {
  const byInputs = new Map<string, Moved[]>();
  for (const m of moved) {
    const { step, place } = m;
    if (place.resource.type !== TYPES.container || place.server === "" || step.op !== "update") continue;
    const key = step.changed.join(", ");
    byInputs.set(key, [...(byInputs.get(key) ?? []), m]);
  }
  return [...byInputs].map(([inputs, group]) => {
    const servers = group.map(({ place }) => name(place)).sort(byNumber);
    const harmless = inputs === "destroyGraceSeconds";
    return line(
      harmless ? "changed" : "disrupted",
      "in-place",
      servers,
      `${servers.join(", ")}: ${inputs} changed in place${harmless ? "" : ", on all of them at once"}`,
      "No guard is asked before a change in place.",
      "update-order",
      group,
    );
  });
}
