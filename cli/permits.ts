/** Finds servers whose containers a run would make anew without a permit, and has it permit them. */
import { serversOf } from "../ops/hosts";
import type { PulumiCli } from "./pulumiCli";
import { clustersIn, type ExportedState, exportState, resourcesOf } from "./stackState";

const CONTAINER = "docker:index/container:Container";
const MIB = 1024 * 1024;

export interface PreviewStep {
  readonly op: string;
  readonly urn: string;
}

/**
 * URNs of the permits that have nothing to say though the container after them is made anew: it was changed by hand, is
 * tainted, or the provider is another version.
 */
export function missingPermits(steps: readonly PreviewStep[]): readonly string[] {
  const replaced = new Set(
    steps
      .filter(
        ({ op, urn }) => ["replace", "create-replacement", "delete-replaced"].includes(op) && typeOf(urn) === CONTAINER,
      )
      .map(({ urn }) => permitOf(urn)),
  );
  const changed = new Set(steps.filter(({ op }) => !["same", "read", "refresh"].includes(op)).map(({ urn }) => urn));
  return [...replaced].filter((urn) => !changed.has(urn));
}

function typeOf(urn: string): string {
  return (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
}

/** Of the same parent, by its name: `rethinkdb-n1` has `rethinkdb-n1-permit`. */
function permitOf(container: string): string {
  return `${container.replace(CONTAINER, "command:local:Command")}-permit`;
}

/** What the provider would see of a container, as far as a person can change it while it runs. */
interface LiveContainer {
  readonly Name: string;
  readonly State: { readonly Running: boolean };
  readonly HostConfig: {
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly RestartPolicy: { readonly Name: string };
  };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
}

/** Whether a server's container is not as the last run left it: cheap, so that a preview is asked for only then. */
export async function hasDrifted(state: ExportedState): Promise<boolean> {
  const known = new Map(resourcesOf(state, CONTAINER).map(({ outputs = {} }) => [String(outputs["name"]), outputs]));
  const found = await Promise.all(
    clustersIn(state).map(async (cluster) => {
      const servers = await serversOf(cluster);
      return Promise.all(
        servers.map(async ({ engine, container }) => {
          const outputs = known.get(container);
          const live = outputs && (await engine.inspect<LiveContainer>("container", container));
          return outputs !== undefined && live !== undefined && differs(outputs, live);
        }),
      );
    }),
  );
  return found.flat().includes(true);
}

export function differs(outputs: Readonly<Record<string, unknown>>, live: LiveContainer): boolean {
  const networks = (outputs["networksAdvanced"] ?? []) as readonly { readonly name: string }[];
  const wanted = networks.map(({ name }) => name).sort();
  return (
    !live.State.Running ||
    live.HostConfig.Memory !== Number(outputs["memory"]) * MIB ||
    live.HostConfig.MemorySwap !== Number(outputs["memorySwap"]) * MIB ||
    live.HostConfig.RestartPolicy.Name !== outputs["restart"] ||
    Object.keys(live.NetworkSettings.Networks).sort().join() !== wanted.join()
  );
}

/**
 * `pulumi up`, with a permit for every server that it has to make anew.
 * @param args of `up`, with those that name the stack.
 * @param which arguments that name the stack.
 * @returns its exit code.
 */
export async function permittedUp(
  pulumi: PulumiCli,
  args: readonly string[],
  refresh: readonly string[],
  which: readonly string[],
): Promise<number> {
  const missing = async (): Promise<readonly string[]> => {
    const { code, stdout } = await pulumi.attempt(["preview", "--json", ...refresh, ...which]);
    return code === 0
      ? missingPermits((JSON.parse(stdout) as { readonly steps?: readonly PreviewStep[] }).steps ?? [])
      : [];
  };
  const up = (permits: readonly string[]): Promise<number> => {
    const flags = permits.flatMap((urn) => ["--replace", urn]);
    return pulumi.show(["up", ...args, ...refresh, ...flags], permits.length > 0 ? { RETHINKDB_PERMIT: "yes" } : {});
  };
  const drifted = await hasDrifted(await exportState(pulumi, "--show-secrets", ...which));
  const known = drifted ? await missing() : [];
  tell(known);
  const code = await up(known);
  if (code === 0 || known.length > 0) return code;
  // What cannot be seen from outside, such as a tainted resource, was refused by the guard of its container.
  const found = await missing();
  if (found.length === 0) return code;
  tell(found);
  return up(found);
}

function tell(permits: readonly string[]): void {
  if (permits.length === 0) return;
  const servers = permits.map((urn) => urn.replace(/^.*-(n\d+)-permit$/, "$1")).join(", ");
  console.log(`Not as the last run left them, and made anew one after the other, judged and handed over: ${servers}.`);
}
