/** Renders a server's plan to RethinkDB's own command line. Every security option stands here: argv beats any file. */
import type { ServerPlan } from "../plan/server";
import { tlsFiles } from "./tlsFiles";

/** @param fingerprint names the directory of the certificates this server runs with. */
export function renderServerFlags(server: ServerPlan, fingerprint: string): readonly string[] {
  const files = tlsFiles(fingerprint);
  return [
    ...["--directory", "/data/rethinkdb"],
    ...["--server-name", server.name],
    // Taken at a server's first start only: https://rethinkdb.com/docs/cli-options/
    ...(server.zone === null ? [] : ["--server-tag", server.zone]),
    // Join targets are not arguments: they change with the number of servers, and a changed argv is a restart.
    ...["--config-file", "/tls/join.conf"],
    ...["--cluster-port", String(server.clusterPort), "--driver-port", String(server.driverPort)],
    ...["--bind-cluster", server.address],
    ...["--bind-driver", driverBind(server)],
    ...["--canonical-address", server.canonical],
    // With loopback among its addresses a stranger on the address of a lost peer is a warning, not the end of every
    // server: https://github.com/rethinkdb/rethinkdb/issues/6880
    ...["--canonical-address", "127.0.0.1"],
    "--no-http-admin",
    ...[
      "--cluster-tls-key",
      files.clusterKey,
      "--cluster-tls-cert",
      files.clusterCert,
      "--cluster-tls-ca",
      files.clusterCa,
    ],
    ...["--driver-tls-key", files.driverKey, "--driver-tls-cert", files.driverCert],
    // The option is the switch: with it, a client without a certificate is refused before it can send a password.
    ...(server.demandsClientCertificate ? ["--driver-tls-ca", files.clientCa] : []),
    ...["--tls-min-protocol", "TLSv1.2"],
    // No server ever starts without a password; `admin` replaces this one on the first, joiners take the cluster's.
    ...["--initial-password", "auto"],
    ...["--cache-size", String(server.cacheSizeMib)],
    "--no-update-check",
  ];
}

/** Addresses on other networks are Docker's to choose, so that only `all` can name them. */
function driverBind(server: ServerPlan): string {
  if (!server.driverBound) return "127.0.0.1";
  return server.driverNetworks.length > 0 ? "all" : server.address;
}
