/** Asks every server of a cluster what it sees, and tells apart: it answers, it certainly serves no client, or it is not known. */
import type { Connection } from "rethinkdb-ts";
import { OPERATOR_USER } from "../../args/constants";
import type { DriverAccess, OperatorLogin, OperatorPasswords } from "../../core/programs/parts/shared";
import { describePartition, seenByAny, type View } from "../../core/decide/views";
import { proveExpired } from "./installedCertificates";
import type { LiveServer } from "../docker/engine";
import { describe, Failure } from "../lib/failure";
import { accessTo } from "./operatorLogin";
import { clock } from "../lib/poll";
import type { Progress } from "../lib/progress";
import { type Attempt, hangUp, logInAsOperator, saysExpired } from "./session";
import { readStatus } from "./status";

/** Seconds a server's driver port may stay closed before it counts as closed. */
const PATIENCE = 5;
/** Milliseconds for views to become one: right after a restart, servers learn of each other one by one. */
const AGREE_MS = 10_000;

export interface LiveView extends View {
  readonly connection: Connection;
}

/** A running server that was not heard. */
export interface Unheard {
  readonly name: string;
  readonly reason: string;
}

export interface Views {
  readonly views: readonly LiveView[];
  /** They surely serve no new client: the port was seen closed from inside, or the certificate is proven expired. */
  readonly silent: readonly Unheard[];
  /** Nothing is known of them, and so nothing is assumed. */
  readonly unknown: readonly Unheard[];
}

/** How to log in: all of it, or the passwords alone, and the rest is read from the servers' own volumes. */
export type Login = OperatorLogin | OperatorPasswords;

/**
 * Asks all running servers side by side and acts on what they say; connections are closed afterwards. If one that was acted
 * through goes away, the others are asked again.
 * @param who begins the sentence of a failure.
 * @throws Failure where a server answers and refuses the operator's account, and no other one answers.
 */
export async function withViews<T>(
  servers: readonly LiveServer[],
  login: Login,
  who: { readonly name: string; readonly progress: Progress },
  act: (found: Views) => Promise<T>,
): Promise<T> {
  const running = servers.filter(({ state }) => state === "running");
  for (let tries = 1; ; tries++) {
    const found = await askAll(running, login, who);
    try {
      return await act(await agreeing(found));
    } catch (error) {
      if (error instanceof Failure) throw error;
      who.progress.say(`a server went away while it was asked: ${describe(error)}`);
      if (tries < 3) continue;
      throw new Failure(
        `${who.name}: the servers cannot say what this would cost (${describe(error)}); nothing more was done; run pulumi up again`,
      );
    } finally {
      await Promise.all(found.views.map(({ connection }) => hangUp(connection)));
    }
  }
}

/** Of a running server that no other one sees, and of which nothing is known. */
export function unseenUnknown({ views, unknown }: Views): readonly Unheard[] {
  const seen = seenByAny(views);
  return unknown.filter(({ name }) => !seen.has(name));
}

export function describeUnheard(unheard: readonly Unheard[]): string {
  return unheard.map(({ name, reason }) => `${name} (${reason})`).join(", ");
}

type Heard =
  | { readonly kind: "view"; readonly view: LiveView }
  | { readonly kind: "silent" | "unknown" | "refused"; readonly unheard: Unheard };

async function askAll(
  running: readonly LiveServer[],
  login: Login,
  who: { readonly name: string; readonly progress: Progress },
): Promise<Views> {
  const heard = await Promise.all(running.map((server) => askOne(server, login)));
  const views = heard.flatMap((one) => (one.kind === "view" ? [one.view] : []));
  const of = (...kinds: readonly Heard["kind"][]): readonly Unheard[] =>
    heard.flatMap((one) => (one.kind !== "view" && kinds.includes(one.kind) ? [one.unheard] : []));
  const [refusing] = of("refused");
  if (views.length === 0 && refusing !== undefined) {
    throw new Failure(
      `${who.name}: ${refusing.name} refuses the account ${OPERATOR_USER}, so nothing tells what this would cost; ` +
        `nothing was touched; set the account again with pulumi up --target-replace '**-admin'`,
    );
  }
  for (const { name, reason } of of("silent")) who.progress.say(`${name} cannot be asked: ${reason}`);
  return { views, silent: of("silent"), unknown: of("unknown", "refused") };
}

/**
 * One that refuses the account and never was a member has nothing that the cluster lives by: a run was killed before it got its
 * accounts. Its volume says so, from the first time on that it was a member.
 */
async function askOne(server: LiveServer, login: Login): Promise<Heard> {
  const heard = await askWhatever(server, login);
  if (heard.kind !== "refused" || !(await neverWasMember(server))) return heard;
  return { kind: "silent", unheard: { name: server.name, reason: "it has never been a member" } };
}

/** False where it is not known. */
async function neverWasMember({ engine, container }: LiveServer): Promise<boolean> {
  const script = "if [ -e /data/started ]; then echo begun; else echo new; fi";
  const outcome = await engine.try(["exec", container, "bash", "-c", script]).catch(() => undefined);
  return outcome?.code === 0 && outcome.stdout.trim() === "new";
}

async function askWhatever(server: LiveServer, login: Login): Promise<Heard> {
  const { name } = server;
  const unknown = (reason: string): Heard => ({ kind: "unknown", unheard: { name, reason } });
  try {
    const attempt = await logInTo(server, login);
    if (attempt.kind === "refused") {
      return { kind: "refused", unheard: { name, reason: `it refuses the account ${OPERATOR_USER}` } };
    }
    if (attempt.kind === "unreached") {
      if (attempt.closed) return { kind: "silent", unheard: { name, reason: "its driver port is closed" } };
      if (!saysExpired(attempt)) return unknown(attempt.reason);
      const proof = await proveExpired(server);
      return proof.expired
        ? { kind: "silent", unheard: { name, reason: proof.reason } }
        : unknown(`${attempt.reason} by the clock of this machine, but ${proof.reason}: set the clock`);
    }
    const { connection } = attempt;
    try {
      return { kind: "view", view: { server: name, status: await readStatus(connection), connection } };
    } catch (error) {
      await hangUp(connection);
      return unknown(describe(error));
    }
  } catch (error) {
    return unknown(describe(error));
  }
}

/** What the stack has is tried first; what the server itself has may be of before or after a rotation. */
async function logInTo(server: LiveServer, login: Login): Promise<Attempt> {
  const { engine, container } = server;
  if ("driverCa" in login) {
    const attempt = await logInAsOperator(engine, container, login, PATIENCE);
    if (attempt.kind !== "unreached" || attempt.closed) return attempt;
  }
  const access: DriverAccess = await accessTo(server);
  return logInAsOperator(engine, container, { ...login, ...access }, PATIENCE);
}

/** Looked at again while they differ, for a short time. */
async function agreeing(found: Views): Promise<Views> {
  const until = clock.now() + AGREE_MS;
  let { views } = found;
  while (describePartition(views) !== undefined && clock.now() < until) {
    await clock.sleep(500);
    views = await readAgain(views);
  }
  return { ...found, views };
}

/** The same servers, as they see it now. */
export async function readAgain(views: readonly LiveView[]): Promise<readonly LiveView[]> {
  return Promise.all(views.map(async (view) => ({ ...view, status: await readStatus(view.connection) })));
}
