import { args, type Change, hand, inputs, options } from "../change";
import { ALL, CLUSTER_LEAVES, DRIVER_LEAVES, LEAVES, restart } from "./words";

const line = (how: string, who: string, title: string, now: string, was: string): string =>
  `${how}: ${who}: ${title} is now ${now}; was ${was}`;
const renewed = restart("new certificates");

const labelled = (label: string, value: string): ReturnType<typeof inputs> =>
  inputs((i) => {
    for (const entry of i.labels) if (entry.label === label) entry.value = value;
  });

export const certificates: readonly Change[] = [
  {
    name: "certificates are valid for a year",
    head: args({ certValidityDays: 365 }),
    expect: [line("weakened", LEAVES, "validity", "365 days", "90 days"), renewed],
  },
  {
    name: "certificates are valid for forty days",
    head: args({ certValidityDays: 40 }),
    expect: [line("strengthened", LEAVES, "validity", "40 days", "90 days"), renewed],
  },
  {
    name: "there is less time to renew, which restarts no server",
    head: args({ certEarlyRenewalDays: 10 }),
    expect: [line("weakened", LEAVES, "time for renewal before its end", "10 days", "30 days")],
  },
  {
    name: "CAs are valid for twenty years, and are made anew",
    head: args({ caValidityDays: 7300 }),
    expect: [
      line("weakened", "cluster CA g1, driver CA g1", "validity", "7300 days", "3650 days"),
      "destroyed: the cluster CA is replaced by a new one: servers with certificates of the old one and of the new one cannot talk",
      "destroyed: the driver CA is replaced by a new one: clients that trust the old one are refused",
      renewed,
    ],
  },
  {
    name: "clients reach servers under one more name",
    head: args({ driverSans: ["db.example.com"] }),
    expect: [line("weakened", DRIVER_LEAVES, "valid for db.example.com", "yes", "no"), renewed],
  },
  {
    name: "a name is taken out of the certificates",
    base: args({ driverSans: ["db.example.com", "10.9.8.7"] }),
    head: args({ driverSans: ["10.9.8.7"] }),
    expect: [line("strengthened", DRIVER_LEAVES, "valid for db.example.com", "no", "yes"), renewed],
  },
  {
    name: "certificates are valid for every name of a domain",
    head: args({ driverSans: ["*.example.com"] }),
    expect: [line("weakened", DRIVER_LEAVES, "valid for every name below example.com", "yes", "no"), renewed],
  },
  {
    name: "the key of a CA is weak",
    head: hand(inputs((i) => (i.ecdsaCurve = "P224"), "cluster-ca-g1-key")),
    expect: [
      line("weakened", "cluster CA g1", "key", "ECDSA P224", "ECDSA P256"),
      "destroyed: the cluster CA is replaced by a new one: servers with certificates of the old one and of the new one cannot talk",
    ],
  },
  {
    name: "the key of a server is RSA of 1024 bits",
    head: hand(
      inputs((i) => {
        i.algorithm = "RSA";
        i.rsaBits = 1024;
      }, "n0-driver-key"),
    ),
    expect: [line("weakened", "n0 driver certificate", "key", "RSA of 1024 bits", "ECDSA P256")],
  },
  {
    name: "the key of a server is RSA of 4096 bits",
    head: hand(
      inputs((i) => {
        i.algorithm = "RSA";
        i.rsaBits = 4096;
      }, "n0-driver-key"),
    ),
    expect: [line("changed", "n0 driver certificate", "key", "RSA of 4096 bits", "ECDSA P256")],
  },
  {
    name: "a server's certificate may sign others",
    head: hand(
      inputs((i) => {
        i.isCaCertificate = true;
        i.allowedUses.push("cert_signing");
      }, "n0-driver-certificate"),
    ),
    expect: [
      line("weakened", "n0 driver certificate", "may sign certificates itself", "yes", "no"),
      line("weakened", "n0 driver certificate", "may be used for cert_signing", "yes", "no"),
    ],
  },
  {
    name: "a driver certificate is good for clients, too",
    head: hand(inputs((i) => i.allowedUses.push("client_auth"), "n0-driver-certificate")),
    expect: [line("weakened", "n0 driver certificate", "may be used for client_auth", "yes", "no")],
  },
  {
    name: "a cluster certificate is no longer good for dialling peers",
    head: hand(inputs((i) => i.allowedUses.pop(), "n0-cluster-certificate")),
    expect: [
      line("changed", "n0 cluster certificate", "may be used for client_auth", "no", "yes"),
      line("weakened", "n0 cluster certificate", "good for both ends of a connection", "no", "yes"),
    ],
  },
  {
    name: "the cluster CA signs a driver certificate",
    head: hand((s) => {
      const ca = s.resources.find(({ name }) => name === "db-cluster-ca-g1")?.urn ?? "";
      return options(
        (given) => ({ propertyDependencies: { ...given.propertyDependencies, caCertPem: [ca] } }),
        "n1-driver-certificate",
      )(s);
    }),
    expect: [
      line("weakened", "cluster CA g1", "CA signs for one purpose only", "no, for cluster and driver", "yes"),
      line("weakened", "n1 driver certificate", "issued by", "cluster CA g1", "driver CA g1"),
    ],
  },
  {
    name: "servers trust one more generation of the cluster CA",
    head: hand(labelled("pulumi-rethinkdb.cluster-ca.trust", "1,2")),
    expect: [line("weakened", ALL, "trusts generation 2 of the cluster CA", "yes", "no"), restart("labels")],
  },
  {
    name: "servers issue from the second generation",
    base: hand(labelled("pulumi-rethinkdb.driver-ca.trust", "1,2")),
    head: hand(labelled("pulumi-rethinkdb.driver-ca.trust", "1,2"), labelled("pulumi-rethinkdb.driver-ca.issue", "2")),
    expect: [line("changed", ALL, "generation of the driver CA that issues", "2", "1"), restart("labels")],
  },
  {
    name: "servers no longer trust the first generation",
    base: hand(labelled("pulumi-rethinkdb.driver-ca.trust", "1,2")),
    head: hand(labelled("pulumi-rethinkdb.driver-ca.trust", "2")),
    expect: [line("strengthened", ALL, "trusts generation 1 of the driver CA", "no", "yes"), restart("labels")],
  },
  {
    name: "a rotation begins: servers trust a second generation",
    head: args({ clusterCa: { issue: 1, trust: [1, 2] } }),
    expect: [line("weakened", ALL, "trusts generation 2 of the cluster CA", "yes", "no"), restart("labels")],
  },
  {
    name: "a rotation goes on: certificates are issued from the new generation",
    base: args({ clusterCa: { issue: 1, trust: [1, 2] } }),
    head: args({ clusterCa: { issue: 2, trust: [1, 2] } }),
    expect: [
      line("changed", CLUSTER_LEAVES, "issued by", "cluster CA g2", "cluster CA g1"),
      line("changed", ALL, "generation of the cluster CA that issues", "2", "1"),
      restart("labels"),
    ],
  },
  {
    name: "a rotation ends: the old generation is retired, and nothing is lost with it",
    base: args({ clusterCa: { issue: 2, trust: [1, 2] } }),
    head: args({ clusterCa: { issue: 2, trust: [2] } }),
    expect: [line("strengthened", ALL, "trusts generation 1 of the cluster CA", "no", "yes"), restart("labels")],
  },
  {
    name: "renewals are held",
    head: args({ renewal: "hold" }),
    expect: [
      line("weakened", "cluster CA g1, driver CA g1", "renewed before what it signs would outlive it", "no", "yes"),
      line("weakened", LEAVES, "time for renewal before its end", "0 days", "30 days"),
    ],
  },
  {
    name: "driver ports demand certificates of clients",
    head: args({ driverClients: ["api"] }),
    expect: [
      line("changed", ALL, "generation of the client CA that issues", "1", "none"),
      line("changed", ALL, "trusts generation 1 of the client CA", "yes", "no"),
      line("strengthened", ALL, "clients need a certificate", "yes", "no"),
      restart("command, healthcheck, labels"),
    ],
  },
  {
    name: "the operator's password rotates a second time",
    base: args({ operatorGeneration: 2 }),
    head: args({ operatorGeneration: 3 }),
    expect: [],
  },
];
