/** CAs of the user's own: checked as soon as they are known, secrets from then on. */
import { X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { CaArgs, CaPems } from "../../args/certificates";
import type { RethinkdbClusterArgs } from "../../args/args";
import { DEFAULTS, FIRST_CA } from "../../args/shape/schema";
import { checkOwnCa } from "../../core/pki/checkCa";
import { normalKey, readOwnCa, splitPems } from "../../core/pki/readCa";
import type { ClusterPlan } from "../../core/plan/cluster";
import type { SanPlan } from "../../core/plan/publish";
import type { FleetRequest } from "../../core/programs/fleet";
import { tryCa } from "./caTrial";
import type { Purpose } from "./purpose";

export interface GivenCa {
  readonly certPem: pulumi.Output<string>;
  readonly keyPem: pulumi.Output<string>;
  readonly notAfter: pulumi.Output<string>;
}

export type OwnCas = Readonly<Record<Purpose, ReadonlyMap<number, GivenCa>>>;

const PEMS = { clusterCa: "clusterCaPems", driverCa: "driverCaPems" } as const;
type CaWithPems = keyof typeof PEMS;

const DAY_MS = 24 * 3600 * 1000;

/** What is wrong with those that are known already, to be said with everything else that is wrong. */
export function checkPlainCas(args: RethinkdbClusterArgs): {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
} {
  const plain: PlainCa[] = [];
  const found = (["clusterCa", "driverCa"] as const).flatMap((ca) =>
    Object.entries(args[PEMS[ca]] ?? {}).map(([generation, pems]) => {
      const path = `${PEMS[ca]}["${generation}"]`;
      if (!/^[1-9]\d*$/.test(generation)) {
        return { errors: [`${path}: "${generation}" is no generation; they are whole numbers from 1`], warnings: [] };
      }
      if (isRetired(args, ca, generation)) return { errors: [], warnings: [] };
      const { certPem, keyPem } = pems as Partial<CaPems>;
      if (certPem === undefined || keyPem === undefined) {
        return { errors: [`${path}: needs both certPem and keyPem`], warnings: [] };
      }
      if (typeof certPem !== "string" || typeof keyPem !== "string") return { errors: [], warnings: [] };
      const findings = check(path, { certPem, keyPem }, args, ca, generation);
      if (findings.errors.length === 0) plain.push({ path, certPem });
      return findings;
    }),
  );
  found.push({ errors: sharedBy(plain), warnings: [] });
  return { errors: found.flatMap(({ errors }) => errors), warnings: found.flatMap(({ warnings }) => warnings) };
}

interface PlainCa {
  readonly path: string;
  readonly certPem: string;
}

/** Under a shared key, name or root a rotation would retire nothing, and a client of one port be a member by the other. */
function sharedBy(cas: readonly PlainCa[]): readonly string[] {
  return cas.flatMap(({ path, certPem }, index) => {
    const own = readOwnCa(certPem).identities;
    return cas.slice(0, index).flatMap((other) => {
      const shared = readOwnCa(other.certPem).identities.filter((identity) => own.includes(identity));
      const [first] = shared;
      if (first === undefined) return [];
      const what = shared.map((identity) =>
        identity.replace(/^key .*/, "the key").replace(/^name (.*)/, 'the name "$1"'),
      );
      return [
        `${path}: shares ${what.join(" and ")} with ${other.path}, itself or its root, so that what one signs passes for the other; ` +
          `give a CA with a key, a name and a root of its own`,
      ];
    });
  });
}

/** What a check of the text alone does not find is found by a trial, and nothing is made before it has ended well. */
export function acceptOwnCas(args: RethinkdbClusterArgs, plan: ClusterPlan, cluster: pulumi.Resource): OwnCas {
  const given = (["clusterCa", "driverCa"] as const).flatMap((ca) =>
    Object.entries(args[PEMS[ca]] ?? {})
      .filter(([generation]) => !isRetired(args, ca, generation))
      .map(([generation, pems]) => ({ ca, generation, path: `${PEMS[ca]}["${generation}"]`, pems })),
  );
  // What was known was checked with the other args.
  const isKnown = given.every(({ pems }) => typeof pems.certPem === "string" && typeof pems.keyPem === "string");
  // All of them together: one that is known late may be the same as another.
  const accepted = pulumi.secret(given.map(({ pems }) => pems)).apply(async (plain) => {
    const all = given.map((one, index) => ({ ...one, pems: plain[index] ?? { certPem: "", keyPem: "" } }));
    const errors = isKnown
      ? []
      : all.flatMap(({ ca, generation, path, pems }) => check(path, pems, args, ca, generation).errors);
    if (!isKnown && errors.length === 0) {
      errors.push(...sharedBy(all.map(({ path, pems }) => ({ path, certPem: pems.certPem }))));
    }
    if (errors.length === 0) errors.push(...(await tryAll(all, args, plan)));
    if (errors.length > 0) throw new pulumi.ResourceError(errors.join("\n"), cluster, true);
    return all;
  });
  const of = (wanted: CaWithPems): ReadonlyMap<number, GivenCa> =>
    new Map(
      given.flatMap(({ ca, generation }, index) => {
        if (ca !== wanted) return [];
        const part = (name: keyof CaPems): pulumi.Output<string> =>
          accepted.apply((all) => all[index]?.pems[name] ?? "");
        const certPem = pulumi.unsecret(part("certPem"));
        return [
          [
            Number(generation),
            { certPem, keyPem: part("keyPem").apply(normalKey), notAfter: certPem.apply(firstEnd) },
          ] as const,
        ];
      }),
    );
  return { cluster: of("clusterCa"), driver: of("driverCa"), client: new Map() };
}

interface KnownCa {
  readonly path: string;
  readonly ca: CaWithPems;
  readonly generation: string;
  readonly pems: { readonly certPem: string; readonly keyPem: string };
}

/** Of each that is to sign from now on. */
async function tryAll(
  all: readonly KnownCa[],
  args: RethinkdbClusterArgs,
  plan: ClusterPlan,
): Promise<readonly string[]> {
  const refusals = all
    .filter(({ ca, generation }) => signsFromNowOn(args, ca, generation))
    .map(async ({ ca, path, pems }) => {
      const commonName = plan.servers[0]?.container ?? plan.clusterName;
      const why = await tryCa({
        ...{ certPem: pems.certPem, keyPem: normalKey(pems.keyPem) },
        ...{ commonName, sans: plannedSans(plan, ca) },
      });
      return why === undefined ? [] : [`${path}.certPem: clients would refuse what it signs: ${why}`];
    });
  return (await Promise.all(refusals)).flat();
}

function plannedSans({ servers, webUi }: ClusterPlan, ca: CaWithPems): SanPlan {
  const isDriver = ca === "driverCa";
  const all = [
    ...servers.map(({ clusterSans, driverSans }) => (isDriver ? driverSans : clusterSans)),
    ...(webUi === null ? [] : [isDriver ? webUi.sans : webUi.peerSans]),
  ];
  const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];
  return {
    dnsNames: unique(all.flatMap(({ dnsNames }) => dnsNames)),
    ipAddresses: unique(all.flatMap(({ ipAddresses }) => ipAddresses)),
  };
}

/** A config of two keys may have lost one of them, which is said elsewhere. */
function trusted(args: RethinkdbClusterArgs, ca: CaWithPems): readonly number[] {
  return (args[ca] as Partial<CaArgs> | undefined)?.trust ?? FIRST_CA.trust;
}

/** What is left of a rotation may end: it is trusted no more, and can never come back. */
function isRetired(args: RethinkdbClusterArgs, ca: CaWithPems, generation: string): boolean {
  return Number(generation) < Math.min(...trusted(args, ca));
}

/** Names of the keys by arg and generation: another key under the same generation would be no rotation. */
export function keyIdsOf(own: OwnCas): pulumi.Output<FleetRequest["ownCas"]> {
  const ids = (cas: ReadonlyMap<number, GivenCa>): pulumi.Output<Readonly<Record<string, string>>> =>
    pulumi.output(
      Object.fromEntries(
        [...cas].map(([generation, { certPem }]) => [generation, certPem.apply((pem) => readOwnCa(pem).keyId)]),
      ),
    );
  return pulumi
    .all([ids(own.cluster), ids(own.driver)])
    .apply(([clusterCa, driverCa]): FleetRequest["ownCas"] => ({ clusterCa, driverCa }));
}

function check(
  path: string,
  pems: { certPem: string; keyPem: string },
  args: RethinkdbClusterArgs,
  ca: CaWithPems,
  generation: string,
): ReturnType<typeof checkOwnCa> {
  const validity = signsFromNowOn(args, ca, generation) ? (args.certValidityDays ?? DEFAULTS.certValidityDays) : null;
  const purpose = ca === "clusterCa" ? "cluster" : "driver";
  return checkOwnCa(path, purpose, pems, validity, (validTo) => (Date.parse(validTo) - Date.now()) / DAY_MS);
}

/** During a rotation an end must not keep the way out of it closed; the one that is led to has to last. */
function signsFromNowOn(args: RethinkdbClusterArgs, ca: CaWithPems, generation: string): boolean {
  return Number(generation) === Math.max(...trusted(args, ca));
}

/** A chain ends when the first of its certificates does. */
function firstEnd(certPem: string): string {
  const ends = splitPems(certPem).map((pem) => Date.parse(new X509Certificate(pem).validTo));
  return new Date(Math.min(...ends)).toISOString();
}
