/** `drain`: moves the data off servers that go, after `fleet` found that it can. */
import { list, object, optional, text } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { clusterRef, hostRef, operatorPasswords } from "./parts/shared";

export const DRAIN = defineProgram({
  verb: "drain",
  // Another role would be another resource: it keeps the name of earlier versions.
  command: { of: "cluster", role: "departure", isGuard: true, shows: ["SERVERS"] },
  request: {
    ...clusterRef,
    /** Names of the servers that are wanted. */
    servers: list(text),
    /** What the fleet's judge found: names that go, more may be known to Docker by now; and which of its runs it was. */
    judged: object({
      leaving: list(text),
      run: text,
      /** Hosts of servers that go, which may be declared no more. */
      hosts: optional(list(hostRef)),
    }),
    /** Servers of hosts that are given up. */
    lost: optional(list(text)),
    allow: list(text),
    operator: operatorPasswords,
  },
});
export type DrainRequest = RequestOf<typeof DRAIN>;
