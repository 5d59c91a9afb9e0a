import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readFlags } from "../../../core/render/flagReader";
import { planCluster } from "../../../core/plan/cluster";
import { renderServerFlags } from "../../../core/render/serverFlags";

const read = (...argv: readonly string[]): unknown => {
  const { subcommand, options, strays } = readFlags(argv);
  return { subcommand, options: Object.fromEntries(options), strays };
};

describe("reading a command line of RethinkDB", () => {
  test("collects the values of an option that is given twice", () => {
    assert.deepEqual(read("--bind", "10.0.0.1", "--bind", "10.0.0.2"), {
      subcommand: "rethinkdb",
      options: { bind: ["10.0.0.1", "10.0.0.2"] },
      strays: [],
    });
  });

  test("knows options without a value, short ones and the subcommand", () => {
    assert.deepEqual(read("proxy", "--no-http-admin", "-j", "n0:29015", "-o", "1"), {
      subcommand: "proxy",
      options: { "no-http-admin": [""], join: ["n0:29015"], "port-offset": ["1"] },
      strays: [],
    });
  });

  test("tells what is neither an option nor a value", () => {
    assert.deepEqual(read("--no-http-admin", "stray", "--cores"), {
      subcommand: "rethinkdb",
      options: { "no-http-admin": [""], cores: [""] },
      strays: ["stray"],
    });
  });

  test("reads what is rendered for a server without a rest", () => {
    const [server] = planCluster({ clusterName: "orders", adminPassword: "x" }).servers;
    assert.ok(server);
    const { options, strays } = readFlags(renderServerFlags(server, "0123456789abcdef"));
    assert.deepEqual(strays, []);
    assert.deepEqual(options.get("canonical-address"), [server.address, "127.0.0.1"]);
    assert.deepEqual(options.get("initial-password"), ["auto"]);
    assert.deepEqual(options.get("no-http-admin"), [""]);
    assert.ok([...options.values()].every((values) => values.every((value) => !value.startsWith("--"))));
  });
});
