/** Waits until one server is a full member and the cluster is whole; refuses to let a member go that never left. */
import { missingToWhole, tablesOfAbsentServers } from "../core/whole";
import type { LeaveRequest, MemberRequest } from "../core/requests";
import { setTimeout as sleep } from "node:timers/promises";
import { Engine, firstLine } from "./engine";
import { describe, Failure } from "./failure";
import { Progress } from "./progress";
import { logInAsOperator } from "./session";
import { readStatus } from "./status";

/** Seconds without any change of what is missing before a wait gives up: a backfill that moves is healthy. */
const STALL_SECONDS = 180;
const POLL_MS = 100;

export async function member(request: MemberRequest): Promise<{ member: string }> {
  const engine = new Engine(request.dockerHost);
  const progress = new Progress(request.server);
  let missing = "it has not answered yet";
  let since = Date.now();
  const stillMissing = async (now: string): Promise<void> => {
    if (now !== missing) {
      missing = now;
      since = Date.now();
    }
    progress.say(`waiting: ${missing}`);
    if (Date.now() - since > STALL_SECONDS * 1000) {
      throw new Failure(
        `${request.server}: nothing changed for ${String(STALL_SECONDS)} seconds: ${missing}; ` +
          `look at docker logs ${request.container}, mend it, then run pulumi up again`,
      );
    }
    await sleep(POLL_MS);
  };

  for (;;) {
    await throwIfDown(engine, request);
    const attempt = await logInAsOperator(engine, request.container, request.operator, 10);
    if (attempt.kind !== "open") {
      await stillMissing(
        attempt.kind === "refused"
          ? "it has not taken the cluster's accounts yet"
          : `it does not answer (${attempt.reason})`,
      );
      continue;
    }
    try {
      for (;;) {
        const expected = (await engine.servers(request.identity)).map((server) => server.name);
        const status = await readStatus(attempt.connection);
        const reasons = missingToWhole(expected, status);
        if (reasons.length === 0) {
          const later = tablesOfAbsentServers(expected, status);
          if (later.length > 0) progress.say(`waiting for servers that are not there yet: ${later.join(", ")}`);
          await settle(engine, request);
          return { member: request.server };
        }
        await stillMissing(reasons.join("; "));
      }
    } catch (error) {
      if (error instanceof Failure) throw error;
      await stillMissing(`it went away (${describe(error)})`);
    } finally {
      await attempt.connection.close({ noreplyWait: false }).catch(() => undefined);
    }
  }
}

/** A server that gave up says why on its log: that is the sentence a person needs. */
async function throwIfDown(engine: Engine, request: MemberRequest): Promise<void> {
  const container = await engine.inspect<{
    State: { Status: string; ExitCode: number; OOMKilled: boolean };
    RestartCount: number;
  }>("container", request.container);
  if (container === undefined)
    throw new Failure(`${request.server}: container ${request.container} is gone; run pulumi up --refresh`);
  const { Status, ExitCode, OOMKilled } = container.State;
  if (Status === "running" || (Status === "restarting" && container.RestartCount < 3)) return;
  const logs = await engine.try(["logs", "--tail", "5", request.container]);
  const last = logs.stderr.trim().split("\n").at(-1) ?? "";
  const cause = OOMKilled ? "memoryMiB is too little for it" : last;
  throw new Failure(
    `${request.server}: its container is ${Status}, exit code ${String(ExitCode)}: ${cause}; mend it, then run pulumi up again`,
  );
}

/** Marks the data as begun, so that it can never silently start over, and removes certificates of the past. */
async function settle(engine: Engine, request: MemberRequest): Promise<void> {
  // Root of the container owns /data and needs no capability for it.
  const listed = await engine.run([
    "exec",
    "--user",
    "0",
    request.container,
    "bash",
    "-c",
    "touch /data/started && ls /tls",
  ]);
  const old = listed.split("\n").filter((name) => /^[0-9a-f]{16}(\.new)?$/.test(name) && name !== request.fingerprint);
  if (old.length === 0) return;
  const outcome = await engine.runHelper({
    image: request.image,
    helper: "prune",
    mounts: [`${request.tlsVolume}:/tls`],
    capabilities: ["FOWNER", "DAC_OVERRIDE"],
    script: 'cd /tls && rm -rf -- "$@"',
    args: old,
    stdin: "",
  });
  if (outcome.code !== 0)
    throw new Failure(`${request.server}: cannot remove old certificates: ${firstLine(outcome.stderr)}`);
}

/** Runs before a server's container is deleted: only one that left, with its data moved away, may go. */
export async function leave(request: LeaveRequest): Promise<never> {
  await Promise.resolve();
  throw new Failure(
    `${request.server}: it has not left the cluster and may hold the only copy of data; nothing was touched; raise nodes again`,
  );
}
