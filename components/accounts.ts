/** Databases, users and grants: one Command, in whose environment a preview shows every user with all rights. */
import type { local } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { describeUser } from "../core/plan/accounts";
import type { ClusterContext } from "./context";
import { ACCOUNTS } from "../core/programs/accounts";
import { declareProgram } from "./program";

export function declareAccounts(
  context: ClusterContext,
  adminPassword: pulumi.Output<string>,
  passwords: pulumi.Output<Readonly<Record<string, string>>>,
  members: readonly pulumi.Resource[],
): local.Command {
  const { name, parent, cluster, operator } = context;
  const { databases, users } = context.plan.accounts;
  return declareProgram(
    name,
    ACCOUNTS,
    {
      atFirst: true,
      usesLastResult: true,
      request: {
        ...cluster,
        adminPassword,
        driverCa: operator.driverCa,
        client: operator.client,
        databases,
        users,
        passwords,
      },
      shown: {
        DATABASES: databases.join(" "),
        ...Object.fromEntries(users.map((user) => [`USER_${user.name}`, describeUser(user)])),
      },
    },
    { parent, dependsOn: [...members] },
  );
}
