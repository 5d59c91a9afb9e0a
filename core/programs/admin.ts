/** `admin`: sets the password of `admin`, and makes the account that the programs use. */
import { flag, list, number, object, optional, secret, text } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { clusterRef, operatorLogin } from "./parts/shared";

export const ADMIN = defineProgram({
  verb: "admin",
  command: { of: "cluster", role: "admin", isGuard: true, shows: [] },
  request: {
    ...clusterRef,
    network: text,
    uid: number,
    adminPassword: secret,
    operator: operatorLogin,
    operatorRights: list(object({ table: text, rights: object({ read: optional(flag), write: optional(flag) }) })),
    /** Of the operator's password. */
    operatorGeneration: number,
    /** Of the first server: with its data gone, a single server has no accounts either. */
    incarnation: number,
  },
});
export type AdminRequest = RequestOf<typeof ADMIN>;
