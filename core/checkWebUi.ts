/** Finds what is wrong with the web UI's args. */
import { isAddress, isEveryAddress } from "./addresses";
import type { RethinkdbClusterArgs } from "./args";
import { DEFAULTS, WEB_UI_DEFAULTS } from "./defaults";
import { exposureOf } from "./exposure";
import { checkPassword } from "./password";

type WholeCheck = (name: string, value: number, low: number, high: number) => boolean;

export function checkWebUi(args: RethinkdbClusterArgs, errors: string[], warnings: string[], whole: WholeCheck): void {
  if (args.webUi === undefined || !args.webUi.enabled) return;
  const { publish, port, user, image } = { ...WEB_UI_DEFAULTS, ...args.webUi };
  if (publish !== "none" && !isAddress(publish)) {
    errors.push(`webUi.publish: "${publish}" is neither "none" nor an IP address of the host`);
  } else if (isEveryAddress(publish)) {
    errors.push(
      `webUi.publish: "${publish}" publishes the web UI, which is admin, on every address of the host; name one address`,
    );
  } else if (publish !== "none" && exposureOf(publish) === "public" && !(args.allow ?? []).includes("public-web-ui")) {
    errors.push(
      `webUi.publish: "${publish}" is a public address, and the web UI is admin; use a private one, ` +
        `or "none" and npm run ui, or add "public-web-ui" to allow`,
    );
  }
  if (whole("webUi.port", port, 1, 65535) && publish !== "none") {
    const first = args.driverPort ?? DEFAULTS.driverPort;
    const last = first + (args.nodes ?? DEFAULTS.nodes) - 1;
    if (publish === (args.driverPublish ?? DEFAULTS.driverPublish) && port >= first && port <= last) {
      errors.push(`webUi.port: ${String(port)} is the driver port of n${String(port - first)}; choose another one`);
    }
  }
  if (!/^[A-Za-z0-9._-]+$/.test(user)) {
    errors.push(`webUi.user: "${user}" cannot be sent to the web UI; use letters, digits, ".", "_" and "-"`);
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9./:@_-]*$/.test(image)) {
    errors.push(`webUi.image: "${image}" is not an image name; write it as ${WEB_UI_DEFAULTS.image}`);
  }
  if (args.webUiPassword === undefined) {
    errors.push("webUiPassword: is missing; set one, for example with: pulumi config set --secret webUiPassword");
  } else if (typeof args.webUiPassword === "string") {
    const found = checkUiPassword(args.webUiPassword);
    if (found.error !== undefined) errors.push(found.error);
    if (found.warning !== undefined) warnings.push(found.warning);
  }
}

/** bcrypt looks at 72 bytes and no further. */
export function checkUiPassword(value: string): { readonly error?: string; readonly warning?: string } {
  if (value.length > 72) return { error: `webUiPassword: has ${String(value.length)} characters; use 72 or fewer` };
  return checkPassword("webUiPassword", value);
}
