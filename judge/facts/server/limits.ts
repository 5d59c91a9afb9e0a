/** How much a container may take, how it is stopped and started. */
import { STOP_SECONDS } from "../../../args/constants";
import { type Grade, neutral, NONE, type Note, required } from "../../model/fact";
import { type Family, held, type Property } from "../../model/property";
import { type Inputs, isUnknown, record, text } from "../../model/resources";
import { advisory, type Breach, CONTAINERS, mandatory, RETHINKDB, SERVERS } from "../../model/rule";

const limit = (title: string, why: string, absent: Grade, args: readonly string[] = []): Property => ({
  title,
  why,
  anchor: "the-container",
  args,
  absent,
  promise: 0,
});

export const MEMORY_LIMIT = mandatory("memory-limit", "A server has a memory limit, and a cache that fits into it.");
const COMES_BACK = mandatory("comes-back", "A server comes back by itself when it or the engine ended.");
const BOUNDED_LOGS = advisory("bounded-logs", "A container's log has a size limit.");
const TIME_TO_STOP = mandatory(
  "time-to-stop",
  "A server has a minute to flush before it is killed, also when it is replaced.",
  { seconds: STOP_SECONDS },
);

const longEnough = (input: string): Breach => ({
  ...{ rule: TIME_TO_STOP, of: RETHINKDB },
  keeps: ({ grade, config: { seconds = STOP_SECONDS } }) => (grade.amount ?? 0) >= seconds,
  says: ({ config: { seconds = STOP_SECONDS } }) =>
    `${input} is below ${String(seconds)} seconds, and a server that is killed may not have flushed. Set ${String(seconds)}.`,
});

export const LIMITS: Family = {
  "limits/memory": held(
    limit("memory limit", "Without one a server takes the whole host down with it.", NONE, ["memoryMib"]),
    {
      ...{ rule: MEMORY_LIMIT, of: CONTAINERS },
      says: "it has no memory limit and takes the host down with it. Set memoryMib.",
    },
  ),
  "limits/swap": limit("memory and swap together", "Swapped memory is slow, and ends on the host's disk.", NONE, [
    "memoryMib",
    "limitSwap",
  ]),
  "limits/cache": held(
    limit("cache size", "RethinkDB sizes it by the host's memory, not by the container's.", NONE, [
      "cacheSizeMib",
      "memoryMib",
    ]),
    {
      ...{ rule: MEMORY_LIMIT, of: SERVERS },
      // Without a limit it has nothing to fit into, which is said of the limit.
      keeps: ({ grade, other }) => grade.rank === 0 || other("limits/memory")?.rank !== 0,
      says: "its cache is as large as its memory, or sized by the host's. Set --cache-size below memory (cacheSizeMib).",
    },
  ),
  "limits/restart": held(limit("restart policy", "A server that ended has to come back by itself.", NONE), {
    ...{ rule: COMES_BACK, of: CONTAINERS },
    says: "it stays down after a crash or a restart of the engine. Set restart to unless-stopped.",
  }),
  "limits/log": held(limit("size of logs bounded", "An unbounded log fills the host's disk.", required(false)), {
    ...{ rule: BOUNDED_LOGS, of: CONTAINERS },
    says: "its log grows without limit until the disk is full. Set logOpts max-size.",
  }),
  "limits/log-driver": {
    ...limit("log driver", "Logs go elsewhere.", neutral("the engine's default")),
    ungraded: true,
  },
  "stop/timeout": held(
    limit("seconds to stop (stopTimeout)", "RethinkDB flushes when it is asked to stop; killed, it may lose it.", NONE),
    longEnough("stopTimeout"),
  ),
  "stop/grace": held(
    limit(
      "seconds to stop when replaced (destroyGraceSeconds)",
      "Without a grace the provider kills the server.",
      NONE,
    ),
    longEnough("destroyGraceSeconds"),
  ),
  "stop/signal": limit("stop signal", "RethinkDB stops in good order on SIGTERM and SIGINT only.", neutral("SIGTERM")),
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
}

function amount(value: unknown, unit: string): Grade | null {
  if (isUnknown(value)) return null;
  return typeof value === "number" && value > 0 ? neutral(`${String(value)} ${unit}`) : { text: "none", rank: 1 };
}

function swap(value: unknown): Grade | null {
  if (isUnknown(value)) return null;
  if (typeof value !== "number") return { text: "Docker's default, which lets it swap", rank: 1 };
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
  return { text: String(given), rank: Math.max(0, STOP_SECONDS - given), amount: given };
}
