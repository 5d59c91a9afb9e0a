/** Five servers for applications on other hosts: on one private address of the Docker host, found under a name. */
import * as pulumi from "@pulumi/pulumi";
import { RethinkdbCluster } from "pulumi-rethinkdb";

const config = new pulumi.Config();

const cluster = new RethinkdbCluster("db", {
  clusterName: "orders",
  adminPassword: config.requireSecret("adminPassword"),
  nodes: 5,
  driverPublish: config.require("address"),
  driverSans: ["db.example.com"],
  memoryMib: 4096,
  // No restart may take a table away.
  strictInterruption: true,
});

export const servers = cluster.servers;
export const driverCaPem = cluster.driverCaPem;
