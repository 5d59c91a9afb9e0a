/** How a server's health is seen, what runs before RethinkDB, and how the guards find it. */
import { createHashText, type Grade, neutral, NONE, type Note, required } from "../../model/fact";
import { type Family, held, type Property } from "../../model/property";
import { canonical, hasUnknown, type Inputs, isUnknown, list, record, text } from "../../model/resources";
import { ENTRY_SCRIPT } from "../../../core/render/entryScript";
import { renderHealthcheck } from "../../../core/render/healthcheck";
import { LABELS } from "../../../core/render/labels";
import type { Place } from "../../model/places";
import { mandatory } from "../../model/rule";
import { steady } from "./tls";

const health = (title: string, why: string, absent: Grade): Property => ({
  ...{ title, why, absent },
  anchor: "the-container",
  args: [],
  promise: 0,
});

const VERIFIES = mandatory("health-check-verifies", "A server's health check speaks TLS and verifies the certificate.");

export const HEALTH: Family = {
  "health/check": health("health check", "It is how the deployment and people see that a server answers.", NONE),
  "health/test": {
    ...health("test of the health check", "It is how the deployment and people see that a server answers.", NONE),
    ...{ silent: true, ungraded: true },
  },
  "health/verifies": held(
    health(
      "health check verifies TLS",
      "A check that verifies nothing is green for an expired or foreign certificate.",
      required(false),
    ),
    {
      rule: VERIFIES,
      says: "its health check verifies no certificate, and is green for an expired or a foreign one. Use the project's own check.",
    },
  ),
  "entry/guard": health(
    "entry refuses a wrong data volume",
    "An empty or foreign volume under a known address can end every other server (rethinkdb#6880).",
    required(false),
  ),
  "entry/script": {
    ...health("first process of the container", "It runs before RethinkDB, with the server's keys.", NONE),
    ungraded: true,
  },
  "entry/identity": health(
    "started as what its labels say",
    "The first process compares the volume with what it is told, and guards look for what the labels say.",
    required(true),
  ),
  "container/names": {
    ...health("names of the container", "Peers, guards and people find it by them.", neutral("its own")),
    ungraded: true,
  },
  "label/identity": {
    ...health(
      "labels by which the guards find it",
      "Without them a guard cannot tell this cluster's containers from others.",
      required(false),
    ),
    anchor: "update-order",
  },
};

/** What only a server of this project has. */
export function readServerInputs({ cluster, resource: { inputs } }: Place, note: Note): void {
  readIdentity(cluster, inputs, note);
  readHealth(inputs["healthcheck"], note);
  const entry = inputs["entrypoints"];
  const script = list(entry)
    .filter((word) => typeof word === "string")
    .join(" ");
  note("entry/guard", hasUnknown(entry) ? null : required(/data\/identity/.test(script) && /exit [1-9]/.test(script)));
  note("entry/script", hasUnknown(entry) ? null : neutral(firstProcess(script)));
  const labels = inputs["labels"];
  const names = list(labels).map((entry) => text(record(entry)["label"]));
  const wanted = ["identity", "cluster", "server", "spec"].map((name) => `pulumi-rethinkdb.${name}`);
  note("label/identity", isUnknown(labels) ? null : required(wanted.every((name) => names.includes(name))));
}

function readIdentity(cluster: string, inputs: Inputs, note: Note): void {
  const [labels, command] = [inputs["labels"], inputs["command"]];
  if (cluster === "" || hasUnknown(labels) || hasUnknown(command)) return;
  const named = new Map(list(labels).map((entry) => [record(entry)["label"], text(record(entry)["value"])]));
  const [identity = "", server = "", owner] = [LABELS.identity, LABELS.server, LABELS.clusterName].map((key) =>
    named.get(key),
  );
  const words = list(command).map(text);
  // Whether there are labels and a command line at all is said elsewhere.
  if (identity === "" || words.length === 0) return;
  const isOwn = words[0]?.startsWith(`${identity}/${server}/`) === true;
  const name = words[words.lastIndexOf("--server-name") + 1];
  note("entry/identity", required(isOwn && name === server && owner === cluster));
}

const OWN_CHECKS = [true, false].map((demandsClientCertificate) =>
  steady(renderHealthcheck({ demandsClientCertificate }, "0".repeat(16)).join(" ")),
);

function firstProcess(script: string): string {
  if (script === "") return "the image's own";
  return script === `bash -c ${ENTRY_SCRIPT} rethinkdb` ? "this project's own" : `script ${createHashText(script)}`;
}

/** Of a container in a cluster, whatever runs in it. */
export function readNames({ cluster, role, resource: { inputs } }: Place, note: Note): void {
  if (cluster === "") return;
  const names = [inputs["name"], inputs["hostname"]];
  const own = names.every((name) => name === `${cluster}-${role}`);
  note("container/names", hasUnknown(names) ? null : neutral(own ? "its own" : names.map(text).join(", ")));
}

function readHealth(value: unknown, note: Note): void {
  if (isUnknown(value)) {
    note("health/check", null);
    return;
  }
  const check = record(value);
  const tests = list(check["tests"]).map(String);
  const off = tests.length === 0 || tests[0] === "NONE";
  const known = !hasUnknown(tests);
  const script = steady(tests.join(" "));
  const shown = OWN_CHECKS.includes(script) ? "this project's own" : `test ${createHashText(script)}`;
  note("health/verifies", known ? required(tests.join(" ").includes("-verify_return_error")) : null);
  if (!off) note("health/test", known ? neutral(shown) : null);
  const times = ["interval", "timeout", "startPeriod", "retries"]
    .map((key) => canonical(check[key] ?? "default").replaceAll('"', ""))
    .join(" ");
  note("health/check", off ? { text: "none", rank: 1 } : neutral(`on (${times})`));
}
