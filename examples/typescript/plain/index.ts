/** Three servers, reached on loopback of the Docker host: everything else is the default. */
import * as pulumi from "@pulumi/pulumi";
import { RethinkdbCluster } from "pulumi-rethinkdb";

const cluster = new RethinkdbCluster("db", {
  clusterName: "orders",
  adminPassword: new pulumi.Config().requireSecret("adminPassword"),
});

export const servers = cluster.servers;
export const driverCaPem = cluster.driverCaPem;
