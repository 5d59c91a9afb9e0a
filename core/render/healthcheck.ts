/** A server is healthy when it answers RethinkDB's own handshake over verified TLS; no credentials are involved. */
import { DRIVER_PORT } from "../../args/constants";
import type { ServerPlan } from "../plan/server";
import { tlsFiles } from "./tlsFiles";

/**
 * The magic number is the V1_0 handshake; the server answers with its version before anyone logs in:
 * https://rethinkdb.com/docs/writing-drivers/
 */
export function renderHealthcheck(
  server: Pick<ServerPlan, "demandsClientCertificate">,
  fingerprint: string,
): readonly string[] {
  const files = tlsFiles(fingerprint);
  const own = server.demandsClientCertificate ? `-cert ${files.clientCert} -key ${files.clientKey} ` : "";
  const script =
    `printf '\\xc3\\xbd\\xc2\\x34{"protocol_version":0}\\0' | ` +
    `timeout 5 openssl s_client -quiet -connect 127.0.0.1:${String(DRIVER_PORT)} -CAfile ${files.driverCa} ` +
    `${own}-verify_return_error -verify_hostname localhost 2>/dev/null | grep -q '"success":true'`;
  return ["CMD", "bash", "-c", script];
}
