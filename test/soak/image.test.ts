/** Image changes on a living cluster: a newer patch release rolls, an older one and another series are refused. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { imageWith } from "../support/images";
import { mustPython } from "../support/python";
import { docker, inspect, TestStack, tryDocker } from "../support/stack";

const NAME = "t-image";
const PORT = 31680;
const TAGS = ["t-image:2.4.5", "t-image:2.5.0", "t-image:none"];
let stack: TestStack;

/** The real program, which says that it is another version. */
const saying = (version: string): string =>
  `[ "$1" = --version ] && { echo "rethinkdb ${version} (GCC 12.2.0)"; exit; }; exec rethinkdb.real "$@"`;
const imagesOf = (): readonly string[] =>
  [0, 1, 2].map((i) => inspect<{ Config: { Image: string } }>("container", `${NAME}-n${String(i)}`).Config.Image);

describe("the image of three servers", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.22.0/24", driverPort: PORT });
    await stack.mustUp();
    imageWith("t-image:2.4.5", saying("2.4.5"));
    imageWith("t-image:2.5.0", saying("2.5.0"));
    imageWith("t-image:none", "exit 1");
  });
  after(() => {
    stack.dispose();
    for (const tag of TAGS) tryDocker("image", "rm", tag);
  });

  test("becomes a newer one of the series, one server at a time, and every row stays", async () => {
    const target = { port: PORT, password: stack.settings.adminPassword, ca: stack.output<string>("driverCaPem") };
    const rows = `r.db("test").table_create("kept", replicas=3).run(c)
return r.table("kept").insert([{"id": i} for i in range(100)]).run(c)["inserted"]`;
    assert.equal(mustPython(target, rows), 100);
    stack.configure({ image: "t-image:2.4.5" });
    await stack.mustUp();
    assert.deepEqual(imagesOf(), ["t-image:2.4.5", "t-image:2.4.5", "t-image:2.4.5"]);
    assert.equal(mustPython(target, `return r.table("kept").count().run(c)`), 100);
  });

  for (const [image, message] of [
    [
      "rethinkdb:2.4.4-bookworm-slim",
      /image: rethinkdb:2\.4\.4-bookworm-slim is RethinkDB 2\.4\.4 and the servers run 2\.4\.5; data files do not go back; set the image back, or dump the data and restore it into a new cluster/,
    ],
    [
      "t-image:2.5.0",
      /image: t-image:2\.5\.0 is RethinkDB 2\.5\.0 and the servers run 2\.4\.5; different series cannot form one cluster, so they cannot be changed one after the other; dump the data, destroy, then make a new cluster and restore into it/,
    ],
    [
      "t-image:none",
      /image: t-image:none does not say a version of RethinkDB; use an image whose "rethinkdb --version" answers/,
    ],
  ] as const) {
    test(`does not become ${image}, and nothing is touched`, async () => {
      const ids = (): string => docker("ps", "--quiet", "--no-trunc", "--filter", `name=^${NAME}-n`);
      const before = ids();
      stack.configure({ image });
      const { code, output } = await stack.up();
      assert.notEqual(code, 0);
      assert.match(output, message);
      assert.equal(ids(), before);
    });
  }
});
