/** `leftover`: clears what a killed run left under the name of an object that is about to be made. */
import { list, nullable, oneOf, optional, text } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { hostRef } from "./parts/shared";

export const LEFTOVER = defineProgram({
  verb: "leftover",
  command: null,
  request: {
    kind: oneOf("container", "network"),
    name: text,
    identity: text,
    dockerHost: nullable(text),
    hosts: optional(list(hostRef)),
  },
});
export type LeftoverRequest = RequestOf<typeof LEFTOVER>;
