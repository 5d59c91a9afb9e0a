/** An application that writes, a report that reads, and people who use the web UI: only people are admin. */
import * as pulumi from "@pulumi/pulumi";
import { grants, RethinkdbCluster } from "pulumi-rethinkdb";

const config = new pulumi.Config();

const cluster = new RethinkdbCluster("db", {
  clusterName: "shop",
  adminPassword: config.requireSecret("adminPassword"),
  databases: ["shop"],
  users: [
    { name: "api", grants: grants.readWrite("shop") },
    // Once the application has made its tables, one can be kept from the report: { db: "shop", table: "cards", read: false }.
    { name: "report", grants: grants.readOnly("shop") },
  ],
  userPasswords: { api: config.requireSecret("apiPassword"), report: config.requireSecret("reportPassword") },
  // On loopback of the Docker host, behind TLS and a password of its own.
  webUi: { enabled: true },
  webUiPassword: config.requireSecret("webUiPassword"),
});

export const servers = cluster.servers;
export const driverCaPem = cluster.driverCaPem;
