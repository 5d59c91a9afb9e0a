/** `accounts`: makes databases, users and grants what the args say. */
import { flag, list, map, nullable, object, secret, text } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { clusterRef, driverAccess } from "./parts/shared";

const right = nullable(flag);

const user = object({
  name: text,
  grants: list(
    object({
      db: nullable(text),
      table: nullable(text),
      rights: object({ read: right, write: right, connect: right, config: right }),
    }),
  ),
});

export const ACCOUNTS = defineProgram({
  verb: "accounts",
  command: { of: "cluster", role: "accounts", isGuard: false, shows: ["DATABASES", "USER_"] },
  request: {
    ...clusterRef,
    ...driverAccess,
    adminPassword: secret,
    databases: list(text),
    users: list(user),
    passwords: map(secret),
  },
});
export type AccountsRequest = RequestOf<typeof ACCOUNTS>;

/** All of them, for who reads a request in a state. */
export const ACCOUNT_FIELDS = Object.keys(ACCOUNTS.request) as readonly (keyof AccountsRequest)[];
