/** What is lost: servers, volumes, the network, and what a cluster keeps for life. */
import type { Anchor } from "../model/property";
import { shortType } from "../facts/volumes";
import type { Line } from "../model/line";
import { isOfWebUi, type Place } from "../model/places";
import { TYPES } from "../model/resources";
import type { Step } from "../model/steps";
import { line, type Moved, nameOf } from "./moved";

const LOST = "What is not moved or copied before is gone.";

/** @param retired what a rotation leaves behind: nothing depends on it any more. */
export function destructions(
  moved: readonly Moved[],
  name: (place: Place) => string,
  retired: (m: Moved) => boolean,
): readonly Line[] {
  return moved.flatMap((m): readonly Line[] => {
    const { step, place } = m;
    if (step.op !== "delete" && step.op !== "replace") return [];
    const { type } = place.resource;
    const say = (rule: string, sentence: string, why: string, anchor: Anchor): readonly Line[] => [
      line("destroyed", rule, [place.server === "" ? nameOf(place) : name(place)], sentence, why, anchor, [m]),
    ];
    const verb = step.op === "delete" ? "deleted" : "replaced by a new one";
    // It holds nothing but what the next run makes again.
    if (isOfWebUi(place)) return [];
    if (type === TYPES.volume) return destroyedVolume(m, name, say);
    if (type === TYPES.container && step.op === "delete" && place.cluster !== "") {
      const who = place.server === "" ? `container ${nameOf(place)}` : name(place);
      return say("gone/server", `${who} is removed from the cluster`, LOST, "mounts-and-volumes");
    }
    if (type === TYPES.network) {
      return say(
        `${verbOf(step)}/network`,
        `network ${nameOf(place)} is ${verb}: everything on it stops`,
        "No server can run without its network.",
        "the-network",
      );
    }
    if (place.cluster === "" || place.server !== "") return foreign(m, verb);
    if (retired(m)) return [];
    const kept = KEPT.find(([pattern]) => pattern.test(place.role));
    return kept === undefined
      ? foreign(m, verb)
      : say(
          `${step.op}/${place.role}`,
          `${kept[1]} is ${verb}: ${kept[2]}`,
          "It is made once, for the cluster's life.",
          "tls",
        );
  });
}

/** A key and its certificate are one thing to a person. */
export function once(lines: readonly Line[]): readonly Line[] {
  const found = new Map<string, Line>();
  for (const line of lines) {
    const same = found.get(line.sentence);
    found.set(line.sentence, { ...line, urns: [...(same?.urns ?? []), ...line.urns].sort() });
  }
  return [...found.values()];
}

const verbOf = (step: Step): string => (step.op === "delete" ? "gone" : "replaced");

/** What a cluster keeps for life, and what happens without it. */
const KEPT: readonly (readonly [RegExp, string, string])[] = [
  [/^cluster-ca-g\d+/, "the cluster CA", "servers with certificates of the old one and of the new one cannot talk"],
  [/^driver-ca-g\d+/, "the driver CA", "clients that trust the old one are refused"],
  [/^client-ca-g\d+/, "the client CA", "clients with certificates of the old one are refused"],
  [/^identity$/, "the cluster's identity", "every data volume becomes a stranger's, and servers refuse to start"],
  [/^operator-g\d+$/, "the operator's password", "programs cannot log in until admin has set the new one"],
];

function destroyedVolume(
  { step, place }: Moved,
  name: (place: Place) => string,
  say: (rule: string, sentence: string, why: string, anchor: Anchor) => readonly Line[],
): readonly Line[] {
  const isData = place.cluster === "" || /^n\d+-data/.test(place.role);
  if (!isData)
    return step.op === "delete"
      ? []
      : say("replaced/volume", `volume ${nameOf(place)} is replaced by an empty one`, LOST, "mounts-and-volumes");
  const what = place.server === "" ? `volume ${nameOf(place)}` : `the data volume of ${name(place)}`;
  const kept = step.before?.options.retainOnDelete === true;
  const fate = kept ? "stays on the host and Pulumi no longer manages it" : "is deleted with its data";
  if (step.op === "delete")
    return say(
      "gone/volume",
      `${what} ${fate}`,
      kept ? "A volume left behind can be adopted, or has to be deleted by hand." : LOST,
      "mounts-and-volumes",
    );
  const old = kept ? "the old one stays on the host" : "the old one is deleted with its data";
  return say("replaced/volume", `${what} is replaced by an empty one; ${old}`, LOST, "mounts-and-volumes");
}

/** Of what this project does not declare, only things that hold something are lost. */
function foreign(m: Moved, verb: string): readonly Line[] {
  if (m.place.cluster !== "") return [];
  if (m.place.resource.type === TYPES.container) {
    return [
      line(
        m.step.op === "delete" ? "destroyed" : "disrupted",
        `${verbOf(m.step)}/foreign`,
        [nameOf(m.place)],
        `container ${nameOf(m.place)} is ${verb}`,
        LOST,
        "what-nobody-declares",
        [m],
      ),
    ];
  }
  return [
    line(
      "destroyed",
      `${verbOf(m.step)}/foreign`,
      [nameOf(m.place)],
      `${nameOf(m.place)} (${shortType(m.place)}) is ${verb}`,
      LOST,
      "what-nobody-declares",
      [m],
    ),
  ];
}
