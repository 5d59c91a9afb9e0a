/** The rest of RethinkDB's command line: first password, cache, and every option that no other family reads. */
import { type Family, type Grade, neutral, NONE, type Note, type Property, required } from "../../model/fact";
import { hasUnknown } from "../../model/resources";
import { type Argv, values } from "../../../core/render/argv";
import { steady } from "./tls";

const option = (title: string, why: string, absent: Grade): Property => ({
  title,
  why,
  anchor: "the-container",
  args: [],
  absent,
  promise: 0,
});

export const FLAGS: Family = {
  "argv/known": option("command line is known", "Binds, TLS, http and passwords all stand in it.", required(true)),
  "argv/initial-password": {
    ...option(
      "first password of a server",
      "A server without one lets in anyone who comes first; a written one stands in docker inspect and in ps.",
      { text: "none", rank: 2 },
    ),
    anchor: "passwords-and-accounts",
    args: ["adminPassword"],
  },
  "argv/option": option("option --%", "It changes how the server runs.", neutral("not set")),
  "argv/stray": option("words without an option", "RethinkDB does not start with them.", NONE),
  "argv/subcommand": option(
    "what rethinkdb runs as",
    "A proxy and a server differ in what they serve.",
    neutral("rethinkdb"),
  ),
};

/** Read by other families. */
const ELSEWHERE =
  /^(bind|bind-(cluster|driver|http)|no-default-bind|canonical-address|join|(cluster|driver|http)-port|port-offset|no-http-admin|http-tls-(key|cert)|reql-http-proxy|(cluster|driver)-tls-(key|cert|ca)|tls-(min-protocol|ciphers|ecdh-curve|dhparams)|initial-password|cache-size|no-update-check)$/;

/** Their values are paths, names and numbers. */
const PRINTABLE =
  /^(directory|server-name|server-tag|config-file|cores|io-threads|cluster-reconnect-timeout|join-delay|log-file|pid-file|runuser|rungroup|web-static-directory)$/;

export function readOptions(argv: Argv, note: Note): void {
  if (argv === "unknown") {
    note("argv/known", null);
    note("argv/initial-password", null);
    note("limits/cache", null);
    return;
  }
  note("argv/initial-password", initialPassword(values(argv, "initial-password")));
  const cache = values(argv, "cache-size");
  note("limits/cache", hasUnknown(cache) ? null : cacheSize(cache[0]));
  note("argv/subcommand", neutral(argv.subcommand));
  if (argv.strays.length > 0) note("argv/stray", { text: String(argv.strays.length), rank: 1 });
  for (const [name, given] of argv.options) {
    if (ELSEWHERE.test(name)) continue;
    note(
      "argv/option",
      hasUnknown(given) ? null : neutral(PRINTABLE.test(name) ? steady(given.join(", ")) : "set"),
      name,
    );
  }
}

/** Never says a literal. */
function initialPassword(given: readonly string[]): Grade | null {
  if (hasUnknown(given)) return null;
  if (given.length === 0) return { text: "none", rank: 2 };
  return given.every((value) => value === "auto") ? { text: "random", rank: 0 } : { text: "written in argv", rank: 1 };
}

function cacheSize(value: string | undefined): Grade {
  return value === undefined || value === "auto" ? { text: "by the host's memory", rank: 1 } : neutral(`${value} MiB`);
}
