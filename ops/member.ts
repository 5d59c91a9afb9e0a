/** Waits until one server is a full member and the cluster is as whole as it can be, and gives it back what it had. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "rethinkdb-ts";
import type { MemberRequest } from "../core/requests";
import { missingToWhole, tablesOfAbsentServers } from "../core/whole";
import { withEndedCertificate } from "./certificates";
import { type Engine, firstLine } from "./engine";
import { describe, Failure } from "./failure";
import { giveBack } from "./handOver";
import { ownEngine, serversOf } from "./hosts";
import type { Mover } from "./layout";
import { restoreTags } from "./leavingMarks";
import { Patience } from "./patience";
import { Progress } from "./progress";
import { adoptGivenUp } from "./replaced";
import { logInAsOperator } from "./session";
import { readSizes, readStatus } from "./status";

const POLL_MS = 100;
/** Polls after which it is worth a look why others are missing. */
const ENDED_POLLS = 30;

export async function member(request: MemberRequest): Promise<{ member: string }> {
  const engine = ownEngine(request);
  const progress = new Progress(request.server);
  const patience = new Patience();
  const stillMissing = async (missing: string, sizes = ""): Promise<void> => {
    progress.say(`waiting: ${missing}`);
    if (patience.isOver(missing + sizes)) {
      throw new Failure(
        `${request.server}: nothing changed for ${String(patience.seconds)} seconds: ${missing}; ` +
          `look at docker logs ${request.container}, mend it, then run pulumi up again`,
      );
    }
    await sleep(POLL_MS);
  };

  for (;;) {
    await throwIfDown(engine, request);
    const attempt = await logInAsOperator(engine, request.container, request.operator, 10);
    if (attempt.kind !== "open") {
      if (attempt.kind === "unreached" && (await waitsForTheEnded(request))) {
        progress.say(
          "waits for another server, and the certificates of all others have ended; it serves as soon as the next one was restarted",
        );
        return { member: request.server };
      }
      await stillMissing(
        attempt.kind === "refused"
          ? "it has not taken the cluster's accounts yet"
          : `it does not answer (${attempt.reason})`,
      );
      continue;
    }
    const { connection } = attempt;
    const mover: Mover = {
      who: request.server,
      connection,
      progress,
      next: "look at npm run doctor -- --health, then run pulumi up again",
    };
    try {
      await waitUntilWhole(request, connection, progress, stillMissing);
      const notes = await settle(engine, request);
      const here = { name: request.server, container: request.container };
      if (request.incarnation > 0) await adoptGivenUp(here, mover);
      if (notes.includes("leaving.json")) await restoreTags(engine, here, connection);
      if (notes.includes("handover.json")) await giveBack(engine, here, mover);
      return { member: request.server };
    } catch (error) {
      if (error instanceof Failure) throw error;
      await stillMissing(`it went away (${describe(error)})`);
    } finally {
      await connection.close({ noreplyWait: false }).catch(() => undefined);
    }
  }
}

/**
 * A server does not serve before it has found one of those it knows. Where nobody can connect to any of them, the next
 * restart of the same run brings the first; its own member waits for both.
 */
async function waitsForTheEnded(request: MemberRequest): Promise<boolean> {
  const others = (await serversOf(request)).filter(({ name, state }) => name !== request.server && state === "running");
  return others.length > 0 && (await withEndedCertificate(others)).length === others.length;
}

async function waitUntilWhole(
  request: MemberRequest,
  connection: Connection,
  progress: Progress,
  stillMissing: (missing: string, sizes?: string) => Promise<void>,
): Promise<void> {
  let sizes: string | undefined;
  let ended: readonly string[] = [];
  for (let polls = 1; ; polls++) {
    const servers = await serversOf(request);
    const others = servers.filter(({ name }) => name !== request.server);
    // Nobody can connect to it anew, and its own restart, a later step of the same run, mends that.
    if (polls === ENDED_POLLS) {
      ended = await withEndedCertificate(others);
      if (ended.length > 0) progress.say(`not waited for, since their certificates have ended: ${ended.join(", ")}`);
    }
    // A server that is down, or was missing before this one stopped, may be what a later step of the same run mends.
    const excused = others
      .filter(({ name, state }) => state !== "running" || request.missing.includes(name) || ended.includes(name))
      .map(({ name }) => name);
    const expected = servers.map(({ name }) => name).filter((name) => !excused.includes(name));
    const status = await readStatus(connection);
    const reasons = missingToWhole(expected, status);
    if (reasons.length === 0) {
      const absent = excused.filter((name) => !status.servers.some((server) => server.name === name));
      if (absent.length > 0) progress.say(`not waited for, since missing before: ${absent.join(", ")}`);
      const later = tablesOfAbsentServers(expected, status);
      if (later.length > 0) progress.say(`not available without servers that are not there: ${later.join(", ")}`);
      return;
    }
    if (polls % 50 === 0) {
      sizes = await readSizes(
        connection,
        status.configs.map(({ db, name }) => `${db}.${name}`),
      );
    }
    await stillMissing(reasons.join("; "), sizes);
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

/**
 * Marks the data as begun, so that it can never silently start over, and removes certificates of the past.
 * @returns names of the notes on the data volume.
 */
async function settle(engine: Engine, request: MemberRequest): Promise<readonly string[]> {
  // Root of the container owns /data and needs no capability for it.
  const script = "touch /data/started && ls /tls && ls /data";
  const listed = (await engine.run(["exec", "--user", "0", request.container, "bash", "-c", script])).split("\n");
  const old = listed.filter((name) => /^[0-9a-f]{16}(\.new)?$/.test(name) && name !== request.fingerprint);
  if (old.length > 0) await prune(engine, request, old);
  return listed.filter((name) => name.endsWith(".json"));
}

async function prune(engine: Engine, request: MemberRequest, directories: readonly string[]): Promise<void> {
  const outcome = await engine.runHelper({
    image: request.image,
    helper: "prune",
    mounts: [`${request.tlsVolume}:/tls`],
    capabilities: ["FOWNER", "DAC_OVERRIDE"],
    script: 'cd /tls && rm -rf -- "$@"',
    args: directories,
    stdin: "",
  });
  if (outcome.code !== 0)
    throw new Failure(`${request.server}: cannot remove old certificates: ${firstLine(outcome.stderr)}`);
}
