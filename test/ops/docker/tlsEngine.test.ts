/** Each trouble with an engine behind TLS is one sentence. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tlsTrouble } from "../../../ops/docker/tlsEngine";

const TCP = "tcp://10.0.0.2:2376";
for (const [stderr, sentence] of [
  [
    'the server probably has client authentication (--tlsverify) enabled; check your TLS client certification settings: Get "https://10.0.0.2:2376/v1.50/version": remote error: tls: bad certificate\n',
    `the engine at ${TCP} refuses the client certificate in /certs (tls: bad certificate); put a cert.pem and key.pem there that the CA of its dockerd has signed`,
  ],
  [
    'error during connect: Get "https://10.0.0.2:2376/v1.50/version": tls: failed to verify certificate: x509: certificate signed by unknown authority\n',
    `ca.pem in /certs does not vouch for the engine at ${TCP} (certificate signed by unknown authority); find out who answers there, or put the CA there that signed its certificate`,
  ],
  [
    "unable to resolve docker endpoint: open /certs/ca.pem: no such file or directory\n",
    "certPath /certs has no ca.pem; put ca.pem, cert.pem and key.pem there",
  ],
  ["Error response from daemon: No such container: x\n", undefined],
] as const) {
  test(`says of an engine behind TLS: ${sentence ?? "nothing"}`, () => {
    assert.equal(tlsTrouble(stderr, TCP, "/certs"), sentence);
  });
}
