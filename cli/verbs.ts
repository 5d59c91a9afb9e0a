/** What every verb does, in the words of its help: one source for parsing, help and typos. */

export interface VerbText {
  /** One line. */
  readonly does: string;
  /** What stands before the options, such as `cluster|driver|client`. */
  readonly argument?: string;
  /** By name: what stands for the value, empty for none, and what it is for. */
  readonly options: Readonly<Record<string, readonly [value: string, what: string]>>;
  /** Whole command lines. */
  readonly examples: readonly string[];
}

const STACK = { "--stack": ["NAME", "a stack of your own instead of the local one"] } as const;
const VERBOSE = { "--verbose": ["", "every line of Pulumi's; in a terminal its live view has them all"] } as const;
const CLUSTER = { ...STACK, "--cluster": ["NAME", "one of several clusters of the stack"] } as const;

export const VERBS = {
  up: {
    does: "Makes the local stack if it is missing, and brings the cluster to what its config says.",
    options: { "--nodes": ["N", "number of servers; stays in the config"], ...VERBOSE },
    examples: ["npm run up", "npm run up -- --nodes 5"],
  },
  destroy: {
    does: "Removes the local stack's cluster. The data volumes stay.",
    options: { "--volumes": ["", "delete the data volumes too, for ever"] },
    examples: ["npm run destroy", "npm run destroy -- --volumes"],
  },
  plan: {
    does: "Shows what a stack's config makes, without Docker, Pulumi CLI or network.",
    options: {
      "--stack": ["NAME", "the stack of Pulumi.NAME.yaml; the local one by default, else the defaults"],
      "--dir": ["FOLDER", "another project, such as examples/plain"],
      "--html": ["FILE", "write a page with a picture instead"],
      "--mermaid": ["", "print the picture for Markdown instead"],
    },
    examples: ["npm run plan", "npm run plan -- --html plan.html", "npm run plan -- --stack dev --mermaid"],
  },
  doctor: {
    does: "Says whether each cluster of the stack is well, and in words what is not. Exit code 1 when something is not.",
    options: {
      "--health": ["", "the same; what doctor does by itself"],
      "--json": ["", "for programs"],
      ...STACK,
    },
    examples: ["npm run doctor", "npm run doctor -- --stack dev --json"],
  },
  certs: {
    does: "Lists every certificate, when it ends, and what to do. Exit code 1 when there is something to do.",
    options: { "--json": ["", "for programs"], ...STACK },
    examples: ["npm run certs"],
  },
  renew: {
    does: "Issues new certificates now, whatever their age. Servers restart one at a time.",
    options: {
      "--server": ["NAME", "those of one server, such as n1"],
      "--keys": ["", "under new keys"],
      "--ca": ["NAME", "the certificate of a CA: cluster, driver or client; it keeps its key"],
      ...STACK,
      ...VERBOSE,
    },
    examples: ["npm run renew", "npm run renew -- --server n1 --keys", "npm run renew -- --ca driver"],
  },
  "rotate-ca": {
    does: "Replaces a CA in three steps. Each step restarts every server, one at a time. It goes on where it was ended.",
    argument: "cluster|driver|client",
    options: { "--yes": ["", "ask nothing"], ...STACK, ...VERBOSE },
    examples: ["npm run rotate-ca -- cluster", "npm run rotate-ca -- driver --stack dev"],
  },
  "rotate-operator": {
    does: "Gives the account of the deployment's programs another password. Restarts nothing.",
    options: { ...STACK, ...VERBOSE },
    examples: ["npm run rotate-operator"],
  },
  accounts: {
    does: "Shows which databases, users and rights differ from the config, and changes nothing. Exit code 1 when some do.",
    options: CLUSTER,
    examples: ["npm run accounts"],
  },
  tunnel: {
    does: "Opens a local port to the cluster's drivers, until Ctrl-C.",
    options: {
      "--port": ["N", "the local port; 28015 by default, or a free one when that is taken"],
      "--ca": ["FILE", "write the CA there"],
      ...CLUSTER,
    },
    examples: ["npm run tunnel", "npm run tunnel -- --port 28100 --stack dev --ca ca.pem"],
  },
  shell: {
    does: "Opens a ReQL prompt on the cluster.",
    options: { "--user": ["NAME", "log in as this user; admin by default"], ...CLUSTER },
    examples: ["npm run shell", "npm run shell -- --user web"],
  },
  ui: {
    does: "Says where the web UI is, and leads there when it is not published.",
    options: { "--port": ["N", "the local port when it is not published"], ...CLUSTER },
    examples: ["npm run ui"],
  },
  review: {
    does: "Says what a change does to security, before it is applied: docs/review.md.",
    options: {
      "--offline": ["", "run both versions here, without CLI, state, Docker or secrets"],
      "--base": ["REF", "the version to compare with, as git names it"],
      "--base-dir": ["FOLDER", "the same as a folder"],
      "--head-dir": ["FOLDER", "the changed version; this folder by default"],
      "--write-head": ["FILE", "keep what the changed version declares"],
      "--head-file": ["FILE", "judge what was kept so"],
      "--preview": ["FILE", "judge a preview: pulumi preview --json --show-sames"],
      "--stack": ["NAME", "one stack"],
      "--format": ["FORMATS", "terminal, markdown, json, sarif, with :FILE each, separated by commas"],
      "--docs": ["URL", "what links in Markdown begin with"],
      "--fail-on": [
        "LIST",
        "exit code 1 for weakened, destroyed, disrupted, unknown, changed, strengthened or not-judged",
      ],
      "--accepted": ["FILE", "accepted weakenings"],
      "--expect-only-additions": ["", "exit code 1 for anything but new servers"],
    },
    examples: ["npm run review -- --offline --base main", "npm run review -- --stack dev --fail-on weakened"],
  },
  policy: {
    does: "Judges what the program declares by the rules of the policy pack, without Docker or Pulumi CLI.",
    options: {
      "--stack": ["NAME", "one stack"],
      "--dir": ["FOLDER", "another project"],
      "--config": ["FILE", "levels and numbers of the rules"],
    },
    examples: ["npm run policy"],
  },
  pin: {
    does: "Writes the digest of the configured image into the config, so that its tag cannot be moved.",
    options: STACK,
    examples: ["npm run pin", "npm run pin -- --stack dev"],
  },
  place: {
    does: "Proposes a host for each server that has none, and writes it into the config.",
    options: { ...STACK, "--dry-run": ["", "only print it"] },
    examples: ["npm run place -- --stack dev"],
  },
  pulumi: {
    does: "Runs the Pulumi CLI on the local stack. Its own help: npm run pulumi -- help",
    argument: "...",
    options: {},
    examples: ["npm run pulumi -- config set nodes 5", "npm run pulumi -- preview"],
  },
} as const satisfies Readonly<Record<string, VerbText>>;

export type VerbName = keyof typeof VERBS;

export function isVerb(name: string): name is VerbName {
  return Object.hasOwn(VERBS, name);
}
