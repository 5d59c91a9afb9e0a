/**
 * Looks for hosts that do not answer, before anything is asked of them one by one: says what they had, what still works
 * without them, and the ways on.
 */
import { describeUnreachable } from "../../core/decide/unreachable";
import type { ClusterStatus } from "../../core/decide/availability";
import { UNREACHABLE, type UnreachableRequest } from "../../core/programs/unreachable";
import { describe } from "../lib/failure";
import { enginesOf, type HostEngine } from "../cluster/hosts";
import { bestView } from "../../core/decide/views";
import { within } from "../lib/poll";
import { Progress } from "../lib/progress";
import { withViews } from "../cluster/views";
import { serve } from "../lib/served";

export const served = serve(UNREACHABLE, unreachable);

/** Seconds after which a host counts as gone, whatever ssh and Docker still hope for. */
export const UNREACHABLE_SECONDS = 30;
/** Seconds for the question what works without it. */
const STATUS_SECONDS = 30;

/** @returns a sentence for each host that does not answer; empty when all do. */
export async function unreachable(request: UnreachableRequest): Promise<{ readonly unreachable: readonly string[] }> {
  const hosts = enginesOf(request);
  const answers = await Promise.all(hosts.map(whyUnreachable));
  const gone = hosts.flatMap(({ name }, index) => {
    const reason = answers[index];
    return reason === undefined ? [] : [{ name, reason }];
  });
  if (gone.length === 0) return { unreachable: [] };
  const present = hosts.filter((_, index) => answers[index] === undefined);
  const status = await within(STATUS_SECONDS, statusFrom(request, present)).catch(() => undefined);
  return { unreachable: gone.map((host) => describeUnreachable(host, request.servers, status)) };
}

async function whyUnreachable({ name, engine }: HostEngine): Promise<string | undefined> {
  const end = new AbortController();
  const asked = engine.run(["version", "--format", "{{.Server.Version}}"], "", {
    signal: end.signal,
    seconds: 2 * UNREACHABLE_SECONDS,
  });
  return within(UNREACHABLE_SECONDS, asked, () => {
    end.abort();
  }).then(
    () => undefined,
    (error: unknown) => describe(error).replace(`hosts.${name}: `, ""),
  );
}

async function statusFrom(
  request: UnreachableRequest,
  present: readonly HostEngine[],
): Promise<ClusterStatus | undefined> {
  const servers = await Promise.all(present.map(({ engine }) => engine.servers(request.identity)));
  const who = { name: "hosts", progress: new Progress("hosts") };
  return withViews(servers.flat(), request.operator, who, ({ views }) => Promise.resolve(bestView(views)?.status));
}
