/** What keeps data from being thrown away, and resources from being changed unseen. */
import {
  type Fact,
  type Family,
  type Grade,
  neutral,
  NO,
  NONE,
  noteInto,
  type Property,
  required,
} from "../model/fact";
import { type Place, type Places, resourceSubject } from "../model/places";
import { canonical, hasSecret, hasUnknown, list, record, text, TYPES } from "../model/resources";

const volume = (title: string, why: string, absent: Grade): Property => ({
  title,
  why,
  anchor: "mounts-and-volumes",
  args: [],
  absent,
  promise: 0,
});

export const VOLUMES: Family = {
  "volume/kept": volume("data volume outlives its resource", "A deleted volume is lost data.", required(false)),
  "volume/name": volume("Docker's name of the volume", "Another name is another, empty volume.", NONE),
  "volume/driver": volume("volume driver and its options", "The data lies elsewhere.", NONE),
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
};

export function readVolumes(places: Places, facts: Fact[]): void {
  for (const place of places.ofType(TYPES.volume)) {
    const { inputs, options, urn } = place.resource;
    const name = place.role || place.resource.name;
    const note = noteInto(facts, { kind: "volume", cluster: place.cluster, name }, urn);
    if (/^n\d+-data/.test(place.role)) note("volume/kept", required(options.retainOnDelete || options.protect));
    const given = [inputs["driver"] ?? "local", inputs["driverOpts"] ?? {}];
    note("volume/name", hasUnknown(inputs["name"]) ? null : neutral(text(inputs["name"]) || "made by Pulumi"));
    const shown = hasSecret(given) ? "with secrets" : canonical(given) === `["local",{}]` ? "local" : canonical(given);
    note("volume/driver", hasUnknown(given) ? null : neutral(shown));
    if (place.role !== "ui-socket") note("volume/shared", required(users(places, text(inputs["name"])) <= 1));
  }
}

/** Every resource: what its options let happen unseen. */
export function readOptionsOf(place: Place, facts: Fact[]): void {
  const { options, urn } = place.resource;
  const note = noteInto(facts, resourceSubject(place), urn);
  if (options.protect) note("option/protect", { text: "yes", rank: 0 });
  for (const path of options.ignoreChanges) note("option/ignore-changes", { text: "yes", rank: 1 }, path);
}

export function shortType(place: Place): string {
  return place.resource.type.slice(place.resource.type.lastIndexOf(":") + 1);
}

function users(places: Places, name: string): number {
  return places
    .ofType(TYPES.container)
    .filter(({ resource }) => list(resource.inputs["volumes"]).some((v) => text(record(v)["volumeName"]) === name))
    .length;
}
