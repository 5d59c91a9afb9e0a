/** `uiPrepare`: installs what the two containers of the web UI run with. */
import { list, map, nullable, number, secret, text } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { clusterRef, publish, sans } from "./parts/shared";

export const UI_PREPARE = defineProgram({
  verb: "uiPrepare",
  command: { of: "webUi", role: "ui-prepare", isGuard: false, shows: ["USER", "PASSWORD_MARK"] },
  request: {
    ...clusterRef,
    uid: number,
    uiImage: text,
    /** Of nginx, and where it is published: for who wants to get there. */
    container: text,
    publish: nullable(publish),
    peerVolume: text,
    volume: text,
    socketVolume: text,
    peerFingerprint: text,
    fingerprint: text,
    peerFiles: map(secret),
    key: secret,
    certificate: text,
    sans,
    peers: list(text),
    user: text,
    password: secret,
    /** Secret of the stack from which salt and session are derived. */
    seed: secret,
  },
});
export type UiPrepareRequest = RequestOf<typeof UI_PREPARE>;
