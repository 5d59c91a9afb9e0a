/** The Docker engines that a cluster runs on, and how they are reached. */
import { createHashText, type Fact, type Grade, neutral, noteInto } from "../model/fact";
import { type Place, type Places, subjectOf } from "../model/places";
import { type Family, held, type Property } from "../model/property";
import { canonical, hasUnknown, isUnknown, list, text, TYPES } from "../model/resources";
import { mandatory } from "../model/rule";

const engine = (title: string, why: string, absent: Grade, args: readonly string[] = []): Property => ({
  ...{ title, why, args, absent },
  anchor: "the-engine",
  promise: 0,
});

const SAFE_WAY = mandatory(
  "engine-over-a-safe-way",
  "A Docker engine is reached over a socket, ssh with a checked host key, or TLS.",
);
export const ENGINE: Family = {
  "engine/host": held(
    {
      ...engine("Docker engine", "Anyone who controls the engine is root of the cluster.", neutral("the ambient one"), [
        "dockerHost",
        "hosts",
      ]),
      ungraded: true,
    },
    {
      rule: SAFE_WAY,
      says: "the engine is reached over tcp without TLS, and who controls the engine is root of the cluster. Use ssh:// or TLS.",
    },
  ),
  "engine/host-key": held(
    engine("host key of the engine checked", "Without it a server in the middle is the engine.", {
      text: "yes",
      rank: 0,
    }),
    {
      rule: SAFE_WAY,
      says: "the host key of the engine is not checked. Put it into known_hosts and leave StrictHostKeyChecking alone.",
    },
  ),
  "engine/ssh-options": {
    ...engine(
      "options of the engine's ssh",
      "They decide whom the deployment believes to be the host.",
      neutral("none"),
      ["hosts"],
    ),
    ungraded: true,
  },
};

export function readEngines(places: Places, facts: Fact[]): void {
  for (const place of places.ofType(TYPES.engine)) readEngine(place, facts);
}

function readEngine(place: Place, facts: Fact[]): void {
  const { inputs, urn } = place.resource;
  const note = noteInto(facts, subjectOf(place, "engine"), urn);
  const host = inputs["host"];
  note("engine/host", isUnknown(host) ? null : engineGrade(text(host), hasTls(inputs)));
  const options = readList(inputs["sshOpts"]);
  const unchecked = /StrictHostKeyChecking[= ](no|off|accept-new)|UserKnownHostsFile[= ]\/dev\/null/i.test(
    canonical(options),
  );
  note("engine/ssh-options", hasUnknown(options) ? null : sshOptions(list(options)));
  note("engine/host-key", isUnknown(options) ? null : { text: unchecked ? "no" : "yes", rank: unchecked ? 1 : 0 });
}

/** What a provider takes as a list is handed to it as JSON. */
function readList(value: unknown): unknown {
  if (typeof value !== "string" || isUnknown(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return [value];
  }
}

function sshOptions(options: readonly unknown[]): Grade {
  return neutral(options.length === 0 ? "none" : `options ${createHashText(options)}`);
}

const hasTls = (inputs: Place["resource"]["inputs"]): boolean =>
  inputs["certPath"] !== undefined || inputs["certMaterial"] !== undefined;

function engineGrade(host: string, tls: boolean): Grade {
  if (host === "") return neutral("the ambient one");
  // What stands between the scheme and @ may be a password.
  const shown = host.replace(/:\/\/([^@/:]*)(:[^@/]*)?@/, "://$1@");
  return /^tcp:|^http:/.test(host) && !tls ? { text: `${shown}, without TLS`, rank: 1 } : neutral(shown);
}
