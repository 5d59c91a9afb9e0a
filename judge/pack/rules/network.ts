/** Who reaches a cluster: published ports, binds, http, the network. */
import { values } from "../../../core/render/argv";
import { exposureOf, exposureRank } from "../../../args/values/exposure";
import { isUnknown, list, record, text } from "../../../core/render/previewValues";
import { CONTAINER, isServer, plain, ports, rethinkdb } from "../reading";
import { perResource, type PolicyResource, type Rule, type Stack } from "../rule";

export const driverPortNotOnEveryAddress: Rule = {
  name: "driver-port-not-on-every-address",
  description: "A driver port is published on one named address, never on all of them.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource, stack) =>
    isServer(resource) &&
    published(resource, 28015).some((ip) => exposureOf(ip) === "every") &&
    !allows(stack, "public-driver")
      ? `${resource.name}: the driver port is published on every address of the host, past its firewall. Name one address in driverPublish, or add "public-driver" to allow.`
      : undefined,
  ),
};

export const clusterPortPrivate: Rule = {
  name: "cluster-port-private",
  description: "The cluster port is published on a private address or not at all: a peer is admin.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    if (rethinkdb(resource) === undefined) return undefined;
    const wide = published(resource, 29015).find((ip) => exposureRank(exposureOf(ip)) > exposureRank("private"));
    return wide === undefined
      ? undefined
      : `${resource.name}: the cluster port is published on ${wide === "" ? "every address" : plain(wide)}, and anyone who joins is admin. Publish it on the host's private address, or not at all.`;
  }),
};

export const webPortNotPublished: Rule = {
  name: "web-port-not-published",
  description: "RethinkDB's own http port is never published: it asks for no password.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) =>
    rethinkdb(resource) !== undefined && published(resource, 8080).length > 0
      ? `${resource.name}: port 8080 of RethinkDB is published, and it is admin without a password. Take it out; people use a tunnel or a proxy that asks for one.`
      : undefined,
  ),
};

export const noHttpAdmin: Rule = {
  name: "no-http-admin",
  description: "Servers run with --no-http-admin: even on loopback r.http leads any user to it.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    const argv = rethinkdb(resource);
    if (argv === undefined || argv === "unknown" || !isServer(resource)) return undefined;
    return argv.options.has("no-http-admin")
      ? undefined
      : `${resource.name}: the web UI of the server is on, and it is admin without a password. Run it with --no-http-admin.`;
  }),
};

export const bindsItsOwnAddress: Rule = {
  name: "binds-its-own-address",
  description: "The cluster and driver ports are bound to the server's own address, not to all.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    const argv = rethinkdb(resource);
    if (argv === undefined || argv === "unknown") return undefined;
    // A proxy that binds all keeps loopback among its canonical addresses, and stands on its cluster's network alone.
    const own = argv.subcommand === "proxy" ? ["driver"] : ["cluster", "driver"];
    return own.flatMap((port) => {
      const named = values(argv, `bind-${port}`);
      const bound = named.length > 0 ? named : values(argv, "bind");
      // Addresses on other networks are Docker's to choose.
      const elsewhere = port === "driver" && list(resource.inputs["networksAdvanced"]).length > 1;
      return !elsewhere && bound.some((address) => !isUnknown(address) && exposureOf(address) === "every")
        ? [
            `${resource.name}: the ${port} port is bound to every address of the container. Name its address with --bind-${port}.`,
          ]
        : [];
    });
  }),
};

export const loopbackIsCanonical: Rule = {
  name: "loopback-is-canonical",
  description: "Loopback is bound and among the canonical addresses of every server (rethinkdb#6880).",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    const argv = rethinkdb(resource);
    if (argv === undefined || argv === "unknown" || !isServer(resource)) return undefined;
    const canonical = values(argv, "canonical-address");
    const missing = canonical.length > 0 && !canonical.some((a) => !isUnknown(a) && exposureOf(a) === "loopback");
    if (argv.options.has("no-default-bind")) {
      return `${resource.name}: loopback is not bound, and the deployment and the health check need it. Take --no-default-bind out.`;
    }
    return missing
      ? `${resource.name}: loopback is not among the canonical addresses, so a stranger on the address of a lost peer ends every other server (rethinkdb#6880). Add --canonical-address 127.0.0.1.`
      : undefined;
  }),
};

export const noJoinInArgv: Rule = {
  name: "no-join-in-argv",
  description: "Peers stand in join.conf, not in argv: a count bump must not restart every server.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    const argv = rethinkdb(resource);
    if (argv === undefined || argv === "unknown" || argv.subcommand === "proxy" || !argv.options.has("join"))
      return undefined;
    return `${resource.name}: peers to join stand on the command line, so every new server restarts this one. Leave them to join.conf.`;
  }),
};

export const ownNetwork: Rule = {
  name: "own-network",
  description: "Servers stand on a network of their cluster, with a fixed address.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    if (!isServer(resource)) return undefined;
    const mode = text(resource.inputs["networkMode"]);
    if (mode === "host" || mode.startsWith("container:")) {
      return `${resource.name}: it shares a network with what is not its cluster. Put it on the cluster's own network.`;
    }
    const networks = list(resource.inputs["networksAdvanced"]).map(record);
    if (networks.length === 0) return `${resource.name}: it stands on no network of its cluster. Name that one.`;
    return text(networks[0]?.["ipv4Address"]) === ""
      ? `${resource.name}: it has no fixed address, so its peers lose it when it comes back with another. Give it ipv4Address.`
      : undefined;
  }),
};

/** Addresses on which one port of a container is published. */
function published({ inputs }: PolicyResource, port: number): readonly string[] {
  if (inputs["publishAllPorts"] === true) return [""];
  return ports(inputs)
    .filter(({ internal, ip }) => internal === port && !isUnknown(ip))
    .map(({ ip }) => text(ip));
}

/** Overrides are shown by the fleet's judge. */
function allows({ resources }: Stack, override: string): boolean {
  return resources.some(({ name, inputs }) => {
    const shown = name.endsWith("-fleet") ? text(record(inputs["environment"])["ALLOW"]) : "";
    return shown.split(" ").includes(override);
  });
}
