/** `unreachable`: says which hosts do not answer; asked at every run of a cluster on several hosts. */
import { list, object, text } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { clusterRef, operatorPasswords } from "./parts/shared";

export const UNREACHABLE = defineProgram({
  verb: "unreachable",
  command: null,
  request: { ...clusterRef, servers: list(object({ name: text, host: text })), operator: operatorPasswords },
});
export type UnreachableRequest = RequestOf<typeof UNREACHABLE>;
