/** What a container can read and write outside of itself, and where its data goes. */
import { type Family, type Grade, neutral, NO, NONE, type Note, type Property, required } from "../../model/fact";
import { hasUnknown, type Inputs, isUnknown, list, record, text } from "../../model/resources";

const mount = (title: string, why: string, absent: Grade): Property => ({
  title,
  why,
  anchor: "mounts-and-volumes",
  args: [],
  absent,
  promise: 0,
});

export const MOUNTS: Family = {
  "mount/source": mount("what is mounted on %", "A path of the host in a container is a way out of it.", NONE),
  "mount/writable": mount("% is writable", "What a server can write, an attacker who took it over can change.", NO),
  "mount/read-only": mount(
    "% is read-only",
    "Keys, certificates and the list of peers must not be the server's own to change.",
    NO,
  ),
  "mount/data": mount("data on a volume of its own", "Without one the data dies with the container.", required(false)),
  "mount/tmpfs": mount("memory file system on %", "Its options decide what may run from it.", NONE),
  "mount/upload": mount("file put at %", "It changes what is in the image.", NONE),
};

const RISKY =
  /^\/($|etc($|\/)|proc($|\/)|sys($|\/)|dev($|\/)|root($|\/)|boot($|\/)|home($|\/)|var\/run(\/docker\.sock)?$|run(\/docker\.sock)?$|var\/lib\/docker)/;

/** @param owned paths that are the container's to write */
export function readMounts(inputs: Inputs, note: Note, isServer: boolean, owned: readonly string[]): void {
  const entries = [...list(inputs["volumes"]).map(record), ...list(inputs["mounts"]).map(fromMount)];
  const unknown = isUnknown(inputs["volumes"]) || isUnknown(inputs["mounts"]);
  for (const entry of entries) {
    const path = text(entry["containerPath"]) || "?";
    note("mount/source", hasUnknown(entry) ? null : source(entry), path);
    const writable = entry["readOnly"] !== true;
    // The data is the server's to write.
    if (!owned.includes(path) && (!isServer || (path !== "/data" && path !== "/tls"))) {
      note("mount/writable", writable ? { text: "yes", rank: 1 } : { text: "no", rank: 0 }, path);
    }
    if (isServer && path === "/tls") note("mount/read-only", required(!writable), path);
  }
  if (isServer) {
    const data = entries.some((entry) => entry["containerPath"] === "/data" && text(entry["volumeName"]) !== "");
    note("mount/data", unknown ? null : required(data));
  }
  for (const [path, options] of Object.entries(record(inputs["tmpfs"]))) {
    note("mount/tmpfs", tmpfs(String(options)), path);
  }
  for (const upload of list(inputs["uploads"]).map(record))
    note("mount/upload", neutral("yes"), text(upload["file"]) || "?");
}

function fromMount(entry: unknown): Inputs {
  const { type, source: from, target, readOnly } = record(entry);
  return { containerPath: target, readOnly, [type === "bind" ? "hostPath" : "volumeName"]: from };
}

function source(entry: Inputs): Grade {
  const host = text(entry["hostPath"]);
  if (host === "") return neutral(`volume ${text(entry["volumeName"]) || "without a name"}`);
  return RISKY.test(host)
    ? { text: `${host} of the host, which is root's`, rank: 2 }
    : { text: `${host} of the host`, rank: 1 };
}

function tmpfs(options: string): Grade {
  const all = options.split(",");
  return { text: options || "Docker's defaults", rank: all.includes("exec") ? 1 : 0 };
}
