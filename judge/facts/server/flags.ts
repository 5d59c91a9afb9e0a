/** The rest of RethinkDB's command line: first password, cache, and every option that no other family reads. */
import { createHashText, type Grade, neutral, NONE, type Note, required } from "../../model/fact";
import { type Family, held, type Property } from "../../model/property";
import { mandatory } from "../../model/rule";
import { hasUnknown, isUnknown } from "../../model/resources";
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

const AUTO = mandatory(
  "initial-password-auto",
  "Every server and proxy starts with --initial-password auto: never without one, never with a written one.",
);

export const FLAGS: Family = {
  "argv/known": option("command line is known", "Binds, TLS, http and passwords all stand in it.", required(true)),
  "argv/initial-password": held(
    {
      ...option(
        "first password of a server",
        "A server without one lets in anyone who comes first; a written one stands in docker inspect and in ps.",
        { text: "none", rank: 2 },
      ),
      anchor: "passwords-and-accounts",
      args: ["adminPassword"],
    },
    {
      rule: AUTO,
      says: ({ grade }) =>
        grade.rank === 2
          ? "it starts without a password and lets in anyone who comes first. Add --initial-password auto."
          : "a password is written on the command line, where docker inspect and ps show it. Write --initial-password auto.",
    },
  ),
  "argv/option": option("option --%", "It changes how the server runs.", neutral("not set")),
  "argv/update-check": option(
    "servers do not call home",
    "A server tells its maker's host about itself, and reads what that answers.",
    required(false),
  ),
  "argv/unread-option": {
    ...option("option --%", "No reader judges this option.", neutral("not set")),
    ungraded: true,
  },
  "argv/stray": option("words without an option", "RethinkDB does not start with them.", NONE),
  "argv/subcommand": {
    ...option("what rethinkdb runs as", "A proxy and a server differ in what they serve.", neutral("rethinkdb")),
    ungraded: true,
  },
};

/** Read by other families. */
const ELSEWHERE =
  /^(bind|bind-(cluster|driver|http)|no-default-bind|canonical-address|join|(cluster|driver|http)-port|port-offset|no-http-admin|http-tls-(key|cert)|reql-http-proxy|(cluster|driver)-tls-(key|cert|ca)|tls-(min-protocol|ciphers|ecdh-curve|dhparams)|initial-password|cache-size|no-update-check)$/;

/** How fast a server is and what it is called: no value of these is weaker than another, and all may be printed. */
const PRINTABLE = /^(directory|server-name|server-tag|cores|io-threads|cluster-reconnect-timeout|join-delay)$/;

/** What this project itself sets. */
const OWN = ["config-file /tls/join.conf", "log-file /data/log_file"];

/** @param memory limit of the container, in MiB */
export function readOptions(argv: Argv, memory: unknown, note: Note): void {
  if (argv === "unknown") {
    note("argv/known", null);
    note("argv/initial-password", null);
    note("limits/cache", null);
    return;
  }
  note("argv/initial-password", initialPassword(values(argv, "initial-password")));
  const cache = values(argv, "cache-size");
  note("limits/cache", hasUnknown(cache) || isUnknown(memory) ? null : cacheSize(cache, memory));
  note("argv/subcommand", neutral(argv.subcommand));
  // Beside the volume the data dies with the container.
  if (argv.subcommand === "rethinkdb" && !argv.options.has("directory"))
    note("argv/option", { text: "not set", rank: 1 }, "directory");
  note("argv/update-check", required(argv.options.has("no-update-check")));
  if (argv.strays.length > 0) note("argv/stray", { text: String(argv.strays.length), rank: 1 });
  for (const [name, given] of argv.options) {
    if (ELSEWHERE.test(name)) continue;
    const known = PRINTABLE.test(name) || OWN.includes(`${name} ${given.join(" ")}`);
    const value = known ? steady(given.join(", ")) : `set (${createHashText(given)})`;
    const rank = name === "directory" && !given.every((path) => path.startsWith("/data/")) ? 1 : 0;
    if (known) note("argv/option", hasUnknown(given) ? null : { text: value, rank }, name);
    else note("argv/unread-option", hasUnknown(given) ? null : { text: value, rank: 1 }, name);
  }
}

/** Never says a literal. */
function initialPassword(given: readonly string[]): Grade | null {
  if (given.length === 0) return { text: "none", rank: 2 };
  if (given.some((value) => value !== "auto" && !isUnknown(value))) return { text: "written in argv", rank: 1 };
  return hasUnknown(given) ? null : { text: "random", rank: 0 };
}

/** Of several the largest: which one counts is RethinkDB's to say. */
function cacheSize(given: readonly string[], memory: unknown): Grade {
  const sizes = given.map((value) => (/^\d+$/.test(value) ? Number(value) : Infinity));
  const size = Math.max(...sizes);
  if (sizes.length === 0 || size === Infinity) return { text: "by the host's memory", rank: 1 };
  const fits = typeof memory !== "number" || memory <= 0 || size < memory;
  return { text: `${String(size)} MiB${fits ? "" : ", which is all of its memory"}`, rank: fits ? 0 : 1 };
}
