/** RethinkDB's web UI. */
import type { Input } from "@pulumi/pulumi";
import type { Complete } from "./shape/complete";
import { DEFAULT_UI_IMAGE } from "./constants";
import type { Report, Verdict } from "./report";
import { isAddress, isEveryAddress } from "./values/addresses";
import { exposureOf } from "./values/exposure";
import { checkPassword } from "./values/password";

export interface UiArgs {
  /**
   * RethinkDB's web UI behind TLS and a password: `enabled`, `publish`, `port`, `user`, `image`. Anyone who logs in is
   * admin.
   * @default { enabled: false }
   * @page access.md
   */
  readonly webUi?: WebUiArgs;

  /**
   * Password of the web UI, 1–72 printable ASCII characters. Required when the web UI is enabled. It is a secret in the
   * state.
   * @default - none
   * @secret
   * @config -
   */
  readonly webUiPassword?: Input<string>;
}

/** RethinkDB's web UI. Changing anything of it restarts no server. */
export interface WebUiArgs {
  /** Whether there is one. */
  readonly enabled: boolean;

  /**
   * Address of the host on which it is published, or `none`: then `npx pulumi-rethinkdb ui` leads there. A public one needs
   * `allow: ["public-web-ui"]`, and every address is refused.
   * @default "127.0.0.1"
   */
  readonly publish?: string;

  /**
   * Port on which it is published.
   * @default 8080
   */
  readonly port?: number;

  /**
   * Name to log in with; it has nothing to do with RethinkDB's users.
   * @default "admin"
   */
  readonly user?: string;

  /**
   * Image of nginx, 1.22 or newer, built on Debian.
   * @default "nginx:1.30.6"
   */
  readonly image?: string;
}

interface Around {
  readonly nodes: number;
  readonly driverPublish: string;
  readonly driverPort: number;
  readonly allow: readonly string[];
}

export function checkWebUi(args: Complete<UiArgs> & Around, report: Report): void {
  const { enabled, publish, port, user, image } = args.webUi;
  if (!enabled) return;
  if (publish !== "none" && !isAddress(publish)) {
    report.error(`webUi.publish: "${publish}" is neither "none" nor an IP address of the host`);
  } else if (isEveryAddress(publish)) {
    report.error(
      `webUi.publish: "${publish}" publishes the web UI, which is admin, on every address of the host; name one address`,
    );
  } else if (publish !== "none" && exposureOf(publish) === "public" && !args.allow.includes("public-web-ui")) {
    report.error(
      `webUi.publish: "${publish}" is a public address, and the web UI is admin; use a private one, ` +
        `or "none" and npx pulumi-rethinkdb ui, or add "public-web-ui" to allow`,
    );
  }
  if (report.whole("webUi.port", port, 1, 65535) && publish !== "none") {
    const first = args.driverPort;
    const last = first + args.nodes - 1;
    if (publish === args.driverPublish && port >= first && port <= last) {
      report.error(`webUi.port: ${String(port)} is the driver port of n${String(port - first)}; choose another one`);
    }
  }
  if (!/^[A-Za-z0-9._-]+$/.test(user)) {
    report.error(`webUi.user: "${user}" cannot be sent to the web UI; use letters, digits, ".", "_" and "-"`);
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9./:@_-]*$/.test(image)) {
    report.error(`webUi.image: "${image}" is not an image name; write it as ${DEFAULT_UI_IMAGE}`);
  }
  if (args.webUiPassword === undefined) {
    report.error("webUiPassword: is missing; set one, for example with: pulumi config set --secret webUiPassword");
  } else if (typeof args.webUiPassword === "string") {
    report.take(checkUiPassword(args.webUiPassword));
  }
}

/** bcrypt looks at 72 bytes and no further. */
export function checkUiPassword(value: string): Verdict {
  if (value.length > 72) return { error: `webUiPassword: has ${String(value.length)} characters; use 72 or fewer` };
  return checkPassword("webUiPassword", value);
}
