/** What the component declares for databases and users: rights in clear, passwords never. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { grants, RethinkdbCluster, type RethinkdbClusterArgs } from "../../components";
import { clearText, record, type Recording, unwrap } from "../support/mocks";

const ARGS: RethinkdbClusterArgs = {
  clusterName: "orders",
  adminPassword: "correct horse battery staple",
  nodes: 1,
  databases: ["shop", "audit"],
  users: [
    {
      name: "web",
      grants: [
        { db: "shop", read: true, write: true },
        { db: "shop", table: "cards", read: false, write: false },
      ],
    },
    { name: "idle" },
    { name: "report", grants: grants.readOnly("shop") },
  ],
};
const PASSWORDS = { web: "the password of web", idle: "the password of idle", report: "the password of report" };

async function declared(userPasswords: RethinkdbClusterArgs["userPasswords"], preview = false): Promise<Recording> {
  return record(
    (recorder) =>
      new RethinkdbCluster("db", { ...ARGS, ...(userPasswords && { userPasswords }) }, { transformations: [recorder] }),
    preview,
  );
}

function accountsOf({ resources }: Recording): Readonly<Record<string, unknown>> {
  return resources.find(({ name }) => name === "db-accounts")?.inputs ?? {};
}

test("every user stands in a preview with all rights", async () => {
  assert.deepEqual(accountsOf(await declared(PASSWORDS, true))["environment"], {
    DATABASES: "audit shop",
    USER_idle: "no rights",
    USER_report: "shop: read",
    USER_web: "shop: read, write; shop.cards: no read, no write",
  });
});

test("the program is told every right and every password", async () => {
  const request = JSON.parse(unwrap(accountsOf(await declared(PASSWORDS))["stdin"]) as string) as Record<
    string,
    unknown
  >;
  const nothing = { read: null, write: null, connect: null, config: null };
  assert.deepEqual(request["databases"], ["audit", "shop"]);
  assert.deepEqual(request["users"], [
    { name: "idle", grants: [] },
    { name: "report", grants: [{ db: "shop", table: null, rights: { ...nothing, read: true } }] },
    {
      name: "web",
      grants: [
        { db: "shop", table: null, rights: { ...nothing, read: true, write: true } },
        { db: "shop", table: "cards", rights: { ...nothing, read: false, write: false } },
      ],
    },
  ]);
  assert.deepEqual(request["passwords"], PASSWORDS);
});

test("no password stands in clear, be the map plain, secret or made of secrets", async () => {
  const kinds: readonly RethinkdbClusterArgs["userPasswords"][] = [
    PASSWORDS,
    pulumi.secret(PASSWORDS),
    Object.fromEntries(Object.entries(PASSWORDS).map(([name, password]) => [name, pulumi.secret(password)])),
  ];
  for (const kind of kinds) {
    for (const preview of [false, true]) {
      for (const { name, inputs } of (await declared(kind, preview)).resources) {
        assert.ok(!clearText(inputs).includes("the password of"), `${name} holds a password in clear`);
      }
    }
  }
});

test("accounts change nothing of any other resource but the cluster itself", async () => {
  const without = await record((recorder) => {
    const { clusterName, adminPassword, nodes = 1 } = ARGS;
    return new RethinkdbCluster("db", { clusterName, adminPassword, nodes }, { transformations: [recorder] });
  });
  const others = ({ resources }: Recording): unknown =>
    resources.filter(({ name, type }) => name !== "db-accounts" && !type.endsWith(":RethinkdbCluster"));
  assert.deepEqual(others(await declared(PASSWORDS)), others(without));
});
