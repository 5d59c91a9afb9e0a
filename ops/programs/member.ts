/** Waits until one server is a full member and the cluster is as whole as it can be, and gives it back what it had. */
import type { Connection } from "rethinkdb-ts";
import { MEMBER, type MemberRequest } from "../../core/programs/member";
import { missingToWhole, tablesOfMissingServers } from "../../core/decide/availability";
import { withExpiredCertificate } from "../cluster/installedCertificates";
import { type Engine, firstLine } from "../docker/engine";
import { describe, Failure } from "../lib/failure";
import { giveBack } from "../cluster/handOver";
import { ownEngine, serversOf } from "../cluster/hosts";
import type { Mover } from "../cluster/layout";
import { restoreTags } from "../cluster/drainMarks";
import { poll, type Waiting } from "../lib/poll";
import { Progress } from "../lib/progress";
import { adoptGivenUp } from "../cluster/replaced";
import { hangUp, logInAsOperator } from "../cluster/session";
import { dropEmptyNote } from "../cluster/undoNotes";
import { readSizes, readStatus } from "../cluster/status";
import { serve } from "../lib/served";

export const served = serve(MEMBER, member);

/** Looks after which it is worth finding out why others are missing. */
const EXPIRED_LOOKS = 30;

export async function member(request: MemberRequest): Promise<{ member: string }> {
  const engine = ownEngine(request);
  const progress = new Progress(request.server);
  const whole = new WholeCluster(request, progress);
  let connection: Connection | undefined;
  const leave = async (): Promise<void> => {
    if (connection !== undefined) await hangUp(connection);
    connection = undefined;
  };
  const look = async (): Promise<Waiting | { readonly done: { member: string } }> => {
    if (connection === undefined) {
      const attempt = await logInAsOperator(engine, request.container, request.operator, 10);
      if (attempt.kind === "refused") return { waiting: "it has not taken the cluster's accounts yet" };
      if (attempt.kind === "unreached") {
        await throwIfDown(engine, request);
        if (!(await waitsForTheExpired(request))) return { waiting: `it does not answer (${attempt.reason})` };
        progress.say(
          "waits for another server, and the certificates of all others have expired; it serves as soon as the next one was restarted",
        );
        return { done: { member: request.server } };
      }
      connection = attempt.connection;
    }
    try {
      const missing = await whole.lookThrough(connection);
      if (missing !== undefined) return missing;
      await settleIn(engine, request, connection, progress);
      return { done: { member: request.server } };
    } catch (error) {
      if (error instanceof Failure) throw error;
      await leave();
      return { waiting: `it went away (${describe(error)})` };
    }
  };
  try {
    return await poll(look, {
      onWait: (waiting) => {
        progress.say(`waiting: ${waiting}`);
      },
      giveUp: (waiting, why) =>
        new Failure(
          `${request.server}: ${why}: ${waiting}; look at docker logs ${request.container}, repair it, then run pulumi up again`,
        ),
    });
  } finally {
    await leave();
  }
}

/** What was taken from it is given back, and what is of the past is removed. */
async function settleIn(
  engine: Engine,
  request: MemberRequest,
  connection: Connection,
  progress: Progress,
): Promise<void> {
  const mover: Mover = {
    who: request.server,
    connection,
    progress,
    next: "look at npx pulumi-rethinkdb doctor --health, then run pulumi up again",
  };
  const names = await settle(engine, request);
  const here = { name: request.server, container: request.container };
  if (request.incarnation > 0) await adoptGivenUp(here, mover);
  if (names.includes("leaving.json")) await restoreTags(engine, here, connection);
  if (names.includes("handover.json")) await giveBack(engine, here, mover);
}

/**
 * A server does not serve before it has found one of those it knows. Where no client can connect to any of them, the next
 * restart of the same run brings the first; its own member waits for both.
 */
async function waitsForTheExpired(request: MemberRequest): Promise<boolean> {
  const others = (await serversOf(request)).filter(({ name, state }) => name !== request.server && state === "running");
  return others.length > 0 && (await withExpiredCertificate(others)).length === others.length;
}

/** Whether the cluster is whole, apart from what a later step of this run repairs. */
class WholeCluster {
  private looks = 0;
  private expired: readonly string[] = [];
  private sizes: string | undefined;

  constructor(
    private readonly request: MemberRequest,
    private readonly progress: Progress,
  ) {}

  /** @returns what is missing; undefined when it is whole. */
  async lookThrough(connection: Connection): Promise<Waiting | undefined> {
    const { request, progress } = this;
    this.looks++;
    const servers = await serversOf(request);
    const others = servers.filter(({ name }) => name !== request.server);
    // No server can connect to it anew, and its own restart, a later step of the same run, repairs that.
    if (this.looks === EXPIRED_LOOKS) {
      this.expired = await withExpiredCertificate(others);
      if (this.expired.length > 0) {
        progress.say(`not waited for, since their certificates have expired: ${this.expired.join(", ")}`);
      }
    }
    // A server that is down, or was missing before this one stopped, may be what a later step of the same run repairs.
    const excused = others
      .filter(({ name, state }) => state !== "running" || request.missing.includes(name) || this.expired.includes(name))
      .map(({ name }) => name);
    const expected = servers.map(({ name }) => name).filter((name) => !excused.includes(name));
    const status = await readStatus(connection);
    const reasons = missingToWhole(expected, status);
    if (reasons.length > 0) {
      if (this.looks % 50 === 0) {
        this.sizes = await readSizes(
          connection,
          status.configs.map(({ db, name }) => `${db}.${name}`),
        );
      }
      return { waiting: reasons.join("; "), ...(this.sizes === undefined ? {} : { moves: this.sizes }) };
    }
    const gone = excused.filter((name) => !status.servers.some((server) => server.name === name));
    if (gone.length > 0) progress.say(`not waited for, since missing before: ${gone.join(", ")}`);
    const later = tablesOfMissingServers(expected, status);
    if (later.length > 0) progress.say(`not available without servers that are not there: ${later.join(", ")}`);
    return undefined;
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
  const cause = OOMKilled ? "memoryMib is too little for it" : last;
  throw new Failure(
    `${request.server}: its container is ${Status}, exit code ${String(ExitCode)}: ${cause}; repair it, then run pulumi up again`,
  );
}

/**
 * Marks the data as begun, so that it can never silently start over, and removes certificates of the past.
 * @returns names of what lies on its volumes, notes among it.
 */
async function settle(engine: Engine, request: MemberRequest): Promise<readonly string[]> {
  // Root of the container owns /data and needs no capability for it.
  const script = `${dropEmptyNote("handover")}; touch /data/started && ls /tls && ls /data`;
  const listed = (await engine.run(["exec", "--user", "0", request.container, "bash", "-c", script])).split("\n");
  const old = listed.filter((name) => /^[0-9a-f]{16}(\.new)?$/.test(name) && name !== request.fingerprint);
  if (old.length > 0) await prune(engine, request, old);
  return listed;
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
