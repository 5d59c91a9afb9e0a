/** `member`: waits until a server is a full member. `leave`: runs before its membership ends. */
import { list, number, text } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { clusterRef, operatorLogin } from "./parts/shared";

export const MEMBER = defineProgram({
  verb: "member",
  command: { of: "server", role: "member", isGuard: true, shows: ["CONTAINER", "PERMIT"] },
  request: {
    ...clusterRef,
    server: text,
    container: text,
    tlsVolume: text,
    fingerprint: text,
    incarnation: number,
    /** Servers that were missing before this one was stopped. */
    missing: list(text),
    operator: operatorLogin,
  },
});
export type MemberRequest = RequestOf<typeof MEMBER>;

/** Of what a member was last asked, which is all that a delete sees. */
export const LEAVE = defineProgram({
  verb: "leave",
  command: null,
  request: { ...clusterRef, server: text, tlsVolume: text, operator: operatorLogin },
});
export type LeaveRequest = RequestOf<typeof LEAVE>;
