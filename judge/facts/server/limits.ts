/** How much a container may take, how it is stopped and started, and how its health is seen. */
import {
  createHashText,
  type Family,
  type Grade,
  neutral,
  NO,
  NONE,
  type Note,
  type Property,
  required,
} from "../../model/fact";
import { canonical, hasUnknown, type Inputs, isUnknown, list, record, text } from "../../model/resources";
import { STOP_SECONDS } from "../../../args/constants";
import { steady } from "./tls";

const limit = (title: string, why: string, absent: Grade, args: readonly string[] = []): Property => ({
  title,
  why,
  anchor: "the-container",
  args,
  absent,
  promise: 0,
});

export const LIMITS: Family = {
  "limits/memory": limit("memory limit", "Without one a server takes the whole host down with it.", NONE, [
    "memoryMiB",
  ]),
  "limits/swap": limit("memory and swap together", "Swapped memory is slow, and ends on the host's disk.", NONE, [
    "memoryMiB",
    "limitSwap",
  ]),
  "limits/cache": limit("cache size", "RethinkDB sizes it by the host's memory, not by the container's.", NONE, [
    "cacheSizeMiB",
    "memoryMiB",
  ]),
  "limits/restart": limit("restart policy", "A server that ended has to come back by itself.", NONE),
  "limits/log": limit("size of logs bounded", "An unbounded log fills the host's disk.", required(false)),
  "limits/log-driver": limit("log driver", "Logs go elsewhere.", neutral("the engine's default")),
  "stop/timeout": limit(
    "seconds to stop (stopTimeout)",
    "RethinkDB flushes when it is asked to stop; killed, it may lose it.",
    NONE,
  ),
  "stop/grace": limit(
    "seconds to stop when replaced (destroyGraceSeconds)",
    "Without a grace the provider kills the server.",
    NONE,
  ),
  "stop/signal": limit("stop signal", "RethinkDB stops in good order on SIGTERM and SIGINT only.", neutral("SIGTERM")),
  "health/check": limit("health check", "It is how the deployment and people see that a server answers.", NONE),
  "health/test": {
    ...limit("test of the health check", "It is how the deployment and people see that a server answers.", NONE),
    silent: true,
  },
  "health/verifies": limit(
    "health check verifies TLS",
    "A check that verifies nothing is green for an expired or foreign certificate.",
    required(false),
  ),
  "entry/guard": limit(
    "entry refuses a wrong data volume",
    "An empty or foreign volume under a known address can end every other server (rethinkdb#6880).",
    required(false),
  ),
  "entry/script": limit("first process of the container", "It runs before RethinkDB, with the server's keys.", NONE),
  "environment/variable": {
    ...limit("environment variable %", "It stands in docker inspect.", NONE),
    anchor: "secrets",
  },
  "environment/secret": {
    ...limit("secret in the environment variable %", "Everybody who may use Docker reads it with docker inspect.", NO),
    anchor: "secrets",
  },
  "environment/secret-input": {
    ...limit("secret in the container's %", "Everybody who may use Docker reads it with docker inspect.", NO),
    anchor: "secrets",
  },
  "label/identity": {
    ...limit(
      "labels by which the guards find it",
      "Without them a guard cannot tell this cluster's containers from others.",
      required(false),
    ),
    anchor: "update-order",
  },
};

export function readLimits(inputs: Inputs, note: Note): void {
  note("limits/memory", amount(inputs["memory"], "MiB"));
  note("limits/swap", swap(inputs["memorySwap"]));
  note("limits/restart", restart(inputs["restart"]));
  const logs = record(inputs["logOpts"]);
  note("limits/log", isUnknown(inputs["logOpts"]) ? null : required("max-size" in logs));
  note(
    "limits/log-driver",
    isUnknown(inputs["logDriver"]) ? null : neutral(text(inputs["logDriver"]) || "the engine's default"),
  );
  note("stop/timeout", seconds(inputs["stopTimeout"]));
  note("stop/grace", seconds(inputs["destroyGraceSeconds"]));
  const signal = text(inputs["stopSignal"]) || "SIGTERM";
  note("stop/signal", { text: signal, rank: /^(SIG)?(TERM|INT)$/.test(signal) ? 0 : 1 });
  readEnvironment(inputs, note);
}

/** What only a server of this project has. */
export function readServerInputs(inputs: Inputs, note: Note): void {
  readHealth(inputs["healthcheck"], note);
  const entry = inputs["entrypoints"];
  const script = list(entry)
    .filter((word) => typeof word === "string")
    .join(" ");
  note("entry/guard", hasUnknown(entry) ? null : required(/data\/identity/.test(script) && /exit [1-9]/.test(script)));
  note(
    "entry/script",
    hasUnknown(entry) ? null : neutral(script === "" ? "the image's own" : `script ${createHashText(script)}`),
  );
  const labels = inputs["labels"];
  const names = list(labels).map((entry) => text(record(entry)["label"]));
  const wanted = ["identity", "cluster", "server", "spec"].map((name) => `pulumi-rethinkdb.${name}`);
  note("label/identity", isUnknown(labels) ? null : required(wanted.every((name) => names.includes(name))));
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
  note("health/verifies", known ? required(tests.join(" ").includes("-verify_return_error")) : null);
  if (!off) note("health/test", known ? neutral(`test ${createHashText(steady(tests.join(" ")))}`) : null);
  const times = ["interval", "timeout", "startPeriod", "retries"]
    .map((key) => canonical(check[key] ?? "default").replaceAll('"', ""))
    .join(" ");
  note("health/check", off ? { text: "none", rank: 1 } : neutral(`on (${times})`));
}

function readEnvironment(inputs: Inputs, note: Note): void {
  const entries = inputs["envs"];
  if (isUnknown(entries)) note("environment/variable", null, "(all)");
  if (hasSecretText(entries)) note("environment/secret-input", { text: "yes", rank: 1 }, "environment");
  for (const key of ["command", "entrypoints", "labels", "hostname", "healthcheck"]) {
    if (hasSecretText(inputs[key])) note("environment/secret-input", { text: "yes", rank: 1 }, key);
  }
  for (const entry of list(entries)) {
    const [name = ""] = String(entry).split("=", 1);
    if (entry === "[secret]") continue;
    note("environment/variable", neutral("set"), name);
    if (/pass(word|wd|phrase)?|secret|token|private|credential|api_?key/i.test(name)) {
      note("environment/secret", { text: "yes", rank: 1 }, name);
    }
  }
}

function hasSecretText(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes("[secret]");
}

function amount(value: unknown, unit: string): Grade | null {
  if (isUnknown(value)) return null;
  return typeof value === "number" && value > 0 ? neutral(`${String(value)} ${unit}`) : { text: "none", rank: 1 };
}

function swap(value: unknown): Grade | null {
  if (isUnknown(value)) return null;
  if (typeof value !== "number") return neutral("Docker's default");
  return value < 0 ? { text: "without limit", rank: 1 } : neutral(`${String(value)} MiB`);
}

function restart(value: unknown): Grade | null {
  if (isUnknown(value)) return null;
  const policy = text(value) || "no";
  return {
    text: policy,
    rank: ["unless-stopped", "always"].includes(policy) ? 0 : policy.startsWith("on-failure") ? 1 : 2,
  };
}

/** Longer than needed is no better. */
function seconds(value: unknown): Grade | null {
  if (isUnknown(value)) return null;
  const given = typeof value === "number" ? value : 0;
  return { text: String(given), rank: Math.max(0, STOP_SECONDS - given) };
}
