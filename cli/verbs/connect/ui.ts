/** `npx pulumi-rethinkdb ui`: where the web UI is; leads there when it is not published. */
import { endpoint } from "../../../args/values/addresses";
import { UI_PORT } from "../../../core/render/webUi";
import { Failure } from "../../../ops/lib/failure";
import { ownEngine } from "../../../ops/cluster/hosts";
import { toContainer, Tunnel, TUNNEL_ADDRESS } from "../../../ops/connect/tunnel";
import { readLiveCluster } from "../../stack/liveCluster";
import { parseOptions, wholeNumber } from "../../options";
import { untilStopped } from "./untilStopped";
import { CLUSTER_OPTIONS, type Verb } from "../../verb";

export const verb: Verb = {
  name: "ui",
  does: "Says where the web UI is, and leads there when it is not published.",
  options: { "--port": ["N", "the local port when it is not published"], ...CLUSTER_OPTIONS },
  examples: ["npx pulumi-rethinkdb ui"],
  run: ui,
};

export async function ui(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const text = options.get("--port");
  const port = text === undefined ? 0 : wholeNumber("--port", text, 1, 65535);
  const { webUi } = await readLiveCluster(project, options);
  if (webUi === undefined) {
    throw new Failure(
      "this cluster has no web UI: pulumi config set --path webUi.enabled true, " +
        "pulumi config set --secret webUiPassword, then up",
    );
  }
  const { publish, user, container } = webUi;
  const stack = options.get("--stack");
  if (publish !== null) {
    console.log(describeUi(`https://${endpoint(publish.address, publish.port)}/`, user, stack));
    return 0;
  }
  const say = (line: string): void => {
    console.log(line);
  };
  const tunnel = await Tunnel.start({ port, say, open: toContainer(ownEngine(webUi), container, UI_PORT) });
  console.log(describeUi(`https://${endpoint(TUNNEL_ADDRESS, tunnel.port)}/`, user, stack));
  console.log("Ctrl-C closes the way there.");
  await untilStopped();
  await tunnel.close();
  return 0;
}

/** @param stack name of a stack; the local one when undefined. */
export function describeUi(url: string, user: string, stack: string | undefined): string {
  const pulumi = stack === undefined ? "npm run pulumi --" : "pulumi";
  const option = stack === undefined ? "" : ` --stack ${stack}`;
  const ca = stack === undefined ? ".state/driver-ca.pem" : `pulumi stack output driverCaPem${option}`;
  return [
    `The web UI is at ${url}, user ${user}.`,
    `Its password: ${pulumi} config get webUiPassword${option}`,
    `Its certificate is of the driver CA (${ca}): import that into the browser, or compare before you trust it.`,
  ].join("\n");
}
