/** Every published port of a container, and on which addresses of the host. */
import { describeAddress, exposureOf, exposureRank } from "../../../args/values/exposure";
import { PORTS as KNOWN } from "../../../core/plan/ports";
import { type Family, type Grade, neutral, type Note, NO, NONE, unwanted } from "../../model/fact";
import { canonical, hasUnknown, type Inputs, isUnknown, list, record, text } from "../../model/resources";

const why = "Docker publishes past the host's firewall: anyone who reaches the address reaches the port.";

export const PORTS: Family = {
  "port/published": {
    title: "address on which port % is published",
    why,
    anchor: "published-ports",
    args: ["driverPublish", "driverPort", "nodes", "hosts", "webUi"],
    absent: NONE,
    promise: 1,
  },
  "port/host-port": {
    title: "host port of port %",
    why: "Clients have to dial another port.",
    anchor: "published-ports",
    args: ["driverPort", "webUi"],
    absent: NONE,
    promise: 0,
  },
  "port/publish-all": {
    title: "publishing of every exposed port",
    why,
    anchor: "published-ports",
    args: [],
    absent: NO,
    promise: 0,
  },
};

/** RethinkDB's own ports, by what speaks on them. */
const NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(KNOWN.map(({ internal, title }) => [internal, title])),
  "8080": "http",
};

export function readPorts(inputs: Inputs, note: Note): void {
  const ports = inputs["ports"];
  note("port/publish-all", isUnknown(inputs["publishAllPorts"]) ? null : unwanted(inputs["publishAllPorts"] === true));
  if (isUnknown(ports)) {
    note("port/published", null, "(all)");
    return;
  }
  const byPort = new Map<string, Inputs[]>();
  for (const entry of list(ports).map(record)) {
    const internal = isUnknown(entry["internal"]) ? "?" : String(entry["internal"]);
    const name = NAMES[internal];
    const protocol = text(entry["protocol"]) || "tcp";
    const key = `${internal}/${protocol}${name === undefined ? "" : ` (${name})`}`;
    byPort.set(key, [...(byPort.get(key) ?? []), entry]);
  }
  for (const [key, entries] of byPort) {
    note("port/published", hasUnknown(entries.map((entry) => entry["ip"])) ? null : grade(entries), key);
    const hostPorts = entries.map((entry) => entry["external"]);
    note(
      "port/host-port",
      hasUnknown(hostPorts) ? null : neutral(join(hostPorts.map((p) => canonical(p ?? "any")))),
      key,
    );
  }
}

function grade(entries: readonly Inputs[]): Grade {
  const addresses = entries.map((entry) => text(entry["ip"]));
  return {
    text: join(addresses.map(describeAddress)),
    rank: Math.max(...addresses.map((address) => exposureRank(exposureOf(address)))),
  };
}

function join(values: readonly string[]): string {
  return [...new Set(values)].sort().join(", ");
}
