/** What a person types: `npm run <verb> -- …`. */
import { resolve } from "node:path";
import { describe, Failure } from "../ops/failure";
import { accounts } from "./accounts";
import { certs } from "./certs";
import { destroy } from "./destroy";
import { doctor } from "./doctor";
import { pin } from "./pin";
import { place } from "./place";
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

type Verb = (project: string, argv: readonly string[]) => Promise<number>;

const VERBS: Readonly<Record<string, Verb>> = {
  place,
  ...{ up, destroy, pulumi, pin, doctor, accounts, tunnel, shell, ui },
  ...{ review, policy },
  ...{ certs, renew, "rotate-ca": rotateCa, "rotate-operator": rotateOperator },
};

/** This file runs as `dist/cli/main.js`. */
const PROJECT = resolve(__dirname, "..", "..");

async function main(): Promise<number> {
  const [name = "", ...argv] = process.argv.slice(2);
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) throw new Failure(`"${name}" is not one of ${Object.keys(VERBS).join(", ")}`);
  return verb(PROJECT, argv);
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
