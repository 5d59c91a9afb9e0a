/** Which words and bytes of a server or a driver count as a refusal. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isPermission } from "../../../ops/doctor/probes/login/accounts";
import { isTurnedAway } from "../../../ops/doctor/probes/login/passwords";
import { clientHello, readAnswer } from "../../../ops/doctor/wire/clientHello";
import { isUnreached, saysNothing } from "../../../ops/doctor/probes/network/rHttp";

test("only words that tell of a refusal count as one", () => {
  assert.equal(isUnreached("Error in HTTP GET of `http://127.0.0.1:8080/`: Couldn't connect to server."), true);
  assert.equal(isUnreached("The connection is closed."), false);
  assert.equal(saysNothing("The connection is closed."), true);
  assert.equal(isTurnedAway("it does not answer a login: alert certificate required"), true);
  assert.equal(isTurnedAway("it does not answer a login: no answer in 10 seconds"), false);
  assert.equal(isTurnedAway("its driver port does not answer: Connection refused"), false);
  assert.equal(isPermission(new Error("no answer in 30 seconds")), false);
});

describe("a hello that is written by hand", () => {
  test("has the version, the ciphers and lengths that add up", () => {
    const hello = clientHello(0x0302, [0xc009, 0x0005]);
    assert.equal(hello[0], 22);
    assert.equal(hello.readUInt16BE(3), hello.length - 5);
    assert.equal(hello.readUIntBE(6, 3), hello.length - 9);
    assert.equal(hello.readUInt16BE(9), 0x0302);
    assert.deepEqual([...hello.subarray(44, 52)], [0, 6, 0xc0, 0x09, 0x00, 0x05, 0x00, 0xff]);
  });

  test("its answers are read: a server's hello, an alert, silence, and something else", () => {
    const serverHello = Buffer.concat([
      Buffer.from([22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2]),
      Buffer.alloc(32),
      Buffer.from([0, 0xc0, 0x09, 0]),
    ]);
    assert.deepEqual(readAnswer(serverHello), { kind: "accepted", version: 0x0302, cipher: 0xc009 });
    assert.deepEqual(readAnswer(Buffer.from([21, 3, 1, 0, 2, 2, 70])), {
      kind: "refused",
      how: "alert protocol version",
    });
    assert.deepEqual(readAnswer(Buffer.alloc(0)), { kind: "refused", how: "closed without a word" });
    assert.deepEqual(readAnswer(Buffer.from("HTTP/1.1 400 Bad Request")), {
      kind: "other",
      how: '"HTTP/1.1 400 Bad Request"',
    });
  });
});
