/** The web UI is admin: only nginx leads to it, and nginx asks for TLS and a password. */
import { exposureOf } from "../../../args/values/exposure";
import { hasUnknown, isUnknown, list, record, text } from "../../../core/render/previewValues";
import {
  CERTIFICATE,
  COMMAND,
  CONTAINER,
  isProxy,
  isWebUi,
  mounts,
  onlyOnLoopback,
  ports,
  rethinkdb,
} from "../reading";
import { perResource, type PolicyResource, type Rule } from "../rule";

export const uiProxyHttpOnLoopback: Rule = {
  name: "ui-proxy-http-on-loopback",
  description: "A proxy serves its http port to its own loopback alone: it asks for no password.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    const argv = rethinkdb(resource);
    if (argv === undefined || argv === "unknown" || argv.subcommand !== "proxy") return undefined;
    return argv.options.has("no-http-admin") || onlyOnLoopback(argv, "http")
      ? undefined
      : `${resource.name}: the http port of the proxy is bound to more than loopback, and it is admin without a password. Write --bind-http 127.0.0.1.`;
  }),
};

export const uiProxyNotPublished: Rule = {
  name: "ui-proxy-not-published",
  description: "A proxy publishes no port: nginx reaches it by a socket.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) =>
    isProxy(resource) && (ports(resource.inputs).length > 0 || resource.inputs["publishAllPorts"] === true)
      ? `${resource.name}: the proxy of the web UI publishes a port, past nginx and its password. Take ports and publishAllPorts out.`
      : undefined,
  ),
};

export const uiNotOnEveryAddress: Rule = {
  name: "ui-not-on-every-address",
  description: "The web UI is published on one named address, never on all of them.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    const wide = ports(resource.inputs).some(({ ip }) => !isUnknown(ip) && exposureOf(text(ip)) === "every");
    return isWebUi(resource) && (wide || resource.inputs["publishAllPorts"] === true)
      ? `${resource.name}: the web UI, which is admin, is published on every address of the host, past its firewall. Name one address in webUi.publish.`
      : undefined;
  }),
};

export const uiBehindTlsAndPassword: Rule = {
  name: "ui-behind-tls-and-password",
  description: "nginx of the web UI runs the configuration that asks for TLS and a password, with a certificate.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource, { resources }) => {
    if (!isWebUi(resource)) return undefined;
    const problems: string[] = [];
    if (!runsPrepared(resource)) {
      problems.push(
        `${resource.name}: nginx runs another configuration than the prepared one, which asks for TLS and a password. Leave its entrypoints and command to RethinkdbCluster.`,
      );
    }
    const prepare = resources.find(({ type, name }) => type === COMMAND && name === `${resource.name}-prepare`);
    if (!asksForPassword(prepare)) {
      problems.push(
        `${resource.name}: the web UI has no password, and anyone who gets in is admin. Set webUiPassword.`,
      );
    }
    const certificate = `${resource.name}-driver-certificate`;
    if (!resources.some(({ type, name }) => type === CERTIFICATE && name === certificate)) {
      problems.push(
        `${resource.name}: no certificate of the driver CA is made for it, so browsers cannot verify it. Declare the web UI through RethinkdbCluster.`,
      );
    }
    return problems;
  }),
};

function runsPrepared({ inputs }: PolicyResource): boolean {
  const [entry, command] = [inputs["entrypoints"], inputs["command"]];
  if (hasUnknown(entry) || hasUnknown(command)) return true;
  const words = list(command).map(text);
  const [, , , file = "", , directives] = words;
  const around = [...words.slice(0, 3), "FILE", ...words.slice(4)].join(" ");
  return (
    list(entry).map(text).join(" ") === "nginx" &&
    /^\/tls\/[0-9a-f]{16}\/nginx\.conf$/.test(file) &&
    around === "-e stderr -c FILE -g daemon off;" &&
    directives === "daemon off;"
  );
}

function asksForPassword(prepare: PolicyResource | undefined): boolean {
  if (prepare === undefined) return false;
  const shown = prepare.inputs["environment"];
  const mark = record(shown)["PASSWORD_MARK"];
  return isUnknown(shown) || isUnknown(mark) || text(mark) !== "";
}

export const uiSocketOfTwo: Rule = {
  name: "ui-socket-of-two",
  description: "The socket that leads to the proxy is mounted by the proxy and by nginx alone.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource, { resources }) => {
    const proxies = resources.filter((other) => other.type === CONTAINER && isProxy(other));
    if (isWebUi(resource) || proxies.includes(resource)) return undefined;
    const sockets = proxies.flatMap((proxy) =>
      mounts(proxy.inputs)
        .filter(({ containerPath }) => containerPath === "/socket")
        .map(({ volumeName }) => text(volumeName)),
    );
    return mounts(resource.inputs).some(({ volumeName }) => sockets.includes(text(volumeName)))
      ? `${resource.name}: it mounts the socket of the web UI, and anyone who reaches that is admin without a password. Take the volume out.`
      : undefined;
  }),
};
