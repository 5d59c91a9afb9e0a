/** The health check's command. What it tells apart is shown on a real server by the e2e tier. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { renderHealthcheck } from "../../../core/render/healthcheck";

test("asks for RethinkDB's own handshake over TLS verified for localhost", () => {
  assert.deepEqual(renderHealthcheck({ demandsClientCertificate: false }, "0123456789abcdef"), [
    "CMD",
    "bash",
    "-c",
    `printf '\\xc3\\xbd\\xc2\\x34{"protocol_version":0}\\0' | ` +
      "timeout 5 openssl s_client -quiet -connect 127.0.0.1:28015 -CAfile /tls/0123456789abcdef/driver-ca.pem " +
      `-verify_return_error -verify_hostname localhost 2>/dev/null | grep -q '"success":true'`,
  ]);
});

test("sends the magic number of the V1_0 handshake and one JSON that ends with a NUL", () => {
  const script = renderHealthcheck({ demandsClientCertificate: false }, "0123456789abcdef")[3] ?? "";
  const sent = spawnSync("bash", ["-c", script.split(" | ")[0] ?? ""]).stdout;
  assert.equal(sent.readUInt32LE(0), 0x34c2bdc3);
  assert.deepEqual(JSON.parse(sent.subarray(4, -1).toString("utf8")), { protocol_version: 0 });
  assert.equal(sent.at(-1), 0);
});

test("fails where nothing listens", () => {
  const script = (renderHealthcheck({ demandsClientCertificate: false }, "0123456789abcdef")[3] ?? "").replace(
    ":28015",
    ":1",
  );
  assert.notEqual(spawnSync("bash", ["-c", script]).status, 0);
});
