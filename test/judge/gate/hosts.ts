/** Weakenings of a cluster on several hosts. */
import type { RethinkdbClusterArgs } from "../../../components";
import { args, type Edit, inputs, options } from "../change";
import { asked, changed, urnIn, weak, type Weakening } from "./gate";

type Host = NonNullable<RethinkdbClusterArgs["hosts"]>[number];

const host = (name: string, at: string, more: Partial<Host> = {}): Host => ({
  ...{ name, dockerHost: `ssh://deploy@${at}`, address: at },
  ...more,
});
const [A, B, C] = [host("a", "10.0.0.1"), host("b", "10.0.0.2"), host("c", "10.0.0.3")];

export const HOSTS = {
  three: [A, B, C],
  four: [A, B, C, host("d", "10.0.0.4")],
  reordered: [C, A, B],
  lostB: [A, { ...B, lost: true }, C],
} as const satisfies Readonly<Record<string, readonly Host[]>>;

/** Servers of three hosts. */
export const PLACES = { n0: "a", n1: "b", n2: "c" };

const on = (hosts: readonly Host[], ...edits: readonly Edit[]) => args({ hosts, placement: PLACES }, ...edits);
const base = on(HOSTS.three);
const by = (...edits: readonly Edit[]) => on(HOSTS.three, ...edits);

export const hosts: readonly Weakening[] = [
  weak("another host stands behind the same name", "unknown", "engine/host", on([A, host("b", "10.0.0.99"), C]), base),
  weak(
    "another engine stands behind the same name and address",
    "unknown",
    "engine/host",
    on([A, { ...B, dockerHost: "ssh://deploy@203.0.113.9" }, C]),
    base,
  ),
  weak(
    "another user logs in to a host",
    "unknown",
    "engine/host",
    on([A, { ...B, dockerHost: "ssh://root@10.0.0.2" }, C]),
    base,
  ),
  weak(
    "two hosts change places",
    "unknown",
    "engine/host",
    on([{ ...A, dockerHost: B.dockerHost }, { ...B, dockerHost: A.dockerHost }, C]),
    base,
  ),
  weak(
    "a cluster port is published on a public address",
    "weakened",
    "port/published/29015",
    args({
      ...{ hosts: [A, { ...B, address: "203.0.113.9" }, C], placement: PLACES },
      allow: ["public-cluster-port"],
    }),
    base,
  ),
  weak(
    "a cluster port is published on every address",
    "weakened",
    "port/published/29015",
    by(
      inputs((i) => {
        i.ports.forEach((port) => (port.ip = "0.0.0.0"));
      }, "n1"),
    ),
    base,
  ),
  weak(
    "the host key of a host is not checked",
    "weakened",
    "engine/host-key",
    by(inputs((i) => (i["sshOpts"] = ["-o", "StrictHostKeyChecking=no"]), "engine-b")),
    base,
  ),
  weak(
    "another file of known hosts is believed",
    "unknown",
    "engine/ssh-options",
    by(inputs((i) => (i["sshOpts"] = `["-o","UserKnownHostsFile=./known_hosts"]`), "engine-b")),
    base,
  ),
  weak(
    "ssh goes through a stranger's host",
    "unknown",
    "engine/ssh-options",
    by(inputs((i) => (i["sshOpts"] = ["-o", "ProxyCommand=nc 203.0.113.9 22"]), "engine-b")),
    base,
  ),
  weak(
    "a server is made on the engine of another host",
    "unknown",
    "option/engine",
    by(options(() => ({ provider: "db-engine-a" }), "n1")),
    base,
  ),
  weak(
    "a data volume is made on the engine of another host",
    "unknown",
    "option/engine",
    by(options(() => ({ provider: "db-engine-c" }), "n1-data")),
    base,
  ),
  weak(
    "a guard asks another of the cluster's hosts",
    "weakened",
    "request/fits/dockerHost",
    by(asked((r) => (r["dockerHost"] = "ssh://deploy@10.0.0.1"), /^n1-permit$/)),
    base,
  ),
  weak(
    "a guard is told of hosts in another order of names",
    "weakened",
    "request/fits/hosts",
    by(
      asked((r) => {
        const given = r["hosts"] as { name: string; dockerHost: string }[];
        const [one, two] = given;
        if (one !== undefined && two !== undefined) [one.name, two.name] = [two.name, one.name];
      }, /^fleet$/),
    ),
    base,
  ),
  weak(
    "a guard is told to look at hosts of a stranger",
    "weakened",
    "request/",
    by(asked((r) => (r["hosts"] = [{ name: "a", dockerHost: "ssh://deploy@203.0.113.9" }]), /^fleet$/)),
    base,
  ),
  weak(
    "a host is given up beside what is declared",
    "weakened",
    "request/given-up",
    by(asked((r) => (r["lost"] = { hosts: ["b"], servers: ["n1"] }), /^fleet$/)),
    base,
  ),
  weak(
    "a host that answers is said not to",
    "weakened",
    "request/stranger/unreachable",
    by(asked((r) => (r["unreachable"] = ["host b does not answer"]), /^fleet$/)),
    base,
  ),
  weak(
    "one more host gets keys of the cluster",
    "unknown",
    "engine/host",
    args({ hosts: HOSTS.four, nodes: 4, placement: { ...PLACES, n3: "d" } }),
    base,
  ),
  weak(
    "a host is taken out with its server",
    "destroyed",
    "",
    args({ hosts: [A, C], nodes: 2, placement: { n0: "a", n1: "c" } }),
    base,
  ),
  weak(
    "a server's peers find it at a stranger's address",
    "weakened",
    "bind/canonical",
    by(
      changed(/^n1$/, (resource) => ({
        ...resource,
        inputs: {
          ...resource.inputs,
          command: (resource.inputs["command"] as string[]).map((word) =>
            word.startsWith("10.0.0.2") ? word.replace("10.0.0.2", "203.0.113.9") : word,
          ),
        },
      })),
    ),
    base,
  ),
  weak(
    "the network of one host can be joined by hand",
    "weakened",
    "network/attachable",
    by(inputs((i) => (i["attachable"] = true), "network-b")),
    base,
  ),
  weak(
    "a server waits for nothing on its host",
    "weakened",
    "order/",
    by(
      changed(/^n2$/, (resource, all) => ({
        ...resource,
        options: { ...resource.options, dependencies: [urnIn(all, "db-n2-data")] },
      })),
    ),
    base,
  ),
];
