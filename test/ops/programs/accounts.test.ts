/** What the accounts' program does without a live server: nothing where nothing is wanted, and clear words elsewhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountsRequest } from "../../../core/programs/accounts";
import { accounts, findDrift, reconcile } from "../../../ops/programs/accounts";
import { Failure } from "../../../ops/lib/failure";
import { withFakeDocker } from "../../support/fakeDocker";

const REQUEST: AccountsRequest = {
  clusterName: "db",
  identity: "0123456789abcdef01234567",
  image: "rethinkdb:2.4.3",
  dockerHost: "tcp://192.0.2.1:2376",
  adminPassword: "the admin's password",
  driverCa: "CA",
  client: null,
  databases: [],
  users: [],
  passwords: {},
};
const WITH_USER: AccountsRequest = {
  ...REQUEST,
  users: [{ name: "web", grants: [] }],
  passwords: { web: "the password of web" },
};

test("does not even look at the cluster where nothing is and was wanted", async () => {
  await withFakeDocker([], async (docker) => {
    assert.deepEqual(await accounts(REQUEST), { databases: [], users: [] });
    assert.deepEqual(docker.commands, []);
  });
});

test("looks at it when the last user was taken out", async () => {
  await withFakeDocker([{ when: "^ps ", stdout: "" }], async () => {
    const message =
      "accounts: no server of db answers (none runs); nothing was touched; look at docker logs db-n0, then run pulumi up again";
    await assert.rejects(reconcile(REQUEST, ["web"]), new Failure(message));
  });
});

test("says why no server answers, and shows no password", async () => {
  const answers = [
    { when: "^ps ", stdout: "n0\tdb-n0\texited\nn1\tdb-n1\trunning\n" },
    { when: "^exec ", code: 75, stderr: "port 28015 stayed closed\n" },
  ];
  for (const act of [(): Promise<unknown> => accounts(WITH_USER), (): Promise<unknown> => findDrift(WITH_USER, [])]) {
    await withFakeDocker(answers, async (docker) => {
      await assert.rejects(act(), (error: Error) => {
        assert.ok(error instanceof Failure);
        assert.match(
          error.message,
          /^accounts: no server of db answers \(n1 does not answer: .*port 28015 stayed closed.*\); nothing was touched; look at docker logs db-n0, then run pulumi up again$/s,
        );
        return true;
      });
      for (const secret of [WITH_USER.adminPassword, "the password of web"]) {
        assert.ok(!docker.visible.includes(secret));
      }
    });
  }
});
