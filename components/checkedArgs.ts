/** Args that are taken: everything wrong with them is thrown before any child exists, or as soon as it is known. */
import * as pulumi from "@pulumi/pulumi";
import type { RethinkdbClusterArgs } from "../args/args";
import { ARGS, fillArgs, shapeOfArg } from "../args/shape/schema";
import { checkArgs } from "../args/check";
import { checkUserPasswords, plainPasswords } from "../args/accounts";
import { checkBackupPassword } from "../args/backups";
import { checkUiPassword } from "../args/webUi";
import { type Findings, Report } from "../args/report";
import { OVERRIDES } from "../args/overrides";
import { checkPassword } from "../args/values/password";
import { readShape } from "../args/shape/shape";
import { type ClusterPlan, planCluster, publishersOf } from "../core/plan/cluster";
import { portClashes } from "../core/plan/ports";
import { platformTrouble } from "../core/decide/platform";
import { strangePrograms } from "./program";
import { checkPlainCas } from "./pki/ownCas";

/** The args with text where text is meant. What is wrong with them is said by `acceptArgs`. */
export function normalArgs(args: RethinkdbClusterArgs): RethinkdbClusterArgs {
  return readShape(ARGS, args).value;
}

/** Throws everything that is wrong with the args at once; says aloud what is allowed but risky. */
export function acceptArgs(args: RethinkdbClusterArgs, cluster: pulumi.Resource): ClusterPlan {
  const { warnings, ...found } = judgeArgs(args);
  const errors = [...checkProvider(cluster), ...found.errors];
  if (errors.length > 0) throw new pulumi.ResourceError(errors.join("\n"), cluster, true);
  for (const warning of warnings) void pulumi.log.warn(warning, cluster);
  const plan = planCluster(args);
  const clashes = portClashes(publishersOf(plan));
  if (clashes.length > 0) throw new pulumi.ResourceError(clashes.join("\n"), cluster, true);
  for (const name of plan.allow) void pulumi.log.warn(`allow: "${name}" ${OVERRIDES[name]}`, cluster);
  return plan;
}

/** Every engine has a provider of the cluster's own, which the programs of the deployment can follow. */
function checkProvider(cluster: pulumi.Resource): readonly string[] {
  if (cluster.getProvider("docker:index/container:Container") === undefined) return [];
  return [
    "providers: a docker provider is given, for the cluster or for its parent, and the cluster does not use it; " +
      "take it out and say dockerHost or hosts instead",
  ];
}

/** What is wrong with args, as far as their values are known, and with the machine. */
export function judgeArgs(args: RethinkdbClusterArgs): Findings {
  const trouble = platformTrouble(process.platform);
  if (trouble !== undefined) return { errors: [trouble], warnings: [] };
  const found = [{ errors: checkPrograms(), warnings: [] }, checkArgs(args), checkPlainCas(args)];
  return {
    errors: found.flatMap(({ errors }) => errors),
    warnings: found.flatMap(({ warnings }) => warnings),
  };
}

/** Only an engine runs them. */
function checkPrograms(): readonly string[] {
  const trouble = pulumi.runtime.getEngine() === undefined ? undefined : strangePrograms();
  return trouble === undefined ? [] : [trouble];
}

/** A password that is an Output can be checked only here; a plain one was checked with the other args. */
export function acceptPassword(password: pulumi.Input<string>, cluster: pulumi.Resource): pulumi.Output<string> {
  return pulumi.secret(password).apply((value) => {
    const { error, warning } = checkPassword("adminPassword", value);
    if (error !== undefined) throw new pulumi.ResourceError(error, cluster, true);
    if (warning !== undefined && typeof password !== "string") void pulumi.log.warn(warning, cluster);
    return value;
  });
}

/** As with the admin password: what is an Output is checked here, a plain map was checked with the other args. */
export function acceptUserPasswords(
  args: RethinkdbClusterArgs,
  cluster: pulumi.Resource,
): pulumi.Output<Readonly<Record<string, string>>> {
  return pulumi.secret(args.userPasswords ?? {}).apply((given) => {
    const { value: passwords, wrong } = readShape(shapeOfArg("userPasswords"), given, "userPasswords");
    const report = new Report();
    if (wrong.length === 0) checkUserPasswords(args.users ?? [], passwords, report);
    const errors = [...wrong, ...report.errors];
    if (errors.length > 0) throw new pulumi.ResourceError(errors.join("\n"), cluster, true);
    if (plainPasswords(args.userPasswords) === undefined) {
      for (const warning of report.warnings) void pulumi.log.warn(warning, cluster);
    }
    return passwords;
  });
}

export function acceptUiPassword(args: RethinkdbClusterArgs, cluster: pulumi.Resource): pulumi.Output<string> {
  return pulumi.secret(args.webUiPassword ?? "").apply((value) => {
    const { error } = args.webUi?.enabled === true ? checkUiPassword(value) : {};
    if (error !== undefined) throw new pulumi.ResourceError(error, cluster, true);
    return value;
  });
}

/** @returns the password of the account for backups, by its name; empty where there are no backups. */
export function acceptBackupPassword(
  args: RethinkdbClusterArgs,
  cluster: pulumi.Resource,
): pulumi.Output<Readonly<Record<string, string>>> {
  const { enabled, user } = fillArgs(args).backups;
  return pulumi.secret(args.backupPassword ?? "").apply((value) => {
    if (!enabled) return {};
    const { error } = checkBackupPassword(value);
    if (error !== undefined) throw new pulumi.ResourceError(error, cluster, true);
    return { [user]: value };
  });
}
