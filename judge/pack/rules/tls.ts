/** What proves who is who: TLS of the ports, CAs, keys and the life of certificates. */
import { values } from "../../../core/render/argv";
import { isUnknown, list, text } from "../../../core/render/previewValues";
import { CA, CERTIFICATE, CONTAINER, isServer, KEY, onlyOnLoopback, purposeOf, rethinkdb } from "../reading";
import { perResource, type Rule } from "../rule";

export const clusterTls: Rule = {
  name: "cluster-tls",
  description: "The cluster port speaks mutual TLS: key, certificate and CA are all named.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    const argv = rethinkdb(resource);
    if (argv === undefined || argv === "unknown") return undefined;
    const missing = ["cluster-tls-key", "cluster-tls-cert", "cluster-tls-ca"].filter((name) => !argv.options.has(name));
    return missing.length === 0
      ? undefined
      : `${resource.name}: the cluster port is open to anyone, since --${missing.join(" and --")} is missing; a peer is admin. Turning cluster TLS on or off cannot be rolled: stop all servers first.`;
  }),
};

export const driverTls: Rule = {
  name: "driver-tls",
  description: "The driver port speaks TLS.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    const argv = rethinkdb(resource);
    if (argv === undefined || argv === "unknown") return undefined;
    if (argv.subcommand === "proxy" && onlyOnLoopback(argv, "driver")) return undefined;
    return argv.options.has("driver-tls-key") && argv.options.has("driver-tls-cert")
      ? undefined
      : `${resource.name}: the driver port speaks in clear, queries and answers too. Name --driver-tls-key and --driver-tls-cert.`;
  }),
};

export const modernTls: Rule = {
  name: "modern-tls",
  description: "TLS 1.2 or newer, with RethinkDB's own ciphers or others that are as strong.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    const argv = rethinkdb(resource);
    if (argv === undefined || argv === "unknown") return undefined;
    const problems: string[] = [];
    if (values(argv, "tls-min-protocol").some((version) => version !== "TLSv1.2")) {
      problems.push(
        `${resource.name}: versions of TLS before 1.2 are accepted, and they are broken. Write --tls-min-protocol TLSv1.2.`,
      );
    }
    const ciphers = values(argv, "tls-ciphers").flatMap((given) => given.split(/[:, ]/));
    if (!ciphers.every((cipher) => /^(EECDH|ECDHE)[A-Z0-9+-]*(GCM|CHACHA20|POLY1305)[A-Z0-9+-]*$/i.test(cipher))) {
      problems.push(`${resource.name}: weak ciphers are accepted. Leave --tls-ciphers out.`);
    }
    return problems;
  }),
};

export const separateCas: Rule = {
  name: "separate-cas",
  description: "The CA that signs members signs nothing else: every certificate of it is admin.",
  level: "mandatory",
  config: {},
  check: (stack) =>
    stack.resources
      .filter(({ type }) => type === CA)
      .flatMap(({ urn, name }) => {
        const signed = stack.resources.filter(
          (r) => r.type === CERTIFICATE && (r.options.propertyDependencies["caCertPem"] ?? []).includes(urn),
        );
        const purposes = [...new Set(signed.map(purposeOf))].sort();
        return purposes.length <= 1
          ? []
          : [
              {
                urn,
                message: `${name}: this CA signs certificates for ${purposes.join(" and ")}. Peers check no host name, so each of them could join the cluster as a member. Sign each purpose with a CA of its own.`,
              },
            ];
      }),
};

export const strongKeys: Rule = {
  name: "strong-keys",
  description:
    "Keys of CAs and servers are P-256, or RSA of 2048 bits or more; RethinkDB offers no other curve before TLS 1.3.",
  level: "mandatory",
  config: { rsaBits: 2048 },
  check: perResource(KEY, (resource, _stack, { rsaBits = 2048 }) => {
    if (purposeOf(resource) === "") return undefined;
    const { algorithm, ecdsaCurve, rsaBits: bits } = resource.inputs;
    if ([algorithm, ecdsaCurve, bits].some(isUnknown)) return undefined;
    if (algorithm === "ECDSA" && ecdsaCurve === "P256") return undefined;
    if (algorithm === "RSA" && (typeof bits === "number" ? bits : 2048) >= rsaBits) return undefined;
    return `${resource.name}: the key is neither ECDSA P256 nor RSA of ${String(rsaBits)} bits or more. Use algorithm ECDSA with ecdsaCurve P256.`;
  }),
};

export const shortLivedCertificates: Rule = {
  name: "short-lived-certificates",
  description: "Servers' certificates live 90 days or less: nothing revokes them.",
  level: "mandatory",
  config: { days: 90 },
  check: perResource(CERTIFICATE, (resource, _stack, { days = 90 }) => {
    const hours = resource.inputs["validityPeriodHours"];
    return typeof hours === "number" && hours > days * 24
      ? `${resource.name}: it is valid for ${String(Math.ceil(hours / 24))} days, and RethinkDB knows no revocation. Use ${String(days)} days or less (certValidityDays).`
      : undefined;
  }),
};

export const renewedInTime: Rule = {
  name: "renewed-in-time",
  description: "A certificate is renewed well before it ends, and not at every run.",
  level: "mandatory",
  config: { days: 7 },
  check: perResource(CERTIFICATE, (resource, _stack, { days = 7 }) => {
    const [early, whole] = [resource.inputs["earlyRenewalHours"], resource.inputs["validityPeriodHours"]];
    if (isUnknown(early) || typeof whole !== "number") return undefined;
    const hours = typeof early === "number" ? early : 0;
    if (hours >= whole)
      return `${resource.name}: its time for renewal is its whole life, so every run restarts every server. Use about a third of it (certEarlyRenewalDays).`;
    return hours < days * 24
      ? `${resource.name}: only in its last ${String(Math.floor(hours / 24))} days does up renew it; a run that comes later finds a stopped cluster. Use ${String(days)} days or more (certEarlyRenewalDays).`
      : undefined;
  }),
};

export const certificateUses: Rule = {
  name: "certificate-uses",
  description:
    "Cluster certificates are for both ends, driver certificates for servers, and none of them signs others.",
  level: "mandatory",
  config: {},
  check: perResource(CERTIFICATE, (resource) => {
    const uses = list(resource.inputs["allowedUses"]).map(text);
    const problems: string[] = [];
    if (resource.inputs["isCaCertificate"] === true || uses.includes("cert_signing")) {
      problems.push(
        `${resource.name}: a server's certificate may sign others. Take isCaCertificate and cert_signing out.`,
      );
    }
    if (purposeOf(resource) === "cluster" && !(uses.includes("server_auth") && uses.includes("client_auth"))) {
      problems.push(
        `${resource.name}: a server is both ends of a connection on the cluster port, and this certificate is not good for both. Allow server_auth and client_auth.`,
      );
    }
    if (purposeOf(resource) === "driver" && uses.includes("client_auth")) {
      problems.push(`${resource.name}: a driver certificate poses as a client. Take client_auth out.`);
    }
    if (purposeOf(resource) === "client" && uses.includes("server_auth")) {
      problems.push(`${resource.name}: a client's certificate poses as a server. Take server_auth out.`);
    }
    return problems;
  }),
};

export const caOutlivesLeaves: Rule = {
  name: "ca-outlives-leaves",
  description: "A CA lives longer than what it signs.",
  level: "mandatory",
  config: {},
  check: perResource(CERTIFICATE, (resource, { resources }) => {
    const issuers = resource.options.propertyDependencies["caCertPem"] ?? [];
    const hours = resource.inputs["validityPeriodHours"];
    const ca = resources.find(({ type, urn }) => type === CA && issuers.includes(urn));
    const life = ca?.inputs["validityPeriodHours"];
    return typeof hours === "number" && typeof life === "number" && hours > life
      ? `${resource.name}: it outlives the CA that signs it, and ends with it unseen. Lower certValidityDays or raise caValidityDays.`
      : undefined;
  }),
};

export const healthCheckVerifies: Rule = {
  name: "health-check-verifies",
  description: "A server's health check speaks TLS and verifies the certificate.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    const check = resource.inputs["healthcheck"];
    if (!isServer(resource) || isUnknown(check)) return undefined;
    const tests = list((check as { tests?: unknown } | undefined)?.tests);
    if (tests.some(isUnknown)) return undefined;
    return tests.map(text).join(" ").includes("-verify_return_error")
      ? undefined
      : `${resource.name}: its health check verifies no certificate, and is green for an expired or a foreign one. Use the project's own check.`;
  }),
};
