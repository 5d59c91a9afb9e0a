import type { Change } from "../change";
import { accountChanges } from "./accounts";
import { certificates } from "./certificates";
import { binds, http, passwords, tls } from "./commandLine";
import { hardening, image, limits, mounts } from "./containers";
import { foreign, order, overrides, surroundings, volumes } from "./lives";
import { nothing } from "./nothing";
import { ports } from "./ports";
import { webUi } from "./webUi";

/** By family of facts. */
export const CORPUS: Readonly<Record<string, readonly Change[]>> = {
  ...{ ports, binds, http, tls, certificates, passwords, image, hardening, mounts, limits, volumes, order, overrides },
  ...{ surroundings, foreign, nothing, accounts: accountChanges, webUi },
};
