/** What a person types: `npm run <verb> -- …`. */
import { resolve } from "node:path";
import { platformTrouble } from "../core/decide/platform";
import { meant } from "../args/shape/shape";
import { describe, Failure } from "../ops/lib/failure";
import { accounts } from "./verbs/look/accounts";
import { certs } from "./verbs/look/certs";
import { destroy } from "./verbs/destroy";
import { doctor } from "./verbs/look/doctor";
import { helpOf, helpOfAll } from "./options";
import { pin } from "./verbs/pin";
import { place } from "./verbs/place";
import { plan } from "./verbs/look/plan";
import { policy } from "./verbs/look/policy";
import { pulumi } from "./verbs/pulumi";
import { renew } from "./verbs/rotate/renew";
import { review } from "./verbs/look/review";
import { rotateCa } from "./verbs/rotate/rotateCa";
import { rotateOperator } from "./verbs/rotate/rotateOperator";
import { shell } from "./verbs/connect/shell";
import { tunnel } from "./verbs/connect/tunnel";
import { ui } from "./verbs/connect/ui";
import { up } from "./verbs/up";
import { isVerb, type VerbName, VERBS } from "./verbs";

type Verb = (project: string, argv: readonly string[]) => Promise<number>;

const RUN: Readonly<Record<VerbName, Verb>> = {
  place,
  ...{ up, destroy, pulumi, pin, doctor, accounts, tunnel, shell, ui },
  ...{ plan, review, policy },
  ...{ certs, renew, "rotate-ca": rotateCa, "rotate-operator": rotateOperator },
};

/** This file runs as `dist/cli/main.js`. */
const PROJECT = resolve(__dirname, "..", "..");

async function main(): Promise<number> {
  const [name = "help", ...argv] = process.argv.slice(2);
  if (["help", "--help", "-h"].includes(name)) return show(helpOfAll());
  if (!isVerb(name)) throw new Failure(`"${name}" is no verb; ${meant(name, Object.keys(VERBS))}`);
  // Everything behind pulumi is pulumi's.
  const asksForHelp = name === "pulumi" ? argv.length === 0 : argv.some((word) => ["--help", "-h"].includes(word));
  if (asksForHelp) return show(helpOf(name));
  const trouble = platformTrouble(process.platform);
  if (trouble !== undefined) throw new Failure(trouble);
  return RUN[name](PROJECT, argv);
}

function show(text: string): number {
  console.log(text);
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`${error instanceof Failure ? "" : "unexpected: "}${describe(error)}`);
    process.exitCode = 1;
  },
);
