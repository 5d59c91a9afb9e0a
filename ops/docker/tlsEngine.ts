/** Troubles with an engine on `tcp://` that asks for a client certificate, in a sentence each. */

/** @returns what stands between us and the engine, and what to do; undefined when it is something else. */
export function tlsTrouble(stderr: string, endpoint: string, certPath: string): string | undefined {
  const missing = /open (\S+\.pem): no such file or directory/.exec(stderr)?.[1];
  if (missing !== undefined) {
    return `certPath ${certPath} has no ${missing.slice(missing.lastIndexOf("/") + 1)}; put ca.pem, cert.pem and key.pem there`;
  }
  const refused = /remote error: (tls: .*)/.exec(stderr)?.[1]?.trim();
  if (refused !== undefined) {
    return (
      `the engine at ${endpoint} refuses the client certificate in ${certPath} (${refused}); ` +
      `put a cert.pem and key.pem there that the CA of its dockerd has signed`
    );
  }
  const doubt = /x509: (.*)/.exec(stderr)?.[1]?.trim();
  if (doubt !== undefined) {
    return (
      `ca.pem in ${certPath} does not vouch for the engine at ${endpoint} (${doubt}); ` +
      `find out who answers there, or put the CA there that signed its certificate`
    );
  }
  return undefined;
}
