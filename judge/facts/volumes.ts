/** What keeps data from being thrown away, and resources from being changed unseen. */
import { createHashText, type Fact, type Grade, neutral, NO, NONE, noteInto, required } from "../model/fact";
import { type Family, held, type Property } from "../model/property";
import { isOfWebUi, type Place, type Places, resourceSubject } from "../model/places";
import { mandatory } from "../model/rule";
import { canonical, hasSecret, hasUnknown, text, TYPES } from "../model/resources";

const volume = (title: string, why: string, absent: Grade): Property => ({
  title,
  why,
  anchor: "mounts-and-volumes",
  args: [],
  absent,
  promise: 0,
});

const OUTLIVES = mandatory(
  "data-outlives-the-stack",
  "A data volume is kept when its resource goes. CrossGuard sees protect and not retainOnDelete: judged offline.",
);

export const VOLUMES: Family = {
  "volume/kept": held(volume("data volume outlives its resource", "A deleted volume is lost data.", required(false)), {
    rule: OUTLIVES,
    says: "the volume is deleted with its data when its resource goes. Set retainOnDelete.",
  }),
  "volume/name": volume("Docker's name of the volume", "Another name is another, empty volume.", NONE),
  "volume/driver": { ...volume("volume driver and its options", "The data lies elsewhere.", NONE), ungraded: true },
  "volume/shared": volume(
    "volume used by one server alone",
    "Two servers on one volume destroy its data.",
    required(true),
  ),
  "option/protect": {
    ...volume("protected from deletion", "A protected resource is not deleted by mistake.", { text: "no", rank: 1 }),
    promise: 1,
  },
  "option/ignore-changes": {
    ...volume("changes of % are ignored", "What the program says is not what runs, and no preview shows it.", NO),
    anchor: "update-order",
  },
  "option/deleted-with": {
    ...volume("goes unasked when % goes", "What runs before it is deleted, a guard for one, is skipped.", NO),
    anchor: "update-order",
  },
  "option/provider": {
    ...volume("provider", "It decides on which engine, and by which plugin, a resource is made.", NONE),
    ...{ anchor: "the-engine", silent: true, ungraded: true },
  },
  "option/engine": {
    ...volume("engine", "It is made on another host.", NONE),
    ...{ anchor: "the-engine", silent: true, ungraded: true, apart: true },
  },
  "option/plugin": {
    ...volume(
      "plugin is loaded from",
      "It is a program that runs beside the stack's secrets.",
      neutral("the usual place"),
    ),
    anchor: "the-engine",
  },
  "option/hook": {
    ...volume("something runs at %", "It runs on the deployer's machine, and no preview shows what it does.", NO),
    anchor: "update-order",
  },
  "option/secret-result": {
    ...volume(
      "result is kept as a secret",
      "What stands in a state in clear is read by anyone who reads the state.",
      required(false),
    ),
    ...{ anchor: "secrets", promise: 1 },
  },
};

export function readVolumes(places: Places, facts: Fact[]): void {
  for (const place of places.ofType(TYPES.volume)) {
    const { inputs, options, urn } = place.resource;
    const name = place.role || place.resource.name;
    const note = noteInto(facts, { kind: "volume", cluster: place.cluster, name }, urn);
    const kept = options.protect || options.retainOnDelete;
    const holdsData = place.cluster === "" ? /-n\d+-data$/.test(name) : /^n\d+-data/.test(place.role);
    if (holdsData) note("volume/kept", kept === null ? null : required(kept));
    const given = [inputs["driver"] ?? "local", inputs["driverOpts"] ?? {}];
    note("volume/name", hasUnknown(inputs["name"]) ? null : neutral(text(inputs["name"]) || "made by Pulumi"));
    const shown = hasSecret(given) ? "with secrets" : canonical(given) === `["local",{}]` ? "local" : canonical(given);
    note("volume/driver", hasUnknown(given) ? null : neutral(shown));
    const users = new Set(places.usersOf(text(inputs["name"])));
    // Who shares data, or the socket of the web UI, is said of the containers.
    if (!holdsData && place.role !== "ui-socket") note("volume/shared", required(users.size <= 1));
  }
}

/** Every resource: what its options let happen unseen. */
export function readOptionsOf(place: Place, places: Places, facts: Fact[]): void {
  const { options, urn } = place.resource;
  const note = noteInto(facts, resourceSubject(place), urn);
  if (options.protect) note("option/protect", { text: "yes", rank: 0 });
  if (options.deletedWith !== "") {
    // A cluster that goes as a whole does not move its data.
    const whole =
      /-member$/.test(place.role) && /^(network(-|$)|departure$)/.test(places.at(options.deletedWith)?.role ?? "");
    if (!whole)
      note("option/deleted-with", { text: "yes", rank: 1 }, options.deletedWith.split("::").slice(3).join("::"));
  }
  const provider = places.named(place.cluster, options.provider)?.role || options.provider;
  const engine = /^engine-/.test(provider) && place.cluster !== "";
  if (provider !== "") note("option/provider", neutral(engine ? "an engine of the cluster" : provider));
  if (engine) note("option/engine", neutral(provider));
  if (options.pluginUrl !== "")
    note("option/plugin", { text: `elsewhere ${createHashText(options.pluginUrl)}`, rank: 1 });
  if (place.resource.type === TYPES.command && place.cluster !== "") {
    note("option/secret-result", required(options.secretOutputs.includes("stdout")));
  }
  const expected = hooksOf(place);
  for (const kind of options.hooks) if (!expected.includes(kind)) note("option/hook", { text: "yes", rank: 1 }, kind);
  for (const path of options.ignoreChanges) note("option/ignore-changes", { text: "yes", rank: 1 }, path);
}

/** Leftovers of a killed run are cleared before something is made; of the web UI, old files after. */
function hooksOf(place: Place): readonly string[] {
  const { type } = place.resource;
  if (place.cluster === "" || (type !== TYPES.container && type !== TYPES.network)) return [];
  return ["beforeCreate", ...(isOfWebUi(place) ? ["afterCreate"] : [])];
}

export function shortType(place: Place): string {
  return place.resource.type.slice(place.resource.type.lastIndexOf(":") + 1);
}
