// Lint: strict types everywhere, and the law of each room (what it may import and know).
import eslint from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** Only `config.ts` and `index.ts`, and examples, read the stack's config; everything else is told. */
const NO_CONFIG = [
  "MemberExpression[object.name='pulumi'][property.name='Config']",
  "TSQualifiedName[left.name='pulumi'][right.name='Config']",
  "ImportDeclaration[source.value=/^@pulumi.pulumi/] ImportSpecifier[imported.name='Config']",
  "MemberExpression[object.property.name='runtime'][property.name=/^(getConfig|setConfig|allConfig)$/]",
].map((selector) => ({ selector, message: "Only config.ts and index.ts know the stack's config." }));

/** An import that the import rule would not see. */
const NO_DYNAMIC_IMPORT = { selector: "ImportExpression", message: "Import at the top of the file." };

/**
 * The law of one room: what its files may import, files of the room itself apart.
 * @param law the same in words
 * @param rooms other rooms
 * @param packages patterns of package names
 * @param without a folder of its own that the others must not import
 * @param typesOnly packages of which only types may be imported
 */
function room(folder, law, { rooms = [], packages = [], typesOnly = [], without, dynamic = false }) {
  const lawOf = (depth) => {
    const within = ["\\./[^.]", ...Array.from({ length: depth }, (_, ups) => `(\\.\\./){${ups + 1}}[^.]`)];
    const out = `(\\.\\./){${depth + 1}}`;
    const allowed = [...within, ...rooms.map((other) => `${out}${other}`), ...packages.map((name) => `${name}$`)];
    const known = [...allowed, ...typesOnly.map((name) => `${name}$`)];
    const patterns = [
      { regex: `^(?!${known.join("|")})`, message: `${folder}/ ${law}.` },
      // A way back up in the middle of a path could lead anywhere.
      { regex: "[^./]/\\.\\.", message: `${folder}/ ${law}.` },
      ...(without === undefined ? [] : [{ regex: `/${without}(/|$)`, message: `${folder}/ ${law}.` }]),
      ...typesOnly.map((name) => ({
        regex: `^${name}$`,
        allowTypeImports: true,
        message: `${folder}/ may import only types of this.`,
      })),
    ];
    return {
      files: [`${folder}/${"*/".repeat(depth)}*.ts`],
      rules: {
        "@typescript-eslint/no-restricted-imports": ["error", { patterns }],
        "no-restricted-syntax": ["error", ...NO_CONFIG, ...(dynamic ? [] : [NO_DYNAMIC_IMPORT])],
      },
    };
  };
  return [0, 1, 2, 3, 4, 5].map(lawOf);
}

export default defineConfig(
  { ignores: ["dist/", ".mutants/", "node_modules/", ".state/", ".venv/", "**/*.d.ts"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: "error",
      "no-console": "off",
      "no-control-regex": "off",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-extraneous-class": "off",
      // Pulumi's Outputs are no promises; what is declared need not be used.
      "no-new": "off",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: false }],
      "no-restricted-syntax": ["error", ...NO_CONFIG],
    },
  },
  {
    // Pulumi starts it as it is.
    files: ["provider/index.js"],
    languageOptions: { sourceType: "commonjs", globals: { require: "readonly" } },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  { files: ["index.ts", "config.ts", "examples/*/*/index.ts"], rules: { "no-restricted-syntax": "off" } },
  {
    files: ["test/**/*.ts"],
    rules: {
      // The caller says what a piece of JSON is.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "no-restricted-syntax": "off",
      // node:test reports a test's own promise.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", package: "node:test", name: ["test", "it", "describe", "suite"] },
          ],
        },
      ],
    },
  },

  ...room("args", "says: beside its own files it imports schema.json, ipaddr.js and types of @pulumi/pulumi", {
    rooms: ["schema\\.json$"],
    packages: ["ipaddr\\.js"],
    typesOnly: ["@pulumi/pulumi"],
  }),
  ...room(
    "core",
    "computes: beside its own files it imports args, ipaddr.js, hashes of node:crypto and types of @pulumi/pulumi",
    { rooms: ["args/"], packages: ["ipaddr\\.js", "node:crypto"], typesOnly: ["@pulumi/pulumi"] },
  ),
  {
    files: ["args/**/*.ts", "core/**/*.ts"],
    rules: {
      // Plain values in, plain values out.
      "no-restricted-globals": ["error", "process", "console", "fetch", "setTimeout", "setInterval", "Date"],
      "no-restricted-properties": ["error", { object: "Math", property: "random" }],
    },
  },
  ...room("components", "declares: beside its own files it imports args, core, Pulumi's packages and Node's modules", {
    rooms: ["args/", "core/"],
    packages: ["@pulumi/[^/]+", "node:.+"],
  }),
  ...room("provider", "hosts: beside its own files it imports args, components and Pulumi's packages", {
    rooms: ["args/", "components/"],
    packages: ["@pulumi/[^/]+", "node:.+"],
  }),
  ...room("ops", "acts: beside its own files it imports args, core, rethinkdb-ts, bcryptjs and Node's modules", {
    rooms: ["args/", "core/"],
    packages: ["rethinkdb-ts", "bcryptjs", "node:.+"],
    dynamic: true,
  }),
  ...room(
    "cli",
    "is what a person types: beside its own files it imports args, core, ops, the judge without its pack, commander, esbuild, yaml and Node's modules",
    {
      rooms: ["args/", "core/", "ops/", "judge/(?!pack($|/(?!judge$)))"],
      packages: ["node:.+", "commander", "esbuild", "yaml"],
      dynamic: true,
    },
  ),
  ...room("judge", "judges: beside its own files, without the pack, it imports args and core", {
    rooms: ["args/", "core/"],
    without: "pack",
  }),
  ...room("judge/pack", "is the policy pack: beside the judge's own files it imports args, core and @pulumi/policy", {
    rooms: ["(?!\\.)", "\\.\\./args/", "\\.\\./core/"],
    packages: ["@pulumi/policy"],
  }),
  { files: ["**/*.{js,mjs,cjs}"], ...tseslint.configs.disableTypeChecked },
  {
    files: ["**/*.{js,mjs,cjs}"],
    rules: { "@typescript-eslint/explicit-module-boundary-types": "off" },
  },
);
