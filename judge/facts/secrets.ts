/** Where secrets of the stack stand: in its config, its outputs, and in the program itself. */
import { CONFIG_KEYS } from "../../args/shape/schema";
import { type Fact, type Grade, NO, NONE, noteInto } from "../model/fact";
import { clusterSubject, type Places, STACK } from "../model/places";
import type { Family, Property } from "../model/property";
import { type Clarity, TYPES } from "../model/resources";

const secret = (title: string, why: string, absent: Grade, args: readonly string[] = []): Property => ({
  ...{ title, why, absent, args },
  anchor: "secrets",
  promise: 0,
});

export const SECRETS: Family = {
  "output/visible": {
    ...secret("output %", "An output in clear is read by anyone who reads the state or a log.", NONE),
    whenBoth: true,
  },
  "output/leak": secret("output % holds a secret in clear", "Anyone who reads the state or a log reads it.", NO),
  "config/visible": secret(
    "config value %",
    "Anyone who reads a committed file reads a secret that stands there in clear.",
    NONE,
    ["adminPassword"],
  ),
  "secret/in-program": secret(
    "secret % stands in the program itself",
    "Anyone who reads the program reads it, in every version that was ever committed.",
    NO,
    ["adminPassword"],
  ),
};

export function readSecrets(places: Places, facts: Fact[]): void {
  const { outputs, config } = places.set;
  const note = noteInto(facts, STACK, "");
  for (const [name, clarity] of Object.entries(outputs)) {
    note("output/visible", clarityGrade(clarity), name);
    if (clarity === "leak") note("output/leak", { text: "yes", rank: 1 }, name);
  }
  for (const [given, clarity] of Object.entries(config)) {
    const name = given.replace(/^.*:/, "");
    if (SECRET_ARGS.has(name) || SECRET_NAME.test(name)) note("config/visible", clarityGrade(clarity), name);
  }
  for (const { resource, cluster } of places.ofType(TYPES.cluster)) {
    const noteLiteral = noteInto(facts, clusterSubject(cluster), resource.urn);
    for (const arg of resource.literals ?? []) noteLiteral("secret/in-program", { text: "yes", rank: 1 }, arg);
  }
}

const SECRET_ARGS = new Set(CONFIG_KEYS.filter(({ isSecret }) => isSecret).map(({ name }) => name));
/** Of other packages. */
const SECRET_NAME = /password|secret|token|private|(^|[a-z])[kK]ey$|keyPem$/i;

function clarityGrade(clarity: Clarity): Grade | null {
  if (clarity === "unknown") return null;
  return clarity === "secret" ? { text: "a secret", rank: 0 } : { text: "in clear", rank: 1 };
}
