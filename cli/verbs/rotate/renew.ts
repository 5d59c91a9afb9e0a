/** `npx pulumi-rethinkdb renew`: new certificates now, whatever their age; with `--ca`, that of a CA itself, under the same key. */
import { Failure } from "../../../ops/lib/failure";
import { parseOptions } from "../../options";
import { PENDING } from "../../stack/project";
import { StackRun } from "../../stack/run";
import { type ExportedState, isOurs, resourcesOf } from "../../stack/state";
import { STACK_OPTION, VERBOSE_OPTION, type Verb } from "../../verb";

export const verb: Verb = {
  name: "renew",
  does: "Issues new certificates now, whatever their age. Servers restart one at a time.",
  options: {
    "--server": ["NAME", "those of one server, such as n1"],
    "--keys": ["", "under new keys"],
    "--ca": ["NAME", "the certificate of a CA: cluster, driver or client; it keeps its key"],
    ...STACK_OPTION,
    ...VERBOSE_OPTION,
  },
  examples: [
    "npx pulumi-rethinkdb renew",
    "npx pulumi-rethinkdb renew --server n1 --keys",
    "npx pulumi-rethinkdb renew --ca driver",
  ],
  run: renew,
};

const LEAF = "tls:index/locallySignedCert:LocallySignedCert";
const CA = "tls:index/selfSignedCert:SelfSignedCert";
const KEY = "tls:index/privateKey:PrivateKey";

export interface RenewalRequest {
  /** Name of a server; all when undefined. */
  readonly server: string | undefined;
  readonly keys: boolean;
  /** Name of a CA; undefined for what CAs sign. */
  readonly ca: string | undefined;
}

export async function renew(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const request = { server: options.get("--server"), keys: options.has("--keys"), ca: options.get("--ca") };
  if (request.ca !== undefined && (request.keys || request.server !== undefined)) {
    throw new Failure(
      "renew: --ca keeps the CA's key and renews all that it signed, so it goes with neither --server nor --keys; another key is npx pulumi-rethinkdb rotate-ca",
    );
  }
  const stack = await StackRun.choose(project, "renew", options.get("--stack"), options.has("--verbose"));
  const urns = urnsToReplace(await stack.state(), request);
  if (!stack.writesConfig && (await stack.isBehind())) throw new Failure(`renew: ${PENDING}`);
  const code = await stack.up(...urns.flatMap((urn) => ["--replace", urn]));
  if (code !== 0) {
    console.error(
      "\nThe renewal is not finished: repair what is said above, then run up; it goes on with what was renewed already. " +
        "Where npx pulumi-rethinkdb certs shows that nothing was, run the same command again.",
    );
  }
  return code;
}

/** Replaced certificates change what the servers start with: they restart one after the other. */
export function urnsToReplace(state: ExportedState, { server, keys, ca }: RenewalRequest): readonly string[] {
  const named = (type: string, pattern: RegExp): readonly string[] =>
    resourcesOf(state, type)
      .map(({ urn }) => urn)
      .filter((urn) => pattern.test(urn) && isOurs(urn));
  if (ca !== undefined) {
    if (!["cluster", "driver", "client"].includes(ca)) {
      throw new Failure(`renew: "${ca}" is not a CA; write --ca cluster, --ca driver or --ca client`);
    }
    const urns = named(CA, new RegExp(`-${ca}-ca-g\\d+$`));
    if (urns.length > 0) return urns;
    if (ca === "client")
      throw new Failure("renew: no client has a certificate (driverClients is empty), so there is no client CA");
    throw new Failure(
      `renew: this stack made no ${ca} CA; where it is your own, give the renewed certificate as ${ca}CaPems, then run up`,
    );
  }
  const owner = server === undefined ? "" : `-${literally(server)}`;
  const leaves = named(LEAF, new RegExp(`${owner}-(cluster|driver|client)-certificate$`));
  if (leaves.length === 0) {
    throw new Failure(
      server === undefined
        ? "renew: this stack has no certificate yet; run up first"
        : `renew: "${server}" is not a server of this stack; write n0, n1, …`,
    );
  }
  return keys ? [...leaves, ...named(KEY, new RegExp(`${owner}-(cluster|driver|client)-key(-g\\d+)?$`))] : leaves;
}

/** What was typed is a name, not a pattern. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
