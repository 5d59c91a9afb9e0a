/** What the component declares for the web UI, and that nothing else changes by it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RethinkdbCluster, type RethinkdbClusterArgs } from "../../components";
import type * as pulumi from "@pulumi/pulumi";
import type { UiPruneRequest } from "../../core/programs/uiPrune";
import { PEER_SCRIPT, renderPeerCommand } from "../../core/render/webUi";
import { withFakeNode } from "../support/fakeNode";
import { clearText, record, type Recording, requestOf, unwrap } from "../support/mocks";

const ARGS: RethinkdbClusterArgs = { clusterName: "orders", adminPassword: "correct horse battery staple", nodes: 1 };
const PASSWORD = "the password of the web UI";

async function declared(webUiPassword: string | undefined, preview = false): Promise<Recording> {
  const ui = webUiPassword === undefined ? {} : { webUi: { enabled: true }, webUiPassword };
  return record((recorder) => new RethinkdbCluster("db", { ...ARGS, ...ui }, { transformations: [recorder] }), preview);
}

function inputsOf({ resources }: Recording, name: string): Readonly<Record<string, unknown>> {
  const found = resources.find((resource) => resource.name === name && !resource.type.includes("Volume"));
  assert.ok(found, name);
  return found.inputs;
}

test("is declared only when it is enabled, and changes nothing of what was there", async () => {
  const [without, withUi] = [await declared(undefined), await declared(PASSWORD)];
  const ours = ({ name, type }: { name: string; type: string }): boolean =>
    name.startsWith("db-ui") || type.endsWith(":RethinkdbCluster");
  assert.deepEqual(without.resources.filter(ours).length, 1);
  // The judge of the fleet is told its port, to find before the first server that it is taken.
  const judged = requestOf(withUi, "db-fleet");
  assert.deepEqual(judged, {
    ...requestOf(without, "db-fleet"),
    webUi: { container: "orders-ui", publish: { address: "127.0.0.1", port: 8080 } },
    uiVolumes: ["orders-ui-peer-tls", "orders-ui-tls", "orders-ui-socket"],
  });
  const rest = ({ resources }: Recording): unknown =>
    resources.filter((resource) => !ours(resource) && resource.name !== "db-fleet");
  assert.deepEqual(rest(withUi), rest(without));
  assert.deepEqual(
    withUi.resources
      .filter(({ name }) => name.startsWith("db-ui"))
      .map(({ type, name }) => `${type} ${name}`)
      .sort(),
    [
      "command:local:Command db-ui-prepare",
      "docker:index/container:Container db-ui",
      "docker:index/container:Container db-ui-peer",
      "docker:index/volume:Volume db-ui-peer-tls",
      "docker:index/volume:Volume db-ui-socket",
      "docker:index/volume:Volume db-ui-tls",
      ...["ui-driver", "ui-peer-cluster"].flatMap((leaf) => [
        `tls:index/certRequest:CertRequest db-${leaf}-request`,
        `tls:index/locallySignedCert:LocallySignedCert db-${leaf}-certificate`,
        `tls:index/privateKey:PrivateKey db-${leaf}-key`,
      ]),
    ].sort(),
  );
});

test("removes what is of the past after each of its containers was made", async () => {
  const recording = await declared(PASSWORD);
  const prints = ["db-ui-peer", "db-ui"].map((name) => {
    const words = (inputsOf(recording, name)["command"] as string[]).join(" ");
    return /\/tls\/([0-9a-f]{16})\//.exec(words)?.[1];
  });
  for (const name of ["db-ui", "db-ui-peer"]) {
    const hooks = (recording.options.get(name)?.hooks?.afterCreate ?? []) as readonly pulumi.ResourceHook[];
    const { verb, request } = await withFakeNode(async () => {
      await hooks[0]?.callback({} as pulumi.ResourceHookArgs);
    });
    assert.equal(verb, "uiPrune");
    const { container, peerContainer, peerVolume, volume, keep } = request as UiPruneRequest;
    assert.deepEqual(
      [container, peerContainer, peerVolume, volume],
      ["orders-ui", "orders-ui-peer", "orders-ui-peer-tls", "orders-ui-tls"],
    );
    assert.deepEqual(keep, prints);
  }
});

test("runs its containers as hardened as servers, and publishes nginx alone", async () => {
  const recording = await declared(PASSWORD);
  for (const name of ["db-ui", "db-ui-peer"]) {
    const inputs = inputsOf(recording, name);
    assert.deepEqual(
      [inputs["user"], inputs["readOnly"], inputs["capabilities"], inputs["securityOpts"], inputs["privileged"]],
      ["28015:28015", true, { drops: ["ALL"] }, ["no-new-privileges"], false],
      name,
    );
  }
  const peer = inputsOf(recording, "db-ui-peer");
  assert.equal(peer["ports"], undefined);
  assert.deepEqual(peer["entrypoints"], ["bash", "-c", PEER_SCRIPT, "bash"]);
  const [, , , , , , , , print = ""] = peer["command"] as string[];
  assert.equal(print, "--initial-password");
  const path = (peer["command"] as string[]).find((text) => text.endsWith("/cluster.key")) ?? "";
  assert.deepEqual(peer["command"], renderPeerCommand(path.split("/")[2] ?? ""));
  assert.deepEqual(inputsOf(recording, "db-ui")["ports"], [
    { ip: "127.0.0.1", internal: 8443, external: 8080, protocol: "tcp" },
  ]);
});

test("limits the memory of its containers, and their swap as it is asked to", async () => {
  const limits = async (args: Partial<RethinkdbClusterArgs>): Promise<unknown> => {
    const ui = { webUi: { enabled: true }, webUiPassword: PASSWORD, ...args };
    const recording = await record(
      (recorder) => new RethinkdbCluster("db", { ...ARGS, ...ui }, { transformations: [recorder] }),
      false,
    );
    return ["db-n0", "db-ui-peer", "db-ui"].map((name) => {
      const { memory, memorySwap } = inputsOf(recording, name);
      return [name, memory, memorySwap];
    });
  };
  assert.deepEqual(await limits({}), [
    ["db-n0", 1024, 1024],
    ["db-ui-peer", 512, 512],
    ["db-ui", 128, 128],
  ]);
  assert.deepEqual(await limits({ limitSwap: false }), [
    ["db-n0", 1024, -1],
    ["db-ui-peer", 512, -1],
    ["db-ui", 128, -1],
  ]);
});

test("gives nginx another directory for another password and the same for the same, and shows neither", async () => {
  const command = async (password: string): Promise<unknown> => inputsOf(await declared(password), "db-ui")["command"];
  const one = await command(PASSWORD);
  assert.deepEqual(await command(PASSWORD), one);
  assert.notDeepEqual(await command("another password of the UI"), one);
  for (const preview of [false, true]) {
    const recording = await declared(PASSWORD, preview);
    for (const { name, inputs } of recording.resources) {
      assert.ok(!clearText(inputs).includes(PASSWORD), `${name} holds the password in clear`);
    }
    const request = JSON.parse(unwrap(inputsOf(recording, "db-ui-prepare")["stdin"]) as string) as { password: string };
    assert.equal(request.password, PASSWORD);
  }
});
