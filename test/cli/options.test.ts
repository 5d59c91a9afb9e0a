/** What a verb says of options that it does not know. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { helpOf, helpOfAll, parseOptions, wholeNumber } from "../../cli/options";
import type { Verb } from "../../cli/verb";
import { loadVerb, verbNames } from "../../cli/verbs";

async function parse(verb: string, words: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return parseOptions(await loadVerb(verb), words);
}

describe("options", () => {
  test("take their value from the next word or behind =", async () => {
    assert.deepEqual([...(await parse("up", ["--nodes", "5"]))], [["--nodes", "5"]]);
    assert.deepEqual([...(await parse("up", ["--nodes=5"]))], [["--nodes", "5"]]);
    assert.deepEqual([...(await parse("destroy", ["--volumes"]))], [["--volumes", ""]]);
    assert.deepEqual([...(await parse("up", []))], []);
    assert.deepEqual(
      [...(await parse("tunnel", ["--stack", "dev", "--port=1", "--ca", "a=b.pem"]))],
      [
        ["--stack", "dev"],
        ["--port", "1"],
        ["--ca", "a=b.pem"],
      ],
    );
  });

  for (const [verb, words, message] of [
    ["up", ["--node", "5"], 'up: "--node" is no option; do you mean "--nodes"?'],
    ["up", ["--constructor"], 'up: "--constructor" is no option; known are --nodes, --verbose'],
    // What npm hands on when `--` is forgotten.
    ["up", ["5"], 'up: "5" is no option; npm run passes options on only behind --, and npm run up -- --help has all'],
    [
      "tunnel",
      ["--port", "1", "x"],
      'tunnel: "x" is no option; npm run passes options on only behind --, and npx pulumi-rethinkdb tunnel --help has all',
    ],
    ["up", ["--nodes"], "up: --nodes needs a value: --nodes N"],
    ["destroy", ["--volume"], 'destroy: "--volume" is no option; do you mean "--volumes"?'],
    ["review", ["--ofline"], 'review: "--ofline" is no option; do you mean "--offline"?'],
  ] as const) {
    test(`refuse ${verb} ${words.join(" ")}`, async () => {
      await assert.rejects(parse(verb, words), { name: "Failure", message });
    });
  }

  test("refuse a value where none is taken", async () => {
    await assert.rejects(parse("destroy", ["--volumes=yes"]), {
      name: "Failure",
      message: "destroy: --volumes takes no value",
    });
  });

  for (const text of ["0", "65", "-1", "3.5", "1e1", "", " 3", "three"]) {
    test(`want a whole number and not ${JSON.stringify(text)}`, () => {
      assert.throws(() => wholeNumber("--nodes", text, 1, 64), {
        message: `--nodes: "${text}" is not a whole number from 1 to 64`,
      });
    });
  }

  test("read a whole number", () => {
    assert.equal(wholeNumber("--nodes", "64", 1, 64), 64);
  });
});

describe("help", () => {
  test("of a verb says what it does, its options and an example", async () => {
    assert.equal(
      helpOf(await loadVerb("up")),
      [
        "Usage: npm run up -- [options]",
        "",
        "Makes the local stack if it is missing, and brings the cluster to what its",
        "config says.",
        "",
        "Options:",
        "  --nodes <N>  number of servers; stays in the config",
        "  --verbose    every line of Pulumi's; in a terminal its live view has them all",
        "  -h, --help   show this help",
        "",
        "Examples:",
        "  npm run up",
        "  npm run up -- --nodes 5",
      ].join("\n"),
    );
    assert.match(
      helpOf(await loadVerb("rotate-ca")),
      /^Usage: npx pulumi-rethinkdb rotate-ca cluster\|driver\|client \[options\]$/m,
    );
  });

  test("names every verb that package.json has, and every file of a verb is one of them", async () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
      scripts: Readonly<Record<string, string>>;
    };
    const scripted = Object.entries(scripts)
      .map(([name, line]) => (line.startsWith("node dist/cli/main.js ") ? name : ""))
      .filter((name) => name !== "" && name !== "help");
    assert.deepEqual(verbNames(), scripted);
    const files = readdirSync(join("cli", "verbs"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    const loaded = await Promise.all(
      files.map(async (file) => (await import(join(process.cwd(), "cli", "verbs", file))) as { readonly verb?: Verb }),
    );
    const verbs = loaded.flatMap(({ verb }) => (verb === undefined ? [] : [verb]));
    assert.deepEqual(verbs.map(({ name }) => name).sort(), [...scripted].sort());
    for (const verb of verbs) {
      assert.equal((await loadVerb(verb.name)).name, verb.name);
      assert.ok(helpOfAll(verbs).includes(`  ${verb.name} `), verb.name);
      const begin = verb.isLocal ? `npm run ${verb.name}` : `npx pulumi-rethinkdb ${verb.name}`;
      for (const line of verb.examples) assert.ok(line.startsWith(begin), line);
    }
  });

  for (const [words, code, said] of [
    [["up", "-h"], 0, /^Usage: npm run up -- \[options\]$/m],
    [["tunnel", "--stack", "dev", "--help"], 0, /^Usage: npx pulumi-rethinkdb tunnel/m],
    [["help"], 0, /^ {2}doctor +Says whether/m],
    [[], 0, /^Usage: npx pulumi-rethinkdb <verb>/m],
    [["pulumi"], 0, /^Usage: npm run pulumi/m],
    [["docter"], 1, /^"docter" is no verb; do you mean "doctor"\?$/m],
  ] as const) {
    test(`is shown, or a typo explained, for ${words.join(" ") || "nothing"}`, () => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["--import", "tsx", join("cli", "main.ts"), ...words],
        { encoding: "utf8" },
      );
      assert.match(stdout + stderr, said);
      assert.equal(status, code);
    });
  }
});
