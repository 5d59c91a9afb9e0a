/** The web UI: whether there is one, who gets in, and that nothing of the proxy behind it is reached but by nginx. */
import type { Argv } from "../../core/render/argv";
import { PEER_SCRIPT, renderPeerCommand, UI_PORT } from "../../core/render/webUi";
import { createHashText, type Fact, type Grade, neutral, NO, NONE, type Note, noteInto, required } from "../model/fact";
import { type Family, held, type Property } from "../model/property";
import { clusterSubject, containerSubject, mountsOf, type Place, type Places, UI_SUBJECT } from "../model/places";
import { mandatory } from "../model/rule";
import { canonical, hasUnknown, isUnknown, list, record, text, TYPES } from "../model/resources";
import { exposureRank } from "../../args/values/exposure";
import { bindGrade, ownAddress } from "./server/binds";
import { proxyHttp } from "./server/http";
import { driverTls } from "./server/tls";

const ui = (title: string, why: string, absent: Grade = required(false), promise = 0): Property => ({
  title,
  why,
  anchor: "http-and-the-web-ui",
  args: ["webUi"],
  absent,
  promise,
});

const admin = "Anyone who reaches the proxy behind nginx is admin without a password.";

const BEHIND = mandatory(
  "ui-behind-tls-and-password",
  "nginx of the web UI runs the configuration that asks for TLS and a password, with a certificate.",
);
const SOCKET = mandatory(
  "ui-socket-of-two",
  "The socket that leads to the proxy is mounted by the proxy and by nginx alone.",
);

export const WEB_UI: Family = {
  "ui/enabled": ui("web UI", "Anyone who gets in is admin: one more way, behind TLS and a password of its own.", {
    text: "off",
    rank: 0,
  }),
  "ui/password": held(
    { ...ui("asks for a password", "Anyone who gets in is admin."), args: ["webUiPassword", "webUi"] },
    { rule: BEHIND, says: "the web UI has no password, and anyone who gets in is admin. Set webUiPassword." },
  ),
  "ui/password-mark": {
    ...ui("password", "The old one lets in no more; sessions end.", NONE),
    args: ["webUiPassword"],
    silent: true,
  },
  "ui/user": ui("user", "People log in under another name.", NONE),
  "ui/certificate": held(ui("has a certificate of the driver CA", "Without one browsers cannot verify it."), {
    rule: BEHIND,
    says: "no certificate of the driver CA is made for it, so browsers cannot verify it. Declare the web UI through RethinkdbCluster.",
  }),
  "ui/listener": held(
    ui("listener with TLS as prepared", "nginx's configuration is what asks for TLS and the password."),
    {
      rule: BEHIND,
      says: "nginx runs another configuration than the prepared one, which asks for TLS and a password. Leave its entrypoints and command to RethinkdbCluster.",
    },
  ),
  "ui/after-files": ui("nginx waits for its files and the proxy", "It could start on half-changed files."),
  "ui/proxy-http": held(ui("address the proxy's http port binds", admin, NONE, 1), proxyHttp),
  "ui/proxy-driver": held(
    ui("address the proxy's driver port binds", "It speaks in clear, and nothing uses it.", NONE, 1),
    { ...driverTls, keeps: ({ grade }) => grade.rank <= exposureRank("loopback") },
    ownAddress("driver", "proxy"),
  ),
  "ui/proxy-cluster": ui("address the proxy's cluster port binds", "Peers dial it.", NONE, 4),
  "ui/proxy-script": {
    ...ui("first process of the proxy", "It runs beside RethinkDB, with the keys of a peer.", NONE),
    ungraded: true,
  },
  "ui/socket": held(ui("mounts the socket of the web UI", admin, NO), {
    rule: SOCKET,
    says: "it mounts the socket of the web UI, and anyone who reaches that is admin without a password. Take the volume out.",
  }),
};

/** What other families say of a server and this one says of the proxy, for which something else is promised. */
export const SAID_OF_PROXY: readonly string[] = [
  ...["bind/cluster", "bind/driver", "http/admin", "limits/cache", "tls/driver", "tls/client-certificates"],
];

export function readWebUi(places: Places, facts: Fact[]): void {
  for (const place of places.ofType(TYPES.container)) if (place.part === "nginx") readNginx(place, places, facts);
  readSocket(places, facts);
}

function readNginx(place: Place, places: Places, facts: Fact[]): void {
  const { cluster, resource } = place;
  const subject = cluster === "" ? containerSubject(place) : UI_SUBJECT(cluster);
  const note = noteInto(facts, subject, resource.urn);
  if (cluster !== "") noteInto(facts, clusterSubject(cluster), resource.urn)("ui/enabled", { text: "on", rank: 1 });
  const named = (suffix: string): Place | undefined => places.named(cluster, `${resource.name}-${suffix}`);
  const prepare = named("prepare");
  note("ui/listener", listener(place));
  note("ui/certificate", required(named("driver-certificate") !== undefined));
  const waits = [prepare, named("peer")].map((other) => other?.resource.urn ?? "");
  note("ui/after-files", required(waits.every((urn) => resource.options.dependencies.includes(urn))));
  readLogin(prepare?.resource.inputs["environment"], noteInto(facts, subject, prepare?.resource.urn ?? resource.urn));
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

function readSocket(places: Places, facts: Fact[]): void {
  const proxies = places.ofType(TYPES.container).filter(({ part }) => part === "proxy");
  const sockets = proxies.flatMap(({ resource }) =>
    mountsOf(resource.inputs)
      .filter(({ containerPath }) => containerPath === "/socket")
      .map(({ volumeName }) => text(volumeName)),
  );
  for (const place of new Set(sockets.filter(Boolean).flatMap((name) => places.usersOf(name)))) {
    if (place.part === "proxy" || place.part === "nginx") continue;
    noteInto(facts, containerSubject(place), place.resource.urn)("ui/socket", { text: "yes", rank: 1 });
  }
}

function proxyScript(entry: unknown, own: readonly unknown[]): string {
  const known =
    canonical([entry, own]) === canonical([["bash", "-c", PEER_SCRIPT, "bash"], renderPeerCommand("").slice(0, 3)]);
  return known ? "this project's own" : `script ${createHashText([entry, own])}`;
}

export function readProxy({ resource: { inputs } }: Place, argv: Argv, note: Note): void {
  for (const port of ["http", "driver", "cluster"]) {
    const off = port === "http" && argv !== "unknown" && argv.options.has("no-http-admin");
    note(`ui/proxy-${port}`, argv === "unknown" ? null : off ? neutral("off") : bindGrade(argv, port));
  }
  const entry = inputs["entrypoints"];
  const own = list(inputs["command"]).slice(0, 3);
  const known = argv !== "unknown" && !hasUnknown(entry) && !hasUnknown(own);
  note("ui/proxy-script", known ? neutral(proxyScript(entry, own)) : null);
}
