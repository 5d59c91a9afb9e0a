/** What anyone on the network gets out of a cluster that this project did not make: read-only, from this machine, without a password. */
import {
  type Attempt,
  type ClusterAudit,
  outcomeOf,
  type ProbeReport,
  reportAudit,
} from "../../core/decide/audit/report";
import { clock } from "../lib/poll";
import { held, needless } from "./probe";
import { PROBES } from "./probes/all";
import { type Target, tries, type Try } from "./tries";
import { Vantage } from "./wire/vantage";

/** Nothing is known of what it should be: what needs that is not tried. */
export async function auditOutside(targets: readonly Target[], here = Vantage.here()): Promise<ClusterAudit> {
  const began = clock.now();
  const attempts = (await Promise.all(targets.map(async (target) => tryAll(here, target)))).flat();
  const probes = PROBES.map(({ id, line, tried }): ProbeReport => {
    const own = attempts.filter((one) => one.id === id).map((one) => one.attempt);
    const all =
      own.length > 0 ? own : [needless("the cluster", "it takes the stack of this project, and this cluster has none")];
    const words = own.length > 0 ? "connected from this machine, as anyone on the network can" : tried;
    return {
      id,
      line,
      tried: words,
      outcome: outcomeOf(all),
      attempts: all,
      milliseconds: Math.round(clock.now() - began),
    };
  });
  const did = { connections: here.connections, logins: 2 * targets.length, helperContainers: 0, execs: 0 };
  const name = targets.map(({ host, port }) => `${host}:${String(port)}`).join(", ");
  return reportAudit(name, null, probes, { did, seconds: Math.round((clock.now() - began) / 100) / 10 });
}

async function tryAll(
  here: Vantage,
  target: Target,
): Promise<readonly { readonly id: string; readonly attempt: Attempt }[]> {
  // A host that does not exist has no open port either.
  const isThere = await here.attempt(target.host, target.port, (dialled) => Promise.resolve("socket" in dialled));
  return Promise.all(tries().map(async (one) => ({ id: one.id, attempt: await attempt(here, target, one, isThere) })));
}

/** @param isThere the driver port of the host was reached. */
async function attempt(here: Vantage, target: Target, { port, act, closed }: Try, isThere: boolean): Promise<Attempt> {
  const at = port(target);
  const subject = `${target.host}:${String(at)}`;
  return here.attempt(target.host, at, async (dialled) => {
    if ("socket" in dialled) return act(dialled.socket, subject, target);
    if (closed === "held" && (isThere || dialled.closed === "ECONNREFUSED")) {
      return held(subject, `closed: ${dialled.closed}`);
    }
    return {
      outcome: "not-tried",
      subject,
      reason: `the port is not reached: ${dialled.closed}`,
      essential: closed === "held" || at === target.port,
    } as const;
  });
}
