/** One server on each of three hosts, which reach each other on private addresses; so do applications. */
import * as pulumi from "@pulumi/pulumi";
import { RethinkdbCluster } from "pulumi-rethinkdb";

const cluster = new RethinkdbCluster("db", {
  clusterName: "orders",
  adminPassword: new pulumi.Config().requireSecret("adminPassword"),
  hosts: [
    { name: "a", dockerHost: "ssh://deploy@10.0.0.11", address: "10.0.0.11", zone: "rack1" },
    { name: "b", dockerHost: "ssh://deploy@10.0.0.12", address: "10.0.0.12", zone: "rack2" },
    { name: "c", dockerHost: "ssh://deploy@10.0.0.13", address: "10.0.0.13", zone: "rack3" },
  ],
  placement: { n0: "a", n1: "b", n2: "c" },
  driverPublish: "host-address",
});

export const servers = cluster.servers;
export const driverCaPem = cluster.driverCaPem;
