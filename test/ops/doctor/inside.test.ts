/** What is read of a container's inside. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readInside } from "../../../ops/doctor/scene/inside";

const section = (name: string, text: string): string => `${name} ${Buffer.from(text).toString("base64")}`;

test("sockets, mounts, files, processes and the disk are read from what the kernel prints", () => {
  const tcp = [
    "  sl  local_address rem_address   st",
    "   0: 0B00007F:A785 00000000:0000 0A 0",
    "   1: 0A02DD0A:6D6F 00000000:0000 0A 0",
    "   2: 0A02DD0A:6D6F 0B02DD0A:AAA0 01 0",
    "   3: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0",
    "   4: 0000000000000000FFFF00000100007F:0001 00000000000000000000000000000000:0000 0A 0",
  ].join("\n");
  const mounts = [
    "1 0 0:1 / / ro,relatime - overlay overlay rw",
    "2 1 254:0 /docker/volumes/db/_data /data rw,relatime - ext4 /dev/vda rw",
  ].join("\n");
  const argv = Buffer.from("sleep\u0000600\u0000").toString("base64");
  const found = readInside(
    [
      section("tcp", tcp),
      section("udp", "   0: 00000000:0035 00000000:0000 07 0"),
      section("mounts", mounts),
      section("files", "400 28015 f /tls/a b/driver.key\n"),
      section("writable", "/tmp\n"),
      section("kernel", "/proc/sys/kernel\n"),
      section("disk", "1B-blocks Avail\n1000 250\n"),
      section("identity", "abc/n0/0\n"),
      `process 12 0 28015 30 ${argv} -`,
    ].join("\n"),
  );
  assert.deepEqual(found.sockets, [
    { protocol: "tcp", address: "10.221.2.10", port: 28015 },
    { protocol: "tcp", address: "::", port: 8080 },
    { protocol: "tcp", address: "127.0.0.1", port: 1 },
    { protocol: "udp", address: "0.0.0.0", port: 53 },
  ]);
  assert.deepEqual(
    found.mounts.map(({ at, readOnly, source }) => [at, readOnly, source]),
    [
      ["/", true, "overlay"],
      ["/data", false, "/docker/volumes/db/_data"],
    ],
  );
  assert.deepEqual(found.files, [{ mode: "400", uid: 28015, kind: "f", path: "/tls/a b/driver.key" }]);
  assert.deepEqual(found.writable, ["/tmp", "/proc/sys/kernel"]);
  assert.deepEqual(found.processes, [
    { pid: 12, parent: 0, uid: 28015, seconds: 30, argv: ["sleep", "600"], environment: null },
  ]);
  assert.deepEqual(found.disk, { totalBytes: 1000, freeBytes: 250 });
  assert.equal(found.identity, "abc/n0/0");
});
