/** The pack as CrossGuard runs it: config, URNs, and values that a preview does not know. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StackValidationArgs } from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy";
import { POLICIES } from "../../../judge/pack/pack";
import { recordHere, cluster } from "../../support/recorded";

const { unknownCheckingProxy, unknownStringValue } = proxy as unknown as {
  readonly unknownCheckingProxy: (value: unknown) => unknown;
  readonly unknownStringValue: string;
};

async function run(
  policy: string,
  edit: (inputs: Record<string, unknown>) => void,
  config: object = {},
): Promise<readonly string[]> {
  const { set } = await recordHere(cluster({ nodes: 1 }));
  const resources = set.resources.map(({ type, name, urn, inputs }) => {
    const copy = structuredClone(inputs) as Record<string, unknown>;
    if (name === "db-n0") edit(copy);
    return {
      type,
      name,
      urn,
      props: unknownCheckingProxy(copy),
      opts: { protect: false },
      dependencies: [],
      propertyDependencies: {},
    };
  });
  const said: string[] = [];
  const args = { resources, stackTags: new Map(), getConfig: () => config } as unknown as StackValidationArgs;
  await POLICIES.find(({ name }) => name === policy)?.validateStack(args, (message, urn) =>
    said.push(`${urn ?? ""}: ${message}`),
  );
  return said;
}

const N0 = "urn:pulumi:test::rethinkdb::rethinkdb:index:RethinkdbCluster$docker:index/container:Container::db-n0";

test("a violation names the resource by its URN", async () => {
  assert.deepEqual(await run("read-only-root", (inputs) => (inputs["readOnly"] = false)), [
    `${N0}: db-n0: its root file system can be written. Set readOnly.`,
  ]);
});

test("config that the engine hands over is used", async () => {
  const [said] = await run("high-uid", () => undefined, { lowest: 30000 });
  assert.match(said ?? "", /does not run with a numeric uid of 30000 or higher/);
});

test("what is not known before it is applied breaks no rule, and hides nothing else", async () => {
  const unknown = (inputs: Record<string, unknown>): void => {
    inputs["image"] = unknownStringValue;
    inputs["readOnly"] = false;
    (inputs["command"] as string[])[0] = unknownStringValue;
    inputs["command"] = (inputs["command"] as string[]).filter((word) => word !== "--no-http-admin");
  };
  assert.deepEqual(await run("image-by-digest", unknown), []);
  assert.equal((await run("read-only-root", unknown)).length, 1);
  assert.equal((await run("no-http-admin", unknown)).length, 1);
});

test("Pulumi's own word tells an up from a preview; without it each server waits for the one below it", async () => {
  const { set } = await recordHere(cluster({ nodes: 3 }));
  const below = set.resources.find(({ name }) => name === "db-n1-member")?.urn ?? "";
  const first = set.resources.find(({ name }) => name === "db-n0-member")?.urn ?? "";
  const resources = set.resources.map(({ type, name, urn, inputs, options }) => ({
    ...{ type, name, urn, props: inputs, opts: { protect: false }, propertyDependencies: {} },
    dependencies: options.dependencies
      .map((other) => (name === "db-n2-permit" && other === below ? first : other))
      .map((other) => ({ urn: other })),
  }));
  const said = async (): Promise<number> => {
    let count = 0;
    const args = {
      resources: [...resources],
      stackTags: new Map(),
      getConfig: () => ({}),
    } as unknown as StackValidationArgs;
    const policy = POLICIES.find(({ name }) => name === "one-at-a-time");
    await policy?.validateStack(args, () => count++);
    return count;
  };
  const before = process.env["PULUMI_NODEJS_DRY_RUN"];
  try {
    for (const [word, expected] of [
      ["false", 0],
      ["true", 1],
      [undefined, 1],
    ] as const) {
      if (word === undefined) Reflect.deleteProperty(process.env, "PULUMI_NODEJS_DRY_RUN");
      else process.env["PULUMI_NODEJS_DRY_RUN"] = word;
      assert.equal(await said(), expected, word);
    }
  } finally {
    if (before !== undefined) process.env["PULUMI_NODEJS_DRY_RUN"] = before;
    else Reflect.deleteProperty(process.env, "PULUMI_NODEJS_DRY_RUN");
  }
});
