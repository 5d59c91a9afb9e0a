/** What a person types: `npm run <verb> -- …`. */
import { resolve } from "node:path";
import { platformTrouble } from "../core/platform";
import { meant } from "../core/shape";
import { describe, Failure } from "../ops/failure";
import { accounts } from "./accounts";
import { certs } from "./certs";
import { destroy } from "./destroy";
import { doctor } from "./doctor";
import { helpOf, helpOfAll } from "./options";
import { pin } from "./pin";
import { place } from "./place";
import { plan } from "./plan";
import { policy } from "./policy";
import { pulumi } from "./pulumi";
import { renew } from "./renew";
import { review } from "./review";
import { rotateCa } from "./rotateCa";
import { rotateOperator } from "./rotateOperator";
import { shell } from "./shell";
import { tunnel } from "./tunnel";
import { ui } from "./ui";
import { up } from "./up";
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
