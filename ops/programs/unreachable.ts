/**
 * Looks for hosts that do not answer, before anything is asked of them one by one: says what they had, what still works
 * without them, and the ways on.
 */
import { describeAbsent } from "../../core/decide/unreachable";
import type { ClusterStatus } from "../../core/decide/availability";
import type { AbsentRequest } from "../../core/programs/unreachable";
import { describe } from "../lib/failure";
import { enginesOf, type HostEngine } from "../cluster/hosts";
import { bestView } from "../../core/decide/views";
import { within } from "../lib/poll";
import { Progress } from "../lib/progress";
import { withViews } from "../cluster/views";

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
  const status = await within(STATUS_SECONDS, statusFrom(request, present)).catch(() => undefined);
  return { absent: gone.map((host) => describeAbsent(host, request.servers, status)) };
}

async function whyAbsent({ name, engine }: HostEngine): Promise<string | undefined> {
  const end = new AbortController();
  const asked = engine.run(["version", "--format", "{{.Server.Version}}"], "", {
    signal: end.signal,
    seconds: 2 * ABSENT_SECONDS,
  });
  return within(ABSENT_SECONDS, asked, () => {
    end.abort();
  }).then(
    () => undefined,
    (error: unknown) => describe(error).replace(`hosts.${name}: `, ""),
  );
}

async function statusFrom(request: AbsentRequest, present: readonly HostEngine[]): Promise<ClusterStatus | undefined> {
  const servers = await Promise.all(present.map(({ engine }) => engine.servers(request.identity)));
  const who = { name: "hosts", progress: new Progress("hosts") };
  return withViews(servers.flat(), request.operator, who, ({ views }) => Promise.resolve(bestView(views)?.status));
}
