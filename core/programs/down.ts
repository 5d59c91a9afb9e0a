/** `down`: names the servers that are down, which a run repairs first. */
import { list, nullable, optional, text } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { hostRef } from "./parts/shared";

export const DOWN = defineProgram({
  verb: "down",
  command: null,
  request: { identity: text, dockerHost: nullable(text), hosts: optional(list(hostRef)) },
});
export type DownRequest = RequestOf<typeof DOWN>;
