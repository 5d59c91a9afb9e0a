/** Weakenings in the config of a stack: what the args can do. */
import type { RethinkdbClusterArgs } from "../../../components";
import { PASSWORD } from "../../support/recorded";
import { args } from "../change";
import { HOSTS, PLACES } from "./hosts";
import { weak, type Weakening } from "./gate";

const ui = { webUi: { enabled: true }, webUiPassword: PASSWORD };
const users = (grants: NonNullable<RethinkdbClusterArgs["users"]>[number]["grants"] = []) => ({
  ...{ databases: ["shop"], userPasswords: { api: PASSWORD } },
  users: [{ name: "api", grants }],
});

export const config: readonly Weakening[] = [
  weak(
    "the driver port is published on every address",
    "weakened",
    "port/published/28015",
    args({ driverPublish: "0.0.0.0", allow: ["public-driver"] }),
  ),
  weak(
    "the driver port is published on a private address",
    "weakened",
    "port/published/28015",
    args({ driverPublish: "10.1.2.3" }),
  ),
  weak("an override is allowed", "weakened", "override/allowed/lose-majority", args({ allow: ["lose-majority"] })),
  weak("the web UI is enabled", "weakened", "ui/enabled", args(ui)),
  weak(
    "the web UI is published on a private address",
    "weakened",
    "port/published/8443",
    args({ ...ui, webUi: { enabled: true, publish: "10.1.2.3" } }),
    args(ui),
  ),
  weak(
    "the image of the web UI is somebody else's",
    "unknown",
    "image/repository",
    args({ ...ui, webUi: { enabled: true, image: "evil/nginx:1.30.6" } }),
    args(ui),
  ),
  weak("the image of the servers is somebody else's", "unknown", "image/repository", {
    ...args({ image: "registry.example.com/rethinkdb:2.4.4-bookworm-slim" }),
  }),
  weak("the image follows a moving tag", "weakened", "image/pinned", args({ image: "rethinkdb:latest" })),
  weak("certificates live for a year", "weakened", "certificate/validity", args({ certValidityDays: 365 })),
  weak(
    "certificates are renewed in their last days",
    "weakened",
    "certificate/early-renewal",
    args({ certEarlyRenewalDays: 2 }),
  ),
  weak(
    "certificates are good for a name of others",
    "weakened",
    "certificate/name/db.example.net",
    args({ driverSans: ["db.example.net"] }),
  ),
  weak(
    "certificates are good for every name of a domain",
    "weakened",
    "certificate/wildcard/example.net",
    args({ driverSans: ["*.example.net"] }),
  ),
  weak("servers run with the uid of a login", "weakened", "container/user", args({ runAsUid: 1000 })),
  weak("servers may swap", "weakened", "limits/swap", args({ limitSwap: false })),
  weak(
    "restarts that interrupt a table are no longer refused",
    "weakened",
    "restart/strict",
    args({ strictInterruption: false }),
    args({ strictInterruption: true }),
  ),
  weak(
    "tables of one replica are no longer copied",
    "weakened",
    "restart/single-replica",
    args({ protectSingleReplicaTables: false }),
    args({ protectSingleReplicaTables: true }),
  ),
  weak(
    "servers trust one more generation of a CA",
    "weakened",
    "trust/generation",
    args({ driverCa: { issue: 1, trust: [1, 2] } }),
  ),
  weak(
    "clients need no certificate any more",
    "weakened",
    "tls/client-certificates",
    args({}),
    args({ driverClients: ["app"] }),
  ),
  weak("the engine is another host", "unknown", "engine/host", args({ dockerHost: "ssh://deploy@203.0.113.9" })),
  weak(
    "the engine is another host than before",
    "unknown",
    "engine/host",
    args({ dockerHost: "ssh://deploy@203.0.113.9" }),
    args({ dockerHost: "ssh://deploy@10.0.0.1" }),
  ),
  weak(
    "servers join a network of others",
    "weakened",
    "network/member/web",
    args({ driverPublish: "network", driverNetworks: ["web"] }),
    args({ driverPublish: "network" }),
  ),
  weak("a server is taken out", "destroyed", "gone/", args({ nodes: 1 })),
  weak("the cluster has another name", "destroyed", "replaced/", args({ clusterName: "invoices" })),
  weak("the cluster has another subnet", "destroyed", "replaced/network", args({ subnet: "10.99.0.0/24" })),
  weak("a server's data is given up", "destroyed", "", args({ replacements: { n1: 1 } })),
  weak(
    "a user may write to a database",
    "weakened",
    "account/right/api write on shop",
    args(users([{ db: "shop", read: true, write: true }])),
    args(users([{ db: "shop", read: true }])),
  ),
  weak(
    "a user may read every database",
    "weakened",
    "account/right/api read on every database",
    args(users([{ read: true }])),
    args(users([{ db: "shop", read: true }])),
  ),
  weak(
    "a user may write where admin's accounts are",
    "weakened",
    "account/admin-right",
    args(users([{ db: "rethinkdb", write: true }])),
    args(users()),
  ),
  weak(
    "a denial is taken away below a right",
    "weakened",
    "account/right/api read on shop",
    args(users([{ db: "shop", read: true }])),
    args(
      users([
        { db: "shop", read: true },
        { db: "shop", table: "cards", read: false },
      ]),
    ),
  ),
  weak(
    "a user may connect to other hosts",
    "weakened",
    "account/right/api connect",
    args(users([{ db: "shop", read: true }, { connect: true }])),
    args(users([{ db: "shop", read: true }])),
  ),
  weak(
    "a host of several is given up",
    "weakened",
    "request/given-up/b",
    args({ hosts: HOSTS.lostB, placement: PLACES, allow: ["lose-host"] }),
    args({ hosts: HOSTS.three, placement: PLACES }),
  ),
];
