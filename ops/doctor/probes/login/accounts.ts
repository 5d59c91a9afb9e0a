/** Users and rights beyond the stack's. */
import { isRethinkDBError, r, RethinkDBErrorType } from "rethinkdb-ts";
import { OPERATOR_USER, SYSTEM_DB } from "../../../../args/constants";
import { compareAccounts, describeChanges, type LivePermission } from "../../../../core/decide/accountChanges";
import { beyondOperator, likeAdmin, rightsText } from "../../../../core/decide/audit/rights";
import { readAccounts } from "../../../programs/accounts";
import { ask } from "../../../cluster/session";
import { found, held, needless, type Probe, tryEach, UP } from "../../probe";
import { describe } from "../../../lib/failure";
import { access, NotTried, type Scene } from "../../scene/scene";

interface Live {
  readonly accounts: Awaited<ReturnType<typeof readAccounts>>;
  readonly permissions: readonly LivePermission[];
}

async function live(scene: Scene): Promise<Live> {
  return scene.once("accounts", () =>
    scene.asAdmin(async (connection) => {
      const accounts = await readAccounts(connection);
      return { accounts, permissions: accounts.permissions };
    }),
  );
}

export const ACCOUNTS_BEYOND: Probe = {
  id: "accounts-beyond",
  line: "account-rights",
  tried: "compared the users of the cluster with those of the stack",
  run: async (scene) =>
    tryEach(
      [scene.declared],
      () => "the cluster",
      async ({ accounts, managedBefore }) => {
        const { accounts: now, permissions } = await live(scene);
        const plan = { databases: accounts?.databases ?? [], users: accounts?.users ?? [] };
        const { unmanaged } = compareAccounts(plan, now, managedBefore);
        if (unmanaged.length === 0) return held("the cluster", `its users are ${now.users.join(", ")}`);
        return unmanaged.map((name) => {
          const own = permissions.filter(({ id }) => id[0] === name);
          const isAdmin = likeAdmin(own);
          const rights = own.length === 0 ? "no rights" : rightsText(own);
          return found(
            `user ${name}`,
            isAdmin ? "critical" : "medium",
            `the stack does not declare this user, who has ${rights}${isAdmin ? ", which equals admin" : ""}`,
            "declare it under users, or delete it: docs/access.md#accounts-as-code",
          );
        });
      },
    ),
};

export const RIGHTS_BEYOND: Probe = {
  id: "rights-beyond",
  line: "account-rights",
  tried: "compared the rights, databases and passwords of the stack's users with the declared ones",
  run: async (scene) =>
    tryEach(
      [scene.declared],
      () => "the cluster",
      async ({ accounts, managedBefore }) => {
        const declared = { databases: accounts?.databases ?? [], users: accounts?.users ?? [] };
        if (declared.databases.length + declared.users.length + managedBefore.length === 0) {
          return needless("the cluster", "the stack declares no databases and users");
        }
        const { accounts: now } = await live(scene);
        const changes = compareAccounts(declared, now, managedBefore);
        const more = new Set([...changes.revocations, ...changes.grants].map(({ user }) => user));
        const lines = [...describeChanges(changes), ...(await otherPasswords(scene, changes.newUsers))];
        if (lines.length === 0) return held("the cluster", "they are as declared");
        return lines.map((line) => {
          const user = [...more].find((name) => line.includes(`"${name}"`));
          return found(
            user === undefined ? "the cluster" : `user ${user}`,
            user === undefined ? "medium" : "high",
            line,
            UP,
          );
        });
      },
    ),
};

/** @param missing users that are not there. */
async function otherPasswords(scene: Scene, missing: readonly string[]): Promise<readonly string[]> {
  const { accounts, operator, servers } = scene.declared;
  const [server] = servers;
  if (accounts === null || server === undefined) return [];
  const users = accounts.users.map(({ name }) => name).filter((name) => !missing.includes(name));
  const lines = users.map(async (user) => {
    const answer = await scene.logIn(server, { ...access(operator), user, password: accounts.passwords[user] ?? "" });
    return answer === "accepted" ? [] : [`user "${user}" has another password`];
  });
  return (await Promise.all(lines)).flat();
}

export const OPERATOR_RIGHTS_PROBE: Probe = {
  id: "operator-rights",
  line: "account-rights",
  tried: `compared the rights of ${OPERATOR_USER}, the account of the programs, with the least that they need`,
  run: async (scene) =>
    tryEach(
      [scene.declared],
      () => `user ${OPERATOR_USER}`,
      async ({ operatorRights }) => {
        const { permissions } = await live(scene);
        const own = permissions.filter(({ id }) => id[0] === OPERATOR_USER);
        const beyond = beyondOperator(own, operatorRights);
        return beyond.length === 0
          ? held(`user ${OPERATOR_USER}`, rightsText(own))
          : found(
              `user ${OPERATOR_USER}`,
              "high",
              `it also has ${beyond.join("; ")}`,
              "take it back with r.grant as admin: null takes a right away",
            );
      },
    ),
};

/** The server itself refuses, in its own words. */
export function isPermission(error: unknown): boolean {
  return (
    isRethinkDBError(error) && (error.type === RethinkDBErrorType.PERMISSION_ERROR || /permission/i.test(error.message))
  );
}

export const SYSTEM_TABLES: Probe = {
  id: "operator-tries",
  line: "account-rights",
  tried: `read the table of users as ${OPERATOR_USER}`,
  run: async (scene) => {
    const { password, driverCa, client } = scene.declared.operator;
    const login = { driverCa, client, user: OPERATOR_USER, password };
    return tryEach(
      scene.declared.servers.slice(0, 1),
      ({ name }) => name,
      async (server) =>
        scene.session(server, login, async (connection) => {
          if (connection === null) return needless(server.name, "the operator's password is refused");
          const count = ask(connection, r.db(SYSTEM_DB).table("users").count());
          return count.then(
            () => found(`user ${OPERATOR_USER}`, "high", "it can read accounts", "take it back with r.grant as admin"),
            (error: unknown) => {
              if (isPermission(error)) return held(`user ${OPERATOR_USER}`, "it is refused");
              throw new NotTried(`the query had no answer: ${describe(error).split("\n")[0] ?? ""}`);
            },
          );
        }),
    );
  },
};
