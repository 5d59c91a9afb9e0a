/** The stack: one cluster from the stack's config, by the package as anyone else uses it (compiled: npm run build). */
import { RethinkdbCluster } from "pulumi-rethinkdb";
import { readConfig } from "./config";

const cluster = new RethinkdbCluster("rethinkdb", readConfig());

export const clusterName = cluster.clusterName;
export const servers = cluster.servers;
export const driverCaPem = cluster.driverCaPem;
export const connect = cluster.connect;
export const certificates = cluster.certificates;
export const driverClientCertificates = cluster.driverClientCertificates;
