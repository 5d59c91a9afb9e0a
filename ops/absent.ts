/**
 * Looks for hosts that do not answer, before anything is asked of them one by one: says what they had, what still works
 * without them, and the ways on.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describeAbsent } from "../core/absent";
import type { AbsentRequest } from "../core/requests";
import { describe } from "./failure";
import { enginesOf, type HostEngine } from "./hosts";
import { accessTo, askCluster } from "./operator";
import { Progress } from "./progress";
import { readStatus } from "./status";

/** Seconds after which a host counts as gone, whatever ssh and Docker still hope for. */
export const ABSENT_SECONDS = 30;
/** Seconds for the question what works without it. */
const STATUS_SECONDS = 30;

/** @returns a sentence for each host that does not answer; empty when all do. */
export async function absent(request: AbsentRequest): Promise<{ readonly absent: readonly string[] }> {
  const hosts = enginesOf(request);
  const answers = await Promise.all(hosts.map(whyAbsent));
  const gone = hosts.flatMap(({ name }, index) => {
    const reason = answers[index];
    return reason === undefined ? [] : [{ name, reason }];
  });
  if (gone.length === 0) return { absent: [] };
  const present = hosts.filter((_, index) => answers[index] === undefined);
  const late = sleep(STATUS_SECONDS * 1000, undefined, { ref: false });
  const status = await Promise.race([statusFrom(request, present), late]);
  return { absent: gone.map((host) => describeAbsent(host, request.servers, status)) };
}

async function whyAbsent({ name, engine }: HostEngine): Promise<string | undefined> {
  const end = new AbortController();
  const late = sleep(ABSENT_SECONDS * 1000, undefined, { ref: false }).then(() => {
    end.abort();
    return `no answer in ${String(ABSENT_SECONDS)} seconds`;
  });
  const asked = engine.run(["version", "--format", "{{.Server.Version}}"], "", end.signal).then(
    () => undefined,
    (error: unknown) => describe(error).replace(`hosts.${name}: `, ""),
  );
  return Promise.race([asked, late]);
}

async function statusFrom(
  request: AbsentRequest,
  present: readonly HostEngine[],
): ReturnType<typeof askCluster<Awaited<ReturnType<typeof readStatus>>>> {
  const servers = await Promise.all(present.map(({ engine }) => engine.servers(request.identity)));
  return askCluster(
    servers.flat(),
    async (server) => ({ ...request.operator, ...(await accessTo(server)) }),
    { name: "hosts", progress: new Progress("hosts") },
    readStatus,
  ).catch(() => undefined);
}
