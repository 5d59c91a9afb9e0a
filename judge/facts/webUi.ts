/** The web UI: whether there is one, who gets in, and that nothing of the proxy behind it is reached but by nginx. */
import type { Argv } from "../../core/render/argv";
import { UI_PORT } from "../../core/render/webUi";
import { createHashText, type Fact, type Family, type Grade, neutral, NONE, type Note, noteInto } from "../model/fact";
import { type Property, required } from "../model/fact";
import { clusterSubject, type Place, type Places, UI_SUBJECT } from "../model/places";
import { hasUnknown, isUnknown, list, record, text, TYPES } from "../model/resources";
import { bindGrade } from "./server/binds";

const ui = (title: string, why: string, absent: Grade = required(false), promise = 0): Property => ({
  title,
  why,
  anchor: "http-and-the-web-ui",
  args: ["webUi"],
  absent,
  promise,
});

const admin = "Whoever reaches the proxy behind nginx is admin without a password.";

export const WEB_UI: Family = {
  "ui/enabled": ui("web UI", "Whoever gets in is admin: one more way, behind TLS and a password of its own.", {
    text: "off",
    rank: 0,
  }),
  "ui/password": {
    ...ui("asks for a password", "Whoever gets in is admin."),
    args: ["webUiPassword", "webUi"],
  },
  "ui/password-mark": {
    ...ui("password", "Whoever has the old one is let in no more; sessions end.", NONE),
    args: ["webUiPassword"],
    silent: true,
  },
  "ui/user": ui("user", "People log in under another name.", NONE),
  "ui/listener": ui("listener with TLS as prepared", "nginx's configuration is what asks for TLS and the password."),
  "ui/after-files": ui("nginx waits for its files and the proxy", "It could start on half-changed files."),
  "ui/proxy-http": ui("address the proxy's http port binds", admin, NONE, 1),
  "ui/proxy-driver": ui("address the proxy's driver port binds", "It speaks in clear, and nothing uses it.", NONE, 1),
  "ui/proxy-cluster": ui("address the proxy's cluster port binds", "Peers dial it.", NONE, 4),
  "ui/proxy-script": ui("first process of the proxy", "It runs beside RethinkDB, with the keys of a peer.", NONE),
  "ui/socket": ui("socket is the proxy's and nginx's alone", admin, required(true)),
};

/** What other families say of a server and this one says of the proxy, for which something else is promised. */
export const SAID_OF_PROXY: readonly string[] = [
  ...["bind/cluster", "bind/driver", "http/admin", "limits/cache", "tls/driver", "tls/client-certificates"],
];

/** The mark of the password names it and tells nothing of it. */

export function readWebUi(places: Places, facts: Fact[]): void {
  for (const place of places.ofType(TYPES.container)) {
    if (place.cluster === "" || place.role !== "ui") continue;
    noteInto(facts, clusterSubject(place.cluster), place.resource.urn)("ui/enabled", { text: "on", rank: 1 });
    const prepare = places.find(place.cluster, "ui-prepare");
    const note = noteInto(facts, UI_SUBJECT(place.cluster), place.resource.urn);
    note("ui/listener", listener(place));
    const waits = ["ui-prepare", "ui-peer"].map((role) => places.find(place.cluster, role)?.resource.urn ?? "");
    note("ui/after-files", required(waits.every((urn) => place.resource.options.dependencies.includes(urn))));
    const shown = prepare?.resource.inputs["environment"];
    readLogin(shown, noteInto(facts, UI_SUBJECT(place.cluster), prepare?.resource.urn ?? place.resource.urn));
    note("ui/socket", socket(places, place.cluster));
  }
}

function readLogin(shown: unknown, note: Note): void {
  const { USER: user, PASSWORD_MARK: mark } = record(shown);
  note("ui/password", isUnknown(shown) ? null : required(isUnknown(mark) || text(mark) !== ""));
  note("ui/user", isUnknown(shown) || isUnknown(user) ? null : neutral(text(user) || "none"));
  if (mark !== undefined) note("ui/password-mark", isUnknown(mark) ? null : neutral(`mark ${text(mark)}`));
}

/** nginx alone, with the file that `ops uiPrepare` wrote for this certificate and this password. */
function listener({ resource: { inputs } }: Place): Grade | null {
  const [entry, command] = [inputs["entrypoints"], inputs["command"]];
  if (hasUnknown(entry) || hasUnknown(command)) return null;
  const words = list(command).map(String);
  const at = words.indexOf("-c");
  const file = /^\/tls\/[0-9a-f]{16}\/nginx\.conf$/.test(words[at + 1] ?? "") && words.lastIndexOf("-c") === at;
  const plain = words.every((word, index) => index === at + 1 || ["-e", "stderr", "-c", "-g", OFF].includes(word));
  const ports = list(inputs["ports"]).every((port) => record(port)["internal"] === UI_PORT);
  return required(list(entry).join(" ") === "nginx" && file && plain && ports);
}

/** More behind `-g` could be another server block. */
const OFF = "daemon off;";

function socket(places: Places, cluster: string): Grade | null {
  const name = places.find(cluster, "ui-socket")?.resource.inputs["name"];
  if (isUnknown(name)) return null;
  const users = places.ofType(TYPES.container).filter(({ resource: { inputs } }) => {
    const mounted = [...list(inputs["volumes"]), ...list(inputs["mounts"])].map(record);
    return mounted.some(({ volumeName, source }) => text(name) !== "" && (volumeName === name || source === name));
  });
  return required(users.every((place) => place.cluster === cluster && ["ui", "ui-peer"].includes(place.role)));
}

export function readProxy({ resource: { inputs } }: Place, argv: Argv, note: Note): void {
  for (const port of ["http", "driver", "cluster"]) {
    const off = port === "http" && argv !== "unknown" && argv.options.has("no-http-admin");
    note(`ui/proxy-${port}`, argv === "unknown" ? null : off ? neutral("off") : bindGrade(argv, port));
  }
  const entry = inputs["entrypoints"];
  const own = list(inputs["command"]).slice(0, 3);
  const known = argv !== "unknown" && !hasUnknown(entry) && !hasUnknown(own);
  note("ui/proxy-script", known ? neutral(`script ${createHashText([entry, own])}`) : null);
}
