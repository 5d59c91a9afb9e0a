/** Asking every server of a cluster, and what is made of those that do not answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describePartition } from "../../../core/decide/views";
import { engines, serversOf } from "../../../ops/cluster/hosts";
import { Failure } from "../../../ops/lib/failure";
import { accessTo } from "../../../ops/cluster/operatorLogin";
import { Progress } from "../../../ops/lib/progress";
import { describeUnheard, unseenUnknown, type Views, withViews } from "../../../ops/cluster/views";
import {
  DOCKER_HOST,
  type FakeCluster,
  FINGERPRINT,
  OPERATOR_PASSWORD,
  operatorLogin,
  REF,
  withCluster,
} from "../../support/fakeCluster";
import { fakePki } from "../../support/fake/pki";

const WHO = { name: "who", progress: new Progress("who") };
const THREE = ["n0", "n1", "n2"];
const PASSWORDS = { password: OPERATOR_PASSWORD, previousPassword: null };

async function ask(login: Parameters<typeof withViews>[1] = operatorLogin()): Promise<Views> {
  return withViews(await serversOf(REF), login, WHO, (found) => Promise.resolve(found));
}
const names = (found: Views): readonly string[] => found.views.map(({ server }) => server);

test("every running server is asked, and no other", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.set("n1", "exited");
    const found = await ask();
    assert.deepEqual(names(found), ["n0", "n2"]);
    assert.deepEqual([found.silent, found.unknown], [[], []]);
    assert.deepEqual(
      found.views.map(({ status }) => status.servers.map(({ name }) => name)),
      [
        ["n0", "n2"],
        ["n0", "n2"],
      ],
    );
  });
});

test("its connections are closed afterwards, whatever happens", async () => {
  await withCluster(THREE, async () => {
    const found = await ask();
    assert.ok(found.views.every(({ connection }) => !connection.open));
    let views: Views["views"] = [];
    const failing = withViews(await serversOf(REF), operatorLogin(), WHO, (now) => {
      views = now.views;
      return Promise.reject(new Failure("refused"));
    });
    await assert.rejects(failing, new Failure("refused"));
    assert.equal(views.length, 3);
    assert.ok(views.every(({ connection }) => !connection.open));
  });
});

test("a server that logs in and then does not answer is hung up on", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    cluster.door("n1").meet = () => "silence";
    const found = withViews(await serversOf(REF), operatorLogin(), WHO, async ({ views, unknown }) => {
      assert.deepEqual(unknown, [{ name: "n1", reason: "no answer in 30 seconds" }]);
      assert.equal(views.length, 1);
      // One is that of the server that answers.
      await cluster.settleChannels();
      assert.equal(cluster.channels, 1);
    });
    await found;
    assert.equal(await cluster.settleChannels(), 0);
  });
});

test("servers that go away while they are asked are asked three times, and each time hung up on", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    let times = 0;
    const act = async ({ views }: Views): Promise<never> => {
      times++;
      assert.equal(views.length, 2);
      await cluster.settleChannels();
      assert.equal(cluster.channels, 2);
      throw new Error("it is gone");
    };
    const message =
      "who: the servers cannot say what this would cost (it is gone); nothing more was done; run pulumi up again";
    const who = { name: "who", progress: new Progress("who") };
    await assert.rejects(withViews(await serversOf(REF), operatorLogin(), who, act), new Failure(message));
    assert.equal(times, 3);
    assert.deepEqual(cluster.said, ["who: a server went away while it was asked: it is gone"]);
    assert.equal(await cluster.settleChannels(), 0);
  });
});

test("servers that agree are not waited for", async () => {
  await withCluster(THREE, async (cluster) => {
    await ask();
    assert.equal(cluster.clock.time, 0);
  });
});

test("a server that answers is heard, also where nothing says that it ever was a member", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    cluster.volume("db-n0-data")?.files.delete("started");
    cluster.volume("db-n1-data")?.files.delete("started");
    cluster.door("n1").meet = () => "end";
    const found = await ask();
    assert.deepEqual(names(found), ["n0"]);
    assert.deepEqual(found.silent, []);
    assert.deepEqual(
      found.unknown.map(({ name }) => name),
      ["n1"],
    );
  });
});

test("nothing but what a server itself trusts is tried where the stack's CA is not known", async () => {
  await withCluster(["n0"], async (cluster) => {
    let channels = 0;
    cluster.onChannel = () => channels++;
    assert.deepEqual(names(await ask(PASSWORDS)), ["n0"]);
    assert.equal(channels, 1);
  });
});

test("a server is not known where what it trusts cannot be read either", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.host().failOn(/^exec -i db-n0 channel| cat /, "no space left on device");
    assert.deepEqual((await ask()).unknown, [
      { name: "n0", reason: "driver-ca.pem cannot be read: no space left on device" },
    ]);
  });
});

test("what a server itself trusts is tried where the stack's CA does not fit", async () => {
  await withCluster(THREE, async (cluster) => {
    const { strangers, stranger } = fakePki();
    cluster.door("n1").certificate = strangers;
    cluster.volume("db-n1-tls")?.files.set(`${FINGERPRINT}/driver-ca.pem`, stranger.certPem);
    assert.deepEqual(names(await ask()), THREE);
    assert.deepEqual(names(await ask(PASSWORDS)), THREE);
  });
});

test("a closed port is not tried a second time", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.door("n0").port = "closed";
    const found = await ask();
    assert.deepEqual(found.silent, [{ name: "n0", reason: "its driver port is closed" }]);
    assert.equal(cluster.host().commands.filter((line) => line.endsWith("channel")).length, 1);
  });
});

test("a server that refuses the account is not known, where another one answers", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.door("n1").passwordOf = () => "another";
    const found = await ask();
    assert.deepEqual(found.unknown, [{ name: "n1", reason: "it refuses the account pulumi_operator" }]);
    // The others see it, so that their word for it counts.
    assert.deepEqual(unseenUnknown(found), []);
  });
});

test("a server that refuses the account is not asked with what it trusts itself", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    cluster.door("n1").passwordOf = () => "another";
    await ask();
    assert.deepEqual(
      cluster.host().commands.filter((line) => / cat |^container inspect/.test(line)),
      [],
    );
  });
});

test("a server that refuses the account and never was a member is silent, also where others answer", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    cluster.door("n1").passwordOf = () => "another";
    cluster.volume("db-n1-data")?.files.delete("started");
    const found = await ask();
    assert.deepEqual(found.silent, [{ name: "n1", reason: "it has never been a member" }]);
    assert.deepEqual(found.unknown, []);
  });
});

for (const [what, then] of [
  ["cannot be entered", { code: 1, stdout: "new\n" }],
  ["says something else", { stdout: "newer\n" }],
  ["hangs", "hang"],
] as const) {
  test(`a server that refuses the account is not known where its container ${what}`, async () => {
    await withCluster(["n0", "n1"], async (cluster) => {
      cluster.door("n1").passwordOf = () => "another";
      cluster.host().rules.push({ when: /^exec db-n1 bash .*started/, then });
      assert.deepEqual((await ask()).silent, []);
    });
  });
}

test("where no server answers, one that refuses the account decides over those that are not known", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    cluster.host().failOn(/^exec -i db-n0 channel/, "no space left on device");
    cluster.door("n1").passwordOf = () => "another";
    const message =
      "who: n1 refuses the account pulumi_operator, so nothing tells what this would cost; " +
      "nothing was touched; set the account again with pulumi up --target-replace '**-admin'";
    await assert.rejects(ask(), new Failure(message));
  });
});

for (const [what, expired, reason] of [
  ["the server's certificate", { "driver.pem": "expired" }, "its certificate has expired"],
  ["every CA that it trusts", { "driver-ca.pem": "expiredCa" }, "its certificate has expired"],
] as const) {
  test(`a server is silent where ${what} has expired by its host's clock`, async () => {
    await withCluster(["n0"], async (cluster) => {
      cluster.door("n0").certificate = fakePki().expired;
      for (const [file, name] of Object.entries(expired))
        cluster.volume("db-n0-tls")?.files.set(`${FINGERPRINT}/${file}`, fakePki()[name].certPem);
      assert.deepEqual((await ask()).silent, [{ name: "n0", reason }]);
    });
  });
}

const BUT = "certificate has expired by the clock of this machine, but";
for (const [what, spoil, reason] of [
  [
    "is valid by its host's clock",
    () => undefined,
    `${BUT} its certificate is valid by the clock of its host: set the clock`,
  ],
  [
    "would have to be read from a volume that cannot be read",
    (cluster: FakeCluster) => {
      cluster.host().unreadable.add("db-n0-tls");
    },
    `${BUT} its certificate cannot be read: set the clock`,
  ],
  [
    "is beside one of several CAs that has not expired",
    (cluster: FakeCluster) => {
      const { ca, expiredCa } = fakePki();
      cluster.volume("db-n0-tls")?.files.set(`${FINGERPRINT}/driver-ca.pem`, expiredCa.certPem + ca.certPem);
    },
    `${BUT} its certificate is valid by the clock of its host: set the clock`,
  ],
  [
    "has no CA beside it",
    (cluster: FakeCluster) => {
      cluster.volume("db-n0-tls")?.files.set(`${FINGERPRINT}/driver-ca.pem`, " ");
    },
    `${BUT} its certificate cannot be read: set the clock`,
  ],
] as const) {
  test(`a server is not known whose certificate has expired for this machine and ${what}`, async () => {
    await withCluster(["n0"], async (cluster) => {
      cluster.door("n0").certificate = fakePki().expired;
      spoil(cluster);
      const found = await ask();
      assert.deepEqual(found.silent, []);
      assert.deepEqual(found.unknown, [{ name: "n0", reason }]);
    });
  });
}

test("the host's clock counts, not this machine's", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.door("n0").certificate = fakePki().expired;
    cluster.host().clockAhead = 40 * 24 * 3600;
    assert.deepEqual((await ask()).silent, [{ name: "n0", reason: "its certificate has expired" }]);
  });
});

test("servers that do not agree are asked again for ten seconds, and then taken as they are", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.partition(["n0"], ["n1", "n2"]);
    const started = cluster.clock.time;
    const found = await ask();
    assert.equal(describePartition(found.views), "n0 sees n0; n1, n2 see n1, n2");
    assert.equal(cluster.clock.time - started, 10_000);
  });
});

test("what is read last counts, and not what was read first", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.partition(["n0"], ["n1", "n2"]);
    cluster.clock.onWait = () => {
      cluster.model.cuts.length = 0;
    };
    const found = await ask();
    assert.equal(describePartition(found.views), undefined);
  });
});

test("unheard servers are named with their reasons", () => {
  assert.equal(
    describeUnheard([
      { name: "n0", reason: "a" },
      { name: "n1", reason: "b" },
    ]),
    "n0 (a), n1 (b)",
  );
});

async function access(act: (cluster: FakeCluster) => void): Promise<unknown> {
  return withCluster(["n0"], async (cluster) => {
    act(cluster);
    const [server] = await serversOf(REF);
    assert.ok(server);
    return accessTo(server);
  });
}

test("what a login takes is read from the server's own volume", async () => {
  const { ca, client } = fakePki();
  assert.deepEqual(await access(() => undefined), { driverCa: ca.certPem, client: null });
  const demanding = access((cluster) => {
    const found = cluster.container("n0");
    assert.ok(found);
    found.args = [...found.args, "--driver-tls-ca", "/tls/x/client-ca.pem"];
    cluster.volume("db-n0-tls")?.files.set(`${FINGERPRINT}/client.pem`, client.certPem);
    cluster.volume("db-n0-tls")?.files.set(`${FINGERPRINT}/client.key`, client.keyPem);
  });
  assert.deepEqual(await demanding, { driverCa: ca.certPem, client });
});

for (const [what, act, message] of [
  [
    "the container cannot be entered",
    (cluster: FakeCluster) => {
      cluster.host().failOn(/ cat /, "no space left on device");
    },
    "driver-ca.pem cannot be read: no space left on device",
  ],
  [
    "the CA is empty",
    (cluster: FakeCluster) => {
      cluster.volume("db-n0-tls")?.files.set(`${FINGERPRINT}/driver-ca.pem`, "");
    },
    "driver-ca.pem cannot be read: it is empty",
  ],
  [
    "the container says nothing of certificates",
    (cluster: FakeCluster) => {
      Object.assign(cluster.container("n0") ?? {}, { args: [] });
    },
    "n0: its container does not say where its CA is",
  ],
  [
    "the client's key is missing",
    (cluster: FakeCluster) => {
      const found = cluster.container("n0");
      assert.ok(found);
      found.args = [...found.args, "--driver-tls-ca", "x"];
    },
    `client.pem cannot be read: cat: /tls/${FINGERPRINT}/client.pem: No such file or directory`,
  ],
] as const) {
  test(`no login is tried with half of what it takes, where ${what}`, async () => {
    await assert.rejects(access(act), new Failure(message));
  });
}

test("no login is tried where the container is gone", async () => {
  await withCluster(["n0"], async () => {
    const server = { engine: engines.connect(DOCKER_HOST), name: "n9", container: "db-n9", state: "running" };
    await assert.rejects(accessTo(server), new Failure("n9: its container does not say where its CA is"));
  });
});
