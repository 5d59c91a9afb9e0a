/** `uiPrune`: removes old files of the web UI after its containers were made. */
import { list, text } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { clusterRef } from "./parts/shared";

export const UI_PRUNE = defineProgram({
  verb: "uiPrune",
  command: null,
  request: {
    ...clusterRef,
    container: text,
    peerContainer: text,
    peerVolume: text,
    volume: text,
    /** Names of folders that a container is about to be made with. */
    keep: list(text),
  },
});
export type UiPruneRequest = RequestOf<typeof UI_PRUNE>;
