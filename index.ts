/** The stack: one cluster from the stack's config. */
import { RethinkdbCluster } from "./components";
import { readConfig } from "./config";

const cluster = new RethinkdbCluster("rethinkdb", readConfig());

export const clusterName = cluster.clusterName;
export const servers = cluster.servers;
export const driverCaPem = cluster.driverCaPem;
export const connect = cluster.connect;
