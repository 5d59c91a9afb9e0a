/** Cases of the gate in the code of a project, the settings around it, and its packages. */
import type { Stop } from "./gate";

export type Files = Readonly<Record<string, string | undefined>>;

const entry = (name: string, version = "1.0.0", more: object = {}): object => ({
  ...{ version, resolved: `https://registry.example.com/${name}.tgz`, integrity: `sha512-${name}` },
  ...more,
});
const PACKAGES = { "": { name: "mine" }, "node_modules/a": entry("a"), "node_modules/b": entry("b") };
const lock = (more: Readonly<Record<string, object | undefined>>): Files => ({
  "package-lock.json": JSON.stringify({ lockfileVersion: 3, packages: { ...PACKAGES, ...more } }),
});
const manifest = (more: object): Files => ({ "package.json": JSON.stringify({ ...MANIFEST, ...more }) });
const MANIFEST = { name: "mine", version: "1.0.0", scripts: { build: "tsc" }, dependencies: { a: "1.0.0" } };

const PROJECT = "name: mine\nruntime: nodejs\nconfig:\n  nodes: { type: integer, default: 3 }\n";
const STACK = "encryptionsalt: v1:abc\nconfig:\n  mine:nodes: 3\n";
const PROGRAM = 'import { permit } from "./ops/permit";\nexport const allowed: boolean = permit(1);\n';
const PERMIT = "export function permit(count: number): boolean {\n  return count > 0;\n}\n";

export const BASE: Files = {
  "Pulumi.yaml": PROJECT,
  "Pulumi.prod.yaml": STACK,
  ...manifest({}),
  ...lock({}),
  ".npmrc": "audit=false\n",
  "index.ts": PROGRAM,
  "config.ts": "export const keys = [1];\n",
  "args/nodes.ts": "export const least = 3;\n",
  "core/flags.ts": 'export const flags = ["--no-http-admin"];\n',
  "components/cluster.ts": "export class Cluster {}\n",
  "ops/permit.ts": PERMIT,
  "judge/rule.ts": "export const rules = 46;\n",
  ".github/workflows/review.yml": "on: pull_request\n",
  "docs/a.md": "text\n",
  "test/a.test.ts": "1;\n",
  "examples/one/index.ts": "1;\n",
};

/** The stop, how the rule of a line begins, and the files that differ. */
export type CodeWeakening = readonly [name: string, stop: Stop, rule: string, files: Files];

export const CODE: readonly CodeWeakening[] = [
  [
    "a guard returns yes",
    "unknown",
    "code/files/ops",
    { "ops/permit.ts": "export const permit = (): boolean => true;\n" },
  ],
  [
    "the program declares something else where no engine runs",
    "unknown",
    "code/files/program",
    { "index.ts": `${PROGRAM}if (process.env["PULUMI_NODEJS_MONITOR"]) void import("node:http");\n` },
  ],
  ["a flag is taken out", "unknown", "code/files/core", { "core/flags.ts": "export const flags = [];\n" }],
  ["a default of the args is another", "unknown", "code/files/args", { "args/nodes.ts": "export const least = 1;\n" }],
  [
    "the reader of the config is another",
    "unknown",
    "code/files/program",
    { "config.ts": "export const keys = [];\n" },
  ],
  [
    "the component is another",
    "unknown",
    "code/files/components",
    { "components/cluster.ts": "export class Cluster { x = 1 }\n" },
  ],
  ["the judge itself is another", "unknown", "code/files/judge", { "judge/rule.ts": "export const rules = 45;\n" }],
  ["a file is new", "unknown", "code/files/ops", { "ops/more.ts": "export {};\n" }],
  ["a file is gone", "unknown", "code/files/ops", { "ops/permit.ts": undefined }],
  [
    "a part of the code moves to another file",
    "unknown",
    "code/files/ops",
    { "ops/permit.ts": undefined, "ops/may.ts": PERMIT },
  ],
  [
    "a file that tests own is loaded, and a compiler would drop the import",
    "unknown",
    "code/files/program",
    { "index.ts": `import { x } from "./test/x";\n${PROGRAM}`, "test/x.ts": "process.exit();\n" },
  ],
  [
    "an import for its effects alone",
    "unknown",
    "code/files/program",
    { "index.ts": `import "./test/x";\n${PROGRAM}` },
  ],
  ["a script of a shell", "unknown", "code/files/scripts", { "scripts/up.sh": "true\n" }],
  ["compiled programs that come along", "unknown", "code/files/dist", { "dist/ops/main.js": "process.exit();\n" }],
  [
    "a workflow asks for more rights",
    "unknown",
    "code/files/.github",
    { ".github/workflows/review.yml": "on: pull_request_target\n" },
  ],
  ["a workflow is gone", "unknown", "code/files/.github", { ".github/workflows/review.yml": undefined }],
  ["an action of the project's own", "unknown", "code/files/.github", { ".github/actions/x/action.yml": "name: x\n" }],
  ["another registry", "unknown", "code/files/program", { ".npmrc": "registry=https://example.com\n" }],
  ["settings of the compiler", "unknown", "code/files/program", { "tsconfig.json": "{}\n" }],
  [
    "an accepted file that accepts itself",
    "unknown",
    "code/files/program",
    { "review.accepted.yaml": "accepted: []\n" },
  ],
  [
    "a script that runs at installation",
    "unknown",
    "code/settings/package.json script postinstall",
    manifest({ scripts: { build: "tsc", postinstall: "sh x" } }),
  ],
  ["another build", "unknown", "code/settings/package.json script build", manifest({ scripts: { build: "sh x" } })],
  [
    "another dependency in the manifest",
    "unknown",
    "code/settings/package.json dependencies",
    manifest({ dependencies: { a: "github:evil/a" } }),
  ],
  [
    "an override of a package",
    "unknown",
    "code/settings/package.json overrides",
    manifest({ overrides: { a: "2.0.0" } }),
  ],
  ["another kind of modules", "unknown", "code/settings/package.json type", manifest({ type: "module" })],
  [
    "names of the package's own that lead elsewhere",
    "unknown",
    "code/settings/package.json imports",
    manifest({ imports: { "#x": "./test/x.js" } }),
  ],
  [
    "options of the runtime",
    "unknown",
    "code/settings/Pulumi.yaml runtime",
    { "Pulumi.yaml": PROJECT.replace("nodejs", "{ name: nodejs, options: { nodeargs: --require ./x.js } }") },
  ],
  [
    "a plugin from a folder",
    "unknown",
    "code/settings/Pulumi.yaml plugins",
    { "Pulumi.yaml": `${PROJECT}plugins:\n  providers: [{ name: docker, path: ./x }]\n` },
  ],
  [
    "another place for the state",
    "unknown",
    "code/settings/Pulumi.yaml backend",
    { "Pulumi.yaml": `${PROJECT}backend: { url: "s3://elsewhere" }\n` },
  ],
  [
    "another file as the program",
    "unknown",
    "code/settings/Pulumi.yaml main",
    { "Pulumi.yaml": `${PROJECT}main: test/\n` },
  ],
  [
    "a package of the project's own",
    "unknown",
    "code/settings/Pulumi.yaml packages",
    { "Pulumi.yaml": `${PROJECT}packages: { docker: ./x }\n` },
  ],
  [
    "another default of the config",
    "unknown",
    "code/settings/Pulumi.yaml default of nodes",
    { "Pulumi.yaml": PROJECT.replace("default: 3", "default: 1") },
  ],
  [
    "a default that is a secret no more",
    "unknown",
    "code/settings/Pulumi.yaml default of nodes",
    { "Pulumi.yaml": PROJECT.replace("default: 3", "default: 3, secret: false") },
  ],
  ["a project file in another format", "unknown", "code/", { "Pulumi.json": "{}\n" }],
  [
    "environments of the stack",
    "unknown",
    "code/settings/stack's environment",
    { "Pulumi.prod.yaml": `environment: [more]\n${STACK}` },
  ],
  [
    "another keeper of secrets",
    "unknown",
    "code/settings/stack's secretsprovider",
    { "Pulumi.prod.yaml": `secretsprovider: passphrase\n${STACK}` },
  ],
  [
    "another salt",
    "unknown",
    "code/settings/stack's encryptionsalt",
    { "Pulumi.prod.yaml": STACK.replace("v1:abc", "v1:def") },
  ],
  [
    "config of a provider",
    "unknown",
    "code/settings/stack's config docker:host",
    { "Pulumi.prod.yaml": `${STACK}  docker:host: tcp://203.0.113.9\n` },
  ],
  [
    "switched off default providers",
    "unknown",
    "code/settings/stack's config pulumi:disable-default-providers",
    { "Pulumi.prod.yaml": `${STACK}  pulumi:disable-default-providers: ["*"]\n` },
  ],
  [
    "a package from another host",
    "weakened",
    "code/package/a/source",
    lock({ "node_modules/a": { ...entry("a"), resolved: "https://example.com/a.tgz" } }),
  ],
  [
    "a package in clear",
    "weakened",
    "code/package/a/source",
    lock({ "node_modules/a": { ...entry("a"), resolved: "http://registry.example.com/a.tgz" } }),
  ],
  [
    "a package from a repository",
    "weakened",
    "code/package/a/source",
    lock({ "node_modules/a": { ...entry("a"), resolved: "git+ssh://git@example.org/a.git#1" } }),
  ],
  [
    "a package from a folder",
    "weakened",
    "code/package/a/source",
    lock({ "node_modules/a": { resolved: "test/a", link: true } }),
  ],
  [
    "other contents of the same version",
    "weakened",
    "code/package/a/checksum",
    lock({ "node_modules/a": { ...entry("a"), integrity: "sha512-x" } }),
  ],
  [
    "a package without a checksum",
    "weakened",
    "code/package/a/checksum",
    lock({ "node_modules/a": { ...entry("a"), integrity: undefined } }),
  ],
  [
    "a package that runs a script when it is installed",
    "weakened",
    "code/package/c/script",
    lock({ "node_modules/c": entry("c", "1.0.0", { hasInstallScript: true }) }),
  ],
  [
    "a package that begins to run a script",
    "weakened",
    "code/package/a/script",
    lock({ "node_modules/a": entry("a", "1.0.1", { hasInstallScript: true }) }),
  ],
  ["a new package", "unknown", "code/packages", lock({ "node_modules/c": entry("c") })],
  ["another version", "unknown", "code/packages", lock({ "node_modules/a": entry("a", "0.9.0") })],
  [
    "a package inside of another",
    "unknown",
    "code/packages",
    lock({ "node_modules/a/node_modules/b": entry("b", "0.9.0") }),
  ],
  ["another kind of lock file", "unknown", "code/", { "package-lock.json": undefined, "yarn.lock": "x\n" }],
  ["no lock file at all", "unknown", "code/packages", { "package-lock.json": undefined }],
  [
    "a lock file that has the last word",
    "unknown",
    "code/packages",
    { "npm-shrinkwrap.json": JSON.stringify({ packages: { ...PACKAGES, "node_modules/a": entry("a", "0.9.0") } }) },
  ],
  [
    "a lock file of an old format",
    "unknown",
    "code/",
    { "package-lock.json": JSON.stringify({ lockfileVersion: 1, dependencies: {} }) },
  ],
];

/** Two old lock files that differ: nothing of them may pass unseen. */
export const OLD_LOCKS: readonly [Files, Files] = [
  { "package-lock.json": JSON.stringify({ lockfileVersion: 1, dependencies: { a: { version: "1.0.0" } } }) },
  { "package-lock.json": JSON.stringify({ lockfileVersion: 1, dependencies: { a: { version: "0.9.0" } } }) },
];

export const HARMLESS_CODE: readonly (readonly [name: string, files: Files])[] = [
  ["comments", { "index.ts": `// A comment.\n${PROGRAM}/* Another. */\n` }],
  ["comments with a licence", { "index.ts": `/*! licence */\n${PROGRAM}` }],
  ["formatting", { "ops/permit.ts": PERMIT.replaceAll("\n", "\n\n").replace("  return", "\treturn") }],
  ["types", { "ops/permit.ts": PERMIT.replace("number", "1 | 2") }],
  ["semicolons", { "ops/permit.ts": PERMIT.replace("0;", "0") }],
  ["quotes", { "index.ts": PROGRAM.replaceAll('"', "'") }],
  ["docs", { "docs/a.md": "other\n", "docs/b.md": "more\n", "README.md": "x\n" }],
  ["tests", { "test/a.test.ts": "2;\n", "test/b.test.ts": "3;\n" }],
  ["examples", { "examples/one/index.ts": "2;\n" }],
  ["a changelog and a picture", { "CHANGELOG.md": "x\n", "docs/a.svg": "<svg/>" }],
  ["a licence", { LICENSE: "MIT\n" }],
  ["files that git ignores", { ".gitignore": "out/\n" }],
  ["another version of the project", manifest({ version: "2.0.0" })],
  ["words about the project", manifest({ description: "x", keywords: ["a"], author: "b" })],
  [
    "fields in another order",
    { "package.json": JSON.stringify(Object.fromEntries(Object.entries(MANIFEST).reverse())) },
  ],
  [
    "packages in another order",
    {
      "package-lock.json": JSON.stringify(
        { packages: Object.fromEntries(Object.entries(PACKAGES).reverse()) },
        null,
        2,
      ),
    },
  ],
  ["a comment in the project's file", { "Pulumi.yaml": `# A comment.\n${PROJECT}` }],
  ["words about a key", { "Pulumi.yaml": PROJECT.replace("default: 3", 'default: 3, description: "servers"') }],
  ["another config of the stack, which what it declares shows", { "Pulumi.prod.yaml": STACK.replace("3", "5") }],
  ["a comment in the stack's file", { "Pulumi.prod.yaml": `# A comment.\n${STACK}` }],
];
