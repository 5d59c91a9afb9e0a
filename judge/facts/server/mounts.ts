/** What a container can read and write outside of itself, and where its data goes. */
import { createHashText, type Grade, neutral, NO, NONE, type Note, required, unwanted } from "../../model/fact";
import { type Family, held, type Property } from "../../model/property";
import { isOfWebUi, mountsOf, type Part, type Place, type Places } from "../../model/places";
import { CONTAINERS, mandatory } from "../../model/rule";
import { hasUnknown, type Inputs, isUnknown, list, record, text, TYPES } from "../../model/resources";

const mount = (title: string, why: string, absent: Grade): Property => ({
  title,
  why,
  anchor: "mounts-and-volumes",
  args: [],
  absent,
  promise: 0,
});

const NO_HOST_PATHS = mandatory(
  "no-host-paths",
  "A server mounts volumes of its own, no path of the host, and its certificates read-only.",
);
const OWN_DATA = mandatory("own-data-volume", "A server's data lies on a named volume that no other server uses.");

export const MOUNTS: Family = {
  "mount/source": held(mount("what is mounted on %", "A path of the host in a container is a way out of it.", NONE), {
    ...{ rule: NO_HOST_PATHS, of: CONTAINERS },
    says: ({ grade }) =>
      grade.text.startsWith("volume ")
        ? "it mounts a volume that is not its own, and sees or changes what another has there. Take the volume out."
        : "a path of the host is mounted, which is a way out of the container. Use a volume.",
  }),
  "mount/writable": mount("% is writable", "What a server can write, an attacker who took it over can change.", NO),
  "mount/read-only": held(
    mount("% is read-only", "Keys, certificates and the list of peers must not be the server's own to change.", NO),
    {
      ...{ rule: NO_HOST_PATHS, of: CONTAINERS },
      says: "it can write its own keys, certificates and list of peers. Mount /tls with readOnly.",
    },
  ),
  "mount/data": held(
    mount("data on a volume of its own", "Without one the data dies with the container.", required(false)),
    {
      ...{ rule: OWN_DATA, of: ["server"] },
      says: "its data lies in the container and dies with it. Mount a named volume on /data.",
    },
  ),
  "mount/data-shared": held(mount("data volume is used by % too", "Two servers on one volume destroy its data.", NO), {
    rule: OWN_DATA,
    says: ({ fact: { detail } }) =>
      `its data volume is used by ${detail}, too, and two servers on one volume destroy it. Give each its own.`,
  }),
  "mount/tmpfs": {
    ...mount("memory file system on %", "Its options decide what may run from it.", NONE),
    ungraded: true,
  },
  "mount/upload": { ...mount("file put at %", "It changes what is in the image.", NONE), ungraded: true },
};

const RISKY =
  /^\/($|etc($|\/)|proc($|\/)|sys($|\/)|dev($|\/)|root($|\/)|boot($|\/)|home($|\/)|var\/run(\/docker\.sock)?$|run(\/docker\.sock)?$|var\/lib\/docker)/;

/** Places of its own that the part has to write. */
const OWNED: Readonly<Record<Part, readonly string[]>> = {
  ...{ server: ["/data"], proxy: ["/socket"], nginx: [], rethinkdb: [], other: [] },
};

export function readMounts(place: Place, places: Places, note: Note): void {
  const { part, resource } = place;
  const { inputs } = resource;
  const entries = mountsOf(inputs);
  const unknown = isUnknown(inputs["volumes"]) || isUnknown(inputs["mounts"]);
  for (const entry of entries) {
    const path = text(entry["containerPath"]) || "?";
    note("mount/source", hasUnknown(entry) ? null : source(entry, place, places), path);
    const writable = entry["readOnly"] !== true;
    if (path === "/tls" && part !== "other") note("mount/read-only", required(!writable), path);
    else if (!OWNED[part].includes(path)) note("mount/writable", unwanted(writable), path);
  }
  if (part === "server") readData(place, places, unknown, note);
  for (const [path, options] of Object.entries(record(inputs["tmpfs"]))) {
    note("mount/tmpfs", tmpfs(String(options)), path);
  }
  for (const upload of list(inputs["uploads"]).map(record))
    note("mount/upload", { text: `file ${createHashText(upload)}`, rank: 1 }, text(upload["file"]) || "?");
}

function readData(place: Place, places: Places, unknown: boolean, note: Note): void {
  const data = mountsOf(place.resource.inputs).find(({ containerPath }) => containerPath === "/data")?.["volumeName"];
  note("mount/data", unknown || isUnknown(data) ? null : required(text(data) !== ""));
  if (text(data) === "") return;
  for (const other of places.usersOf(text(data))) {
    if (other !== place) note("mount/data-shared", { text: "yes", rank: 1 }, other.resource.name);
  }
}

function source(entry: Inputs, { cluster, server, part }: Place, places: Places): Grade {
  const host = text(entry["hostPath"]);
  if (host !== "") {
    return RISKY.test(host)
      ? { text: `${host} of the host, which is root's`, rank: 2 }
      : { text: `${host} of the host`, rank: 1 };
  }
  const name = text(entry["volumeName"]);
  if (name === "") return { text: "volume without a name", rank: cluster === "" ? 0 : 1 };
  const owner = places.ofType(TYPES.volume).find(({ resource }) => text(resource.inputs["name"]) === name);
  const own = owner?.cluster === cluster && (part === "server" ? owner.server === server : isOfWebUi(owner));
  return cluster === "" || own ? neutral(`volume ${name}`) : { text: `volume ${name}, not its own`, rank: 1 };
}

function tmpfs(options: string): Grade {
  const all = options.split(",");
  return { text: options || "Docker's defaults", rank: all.includes("exec") ? 1 : 0 };
}
