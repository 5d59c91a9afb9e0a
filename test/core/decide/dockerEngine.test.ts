/** Which engines are refused, which are only remarked on, and that nothing unknown passes as good. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type EngineFacts, type EngineVerdict, judgeEngine } from "../../../core/decide/dockerEngine";

const GOOD: EngineFacts = {
  which: "this engine",
  components: ["Engine", "containerd", "runc", "docker-init"],
  version: "20.10.24+dfsg1",
  limitsMemory: true,
  limitsSwap: true,
  securityOptions: ["name=seccomp,profile=default"],
  getsServers: true,
  hasServers: false,
};

const NOTHING: EngineVerdict = { unsupported: [], problems: [], remarks: [] };

const NO_SWAP =
  "limitSwap: this engine does not limit swap (docker info: SwapLimit false), so it would store another limit than asked and " +
  "every up would restart every server; switch it on in the kernel (swapaccount=1), or set limitSwap to false";
const NO_MEMORY =
  "memoryMib: this engine does not limit memory (docker info: MemoryLimit false), so it would store another limit than asked and " +
  "every up would restart every server; switch it on in the kernel (cgroup_enable=memory swapaccount=1)";

function judge(facts: Partial<EngineFacts>, limitSwap = true): EngineVerdict {
  return judgeEngine({ ...GOOD, ...facts }, limitSwap);
}

for (const version of ["20.10.24+dfsg1", "20.10.0", "23.0.1", "28.5.2+dfsg4", "29.0.0-rc.1"]) {
  test(`accepts Docker ${version}`, () => {
    assert.deepEqual(judge({ version }), NOTHING);
  });
}

for (const version of ["19.03.15", "20.9.1", "1.13.1"]) {
  test(`refuses Docker ${version} by one sentence, whatever else is wrong, also where servers are`, () => {
    const facts = { version, limitsMemory: false, limitsSwap: false, hasServers: true };
    assert.deepEqual(judge(facts), {
      ...NOTHING,
      unsupported: [`this engine is Docker ${version}, which is too old; install 20.10 or newer`],
    });
  });
}

test("refuses an engine that does not tell its version", () => {
  const unsupported = (version: string, text: string): void => {
    assert.deepEqual(judge({ version }).unsupported, [
      `this engine is Docker ${text}, which is too old; install 20.10 or newer`,
    ]);
  };
  unsupported("", "of an unknown version");
  unsupported("dev", "dev");
});

test("refuses Podman by one sentence, whatever its version", () => {
  for (const version of ["5.8.1", "28.0.0"]) {
    assert.deepEqual(judge({ version, components: ["Podman Engine", "Conmon"] }), {
      ...NOTHING,
      unsupported: [
        "this engine is Podman's socket, which is not supported: every refresh finds the network different and replaces it, " +
          "so that the second up fails; install Docker Engine 20.10 or newer",
      ],
    });
  }
});

test("refuses an engine that does not limit swap, unless swap is not limited", () => {
  assert.deepEqual(judge({ limitsSwap: false }), { ...NOTHING, problems: [NO_SWAP] });
  assert.deepEqual(judge({ limitsSwap: false }, false), NOTHING);
});

test("refuses an engine that does not limit memory, whatever limitSwap says", () => {
  for (const limitSwap of [true, false]) {
    assert.deepEqual(judge({ limitsMemory: false, limitsSwap: false }, limitSwap), {
      ...NOTHING,
      problems: [NO_MEMORY],
    });
  }
});

test("takes a limit that the engine does not tell of for one that is missing", () => {
  const missing = (text: string): string => text.replace("Limit false", "Limit is missing");
  assert.deepEqual(judge({ limitsSwap: undefined }).problems, [missing(NO_SWAP)]);
  assert.deepEqual(judge({ limitsMemory: undefined }).problems, [missing(NO_MEMORY)]);
});

test("says the same of an engine that has servers already, and refuses nothing", () => {
  assert.deepEqual(judge({ limitsSwap: false, hasServers: true }), { ...NOTHING, remarks: [NO_SWAP] });
  assert.deepEqual(judge({ limitsMemory: false, hasServers: true }), { ...NOTHING, remarks: [NO_MEMORY] });
});

test("asks no limit of an engine that gets no server", () => {
  assert.deepEqual(judge({ limitsMemory: false, limitsSwap: false, getsServers: false }), NOTHING);
});

test("says of a rootless engine that it was not tried", () => {
  assert.deepEqual(judge({ securityOptions: ["name=seccomp,profile=builtin", "name=rootless"] }), {
    ...NOTHING,
    remarks: ["this engine is rootless Docker, which was not tried"],
  });
});
