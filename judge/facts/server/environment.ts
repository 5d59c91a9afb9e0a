/** What `docker inspect` shows of a container: no secret belongs there. */
import { createHashText, type Grade, NO, NONE, type Note } from "../../model/fact";
import { type Family, held, type Property } from "../../model/property";
import { type Inputs, isUnknown, list } from "../../model/resources";
import { type Breach, mandatory } from "../../model/rule";
import { holdsSecret, namesSecret } from "../../model/secrets";

const shown = "Everybody who may use Docker reads it with docker inspect.";

const visible = (title: string, why: string, absent: Grade): Property => ({
  ...{ title, why, absent },
  anchor: "secrets",
  args: [],
  promise: 0,
});

const NO_SECRET = mandatory(
  "no-secret-in-containers",
  "No secret stands in argv, environment, labels or files of a container: docker inspect shows them.",
);

const inspected = (where: (detail: string) => string): Breach => ({
  rule: NO_SECRET,
  says: ({ fact: { detail } }) =>
    `a secret stands in ${where(detail)}, which docker inspect shows. Hand it over on stdin or in a file of a volume.`,
});

export const ENVIRONMENT: Family = {
  "environment/variable": {
    ...visible("environment variable %", "It changes how the process runs, and stands in docker inspect.", NONE),
    ungraded: true,
  },
  "environment/secret": held(
    visible("secret in the environment variable %", shown, NO),
    inspected(() => "envs"),
  ),
  "environment/secret-input": held(
    visible("secret in the container's %", shown, NO),
    inspected((detail) => (detail === "environment" ? "envs" : detail)),
  ),
};

export function readEnvironment(inputs: Inputs, note: Note): void {
  const entries = inputs["envs"];
  if (isUnknown(entries)) note("environment/variable", null, "(all)");
  if (holdsSecret(entries)) note("environment/secret-input", { text: "yes", rank: 1 }, "environment");
  for (const key of ["command", "entrypoints", "labels", "hostname", "healthcheck"]) {
    if (holdsSecret(inputs[key])) note("environment/secret-input", { text: "yes", rank: 1 }, key);
  }
  for (const entry of list(entries)) {
    const [name = "", ...value] = String(entry).split("=");
    if (entry === "[secret]") continue;
    const shown = namesSecret(name) ? "set" : `set (${createHashText(value)})`;
    note("environment/variable", { text: shown, rank: 1 }, name);
    if (namesSecret(name)) note("environment/secret", { text: "yes", rank: 1 }, name);
  }
}
