/** The http port: always admin, never a password. */
import { createHashText, type Grade, neutral, type Note } from "../../model/fact";
import { type Family, held } from "../../model/property";
import { exposureRank } from "../../../args/values/exposure";
import { type Breach, mandatory } from "../../model/rule";
import { hasUnknown } from "../../model/resources";
import { type Argv, values } from "../../../core/render/argv";
import { bindGrade } from "./binds";

const OFF: Grade = { text: "off", rank: 0 };

const NO_HTTP = mandatory(
  "no-http-admin",
  "Servers run with --no-http-admin: even on loopback r.http leads any user to it.",
);
const PROXY_HTTP = mandatory(
  "ui-proxy-http-on-loopback",
  "A proxy serves its http port to its own loopback alone: it asks for no password.",
);

export const proxyHttp: Breach = {
  ...{ rule: PROXY_HTTP, of: ["proxy"] },
  keeps: ({ grade }) => grade.rank <= exposureRank("loopback"),
  says: "the http port of the proxy is bound to more than loopback, and it is admin without a password. Write --bind-http 127.0.0.1.",
};

export const HTTP: Family = {
  "http/admin": held(
    {
      title: "http port (web UI)",
      why: "Anyone who reaches it is admin without a password; even on loopback r.http leads any user with connect there.",
      anchor: "http-and-the-web-ui",
      args: ["webUi"],
      absent: OFF,
      promise: 0,
    },
    {
      ...{ rule: NO_HTTP, of: ["server"] },
      says: "the web UI of the server is on, and it is admin without a password. Run it with --no-http-admin.",
    },
    proxyHttp,
  ),
  "http/proxy": {
    title: "way out of r.http",
    why: "Queries fetch from the server's own network; a proxy decides where to.",
    anchor: "http-and-the-web-ui",
    args: [],
    absent: { text: "direct", rank: 0 },
    promise: 0,
    ungraded: true,
  },
};

export function readHttp(argv: Argv, note: Note): void {
  if (argv === "unknown") {
    note("http/admin", null);
    return;
  }
  note("http/admin", httpGrade(argv));
  const proxy = values(argv, "reql-http-proxy");
  if (proxy.length > 0) note("http/proxy", hasUnknown(proxy) ? null : neutral(`proxy ${createHashText(proxy)}`));
}

function httpGrade(argv: Exclude<Argv, "unknown">): Grade | null {
  if (argv.options.has("no-http-admin")) return OFF;
  const bound = bindGrade(argv, "http");
  if (bound === null) return null;
  const tls = argv.options.has("http-tls-key") && argv.options.has("http-tls-cert") ? "over TLS" : "in clear";
  return { text: `on, ${tls}, on ${bound.text}`, rank: bound.rank };
}
