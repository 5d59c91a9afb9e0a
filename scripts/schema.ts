/**
 * Writes what follows from the interfaces of `args/`: `schema.json`, the config keys of `Pulumi.yaml`, and the table of
 * docs/config.md. With `--check` it writes nothing and fails where one of them is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import ts from "typescript";
import { stringify } from "yaml";
import type { ConfigKey, Property } from "../args/shape/schema";

const ROOT = join(__dirname, "..");
const TOKEN = "rethinkdb:index:RethinkdbCluster";

type Json = Readonly<Record<string, unknown>>;

/** Reads interfaces and their docs with TypeScript's own compiler. */
class Reader {
  private readonly checker: ts.TypeChecker;
  readonly types: Record<string, Json> = {};

  constructor(private readonly program: ts.Program) {
    this.checker = program.getTypeChecker();
  }

  interfaceType(file: string, name: string): ts.Type {
    const source = this.program.getSourceFile(join(ROOT, file));
    const found = source?.statements.find(
      (one): one is ts.InterfaceDeclaration | ts.ClassDeclaration =>
        (ts.isInterfaceDeclaration(one) || ts.isClassDeclaration(one)) && one.name?.text === name,
    );
    if (found === undefined) throw new Error(`${file} has no ${name}`);
    return this.checker.getTypeAtLocation(found);
  }

  docOf(symbol: ts.Symbol): string {
    return ts.displayPartsToString(symbol.getDocumentationComment(this.checker)).replaceAll("\n", " ").trim();
  }

  tagOf(symbol: ts.Symbol, name: string): string | undefined {
    const tag = symbol.getJsDocTags(this.checker).find((one) => one.name === name);
    return tag && ts.displayPartsToString(tag.text);
  }

  /** What of a class its children and callers get: every field that is an Output of its own. */
  outputs(type: ts.Type): { properties: Record<string, Property>; required: string[] } {
    const properties: Record<string, Property> = {};
    for (const symbol of this.checker.getPropertiesOfType(type)) {
      const field = symbol.valueDeclaration;
      if (field === undefined || !ts.isPropertyDeclaration(field) || field.parent.name?.text !== type.symbol.name)
        continue;
      const { inner } = this.unwrap(this.checker.getTypeOfSymbol(symbol));
      // None is marked as a secret: the component makes them so, and the Java SDK would not compile.
      properties[symbol.name] = { ...this.shape(inner), description: this.docOf(symbol) };
    }
    return { properties, required: Object.keys(properties) };
  }

  /** Fields of an object type, in the order in which they are written. */
  fields(type: ts.Type): { properties: Record<string, Property>; required: string[] } {
    const properties: Record<string, Property> = {};
    const required: string[] = [];
    for (const symbol of this.checker.getPropertiesOfType(type)) {
      const given = this.checker.getTypeOfSymbol(symbol);
      const declared = this.checker.getNonNullableType(given);
      const isNullable = given.isUnion() && given.types.some(({ flags }) => (flags & ts.TypeFlags.Null) !== 0);
      const isOptional = isNullable || (symbol.flags & ts.SymbolFlags.Optional) !== 0;
      properties[symbol.name] = this.property(symbol, declared);
      if (!isOptional) required.push(symbol.name);
    }
    return { properties, required };
  }

  private property(symbol: ts.Symbol, type: ts.Type): Property {
    const { isInput, inner } = this.unwrap(type);
    const isSecret = this.tagOf(symbol, "secret") !== undefined;
    const said = this.tagOf(symbol, "default");
    const byDefault = said === undefined || said.startsWith("-") ? undefined : literal(said);
    const config = this.tagOf(symbol, "config");
    const see = this.tagOf(symbol, "page");
    const isPrimitive = ["string", "number", "boolean"].includes(typeof byDefault);
    const note = said?.startsWith("-") === true ? ` Default: ${said.slice(1).trim()}.` : "";
    const extra = {
      ...(byDefault === undefined || isPrimitive ? {} : { default: byDefault }),
      ...(config === undefined ? {} : { config: config === "-" ? null : literal(config) }),
      // Pulumi's Go SDK does not compile where a plain map is marked as a secret.
      ...(isSecret && !isInput ? { secret: true } : {}),
      ...(see === undefined ? {} : { see }),
    };
    return {
      ...this.shape(inner),
      description: this.docOf(symbol) + note,
      ...(isPrimitive ? { default: byDefault } : {}),
      ...(isInput ? {} : { plain: true }),
      ...(isSecret && isInput ? { secret: true } : {}),
      ...(Object.keys(extra).length === 0 ? {} : { language: { rethinkdb: extra } }),
    };
  }

  /** `Input<T>` and `Output<T>` to `T`. */
  private unwrap(type: ts.Type): { isInput: boolean; inner: ts.Type } {
    const alias = type.aliasSymbol?.name;
    if (alias === "Input" || alias === "Output") {
      const [inner] = type.aliasTypeArguments ?? [];
      if (inner !== undefined) return { isInput: true, inner };
    }
    return { isInput: false, inner: type };
  }

  shape(type: ts.Type): Property {
    const { checker } = this;
    if ((type.flags & ts.TypeFlags.StringLike) !== 0) return { type: "string" };
    // Every number of the args is a whole one; their checks say so.
    if ((type.flags & ts.TypeFlags.NumberLike) !== 0) return { type: "integer" };
    if ((type.flags & ts.TypeFlags.BooleanLike) !== 0) return { type: "boolean" };
    if (checker.isArrayType(type) || type.symbol.name === "ReadonlyArray") {
      const [item] = checker.getTypeArguments(type as ts.TypeReference);
      if (item !== undefined) return { type: "array", items: this.inner(item) };
    }
    const value = type.getStringIndexType();
    if (value !== undefined) return { type: "object", additionalProperties: this.inner(value) };
    const symbol = type.aliasSymbol ?? type.symbol;
    if (type.isClassOrInterface()) return { $ref: this.refer(type, symbol) };
    throw new Error(`${checker.typeToString(type)} is a type for which the schema has no word`);
  }

  private inner(type: ts.Type): Property {
    const { isInput, inner } = this.unwrap(type);
    return { ...this.shape(inner), ...(isInput ? {} : { plain: true }) };
  }

  private refer(type: ts.Type, symbol: ts.Symbol): string {
    // Languages add a suffix of their own.
    const token = `rethinkdb:index:${symbol.name.replace(/Args$/, "")}`;
    if (!(token in this.types)) {
      this.types[token] = {};
      const isPartial = this.tagOf(symbol, "partial") !== undefined;
      this.types[token] = {
        type: "object",
        description: this.docOf(symbol),
        ...this.fields(type),
        ...(isPartial ? { language: { rethinkdb: { partial: true } } } : {}),
      };
    }
    return `#/types/${token}`;
  }
}

/** The value of a tag, written as in TypeScript. */
function literal(text: string): unknown {
  const quoted = text.replaceAll(/([{,]\s*)(\w+):/g, '$1"$2":');
  try {
    return JSON.parse(quoted) as unknown;
  } catch {
    throw new Error(`"${text}" is no value of a @default or @config`);
  }
}

function buildSchema(): Json {
  const program = ts.createProgram([join(ROOT, "args", "args.ts"), join(ROOT, "components", "cluster.ts")], {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    resolveJsonModule: true,
    types: ["node"],
  });
  const reader = new Reader(program);
  const inputs = reader.fields(reader.interfaceType("args/args.ts", "RethinkdbClusterArgs"));
  const { version, description, license } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Json;
  const component = reader.interfaceType("components/cluster.ts", "RethinkdbCluster");
  const token = { description: reader.docOf(component.symbol) };
  const outputs = reader.outputs(component);
  return {
    name: "rethinkdb",
    displayName: "RethinkDB",
    version,
    description,
    license,
    keywords: ["pulumi", "rethinkdb", "docker", "category/database", "kind/component"],
    language: LANGUAGES,
    types: Object.fromEntries(Object.entries(reader.types).sort(([a], [b]) => (a < b ? -1 : 1))),
    resources: {
      [TOKEN]: {
        isComponent: true,
        ...token,
        inputProperties: inputs.properties,
        requiredInputs: inputs.required,
        properties: outputs.properties,
        required: outputs.required,
      },
    },
  };
}

/** How the packages of each language are called. The npm package is the component itself, so its SDK has another name. */
const LANGUAGES: Json = {
  nodejs: { packageName: "pulumi-rethinkdb-sdk", respectSchemaVersion: true },
  python: { packageName: "pulumi_rethinkdb", pyproject: { enabled: true }, respectSchemaVersion: true },
  go: { respectSchemaVersion: true },
  csharp: { namespaces: { rethinkdb: "Rethinkdb" }, respectSchemaVersion: true },
};

/** Values that the stack itself puts in. */
const CALCULATED: Readonly<Record<string, string>> = { clusterName: "`rethinkdb-<stack>`" };

/** What stands in for an arg without a default. */
function calculatedOf(name: string, { description = "" }: Property): string | undefined {
  return CALCULATED[name] ?? / Default: (.*)\.$/.exec(description)?.[1];
}

/** Up to the end of its first sentence. */
function firstSentence(text: string): string {
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}

const YAML_TYPES: Readonly<Record<ConfigKey["kind"], string>> = {
  text: "string",
  number: "integer",
  boolean: "boolean",
  list: "array",
  map: "object",
  object: "object",
};

/** The `config:` part of `Pulumi.yaml`. */
function configSection(keys: readonly ConfigKey[], properties: Readonly<Record<string, Property>>): string {
  const entries = keys
    .filter(({ name, placeholder }) => placeholder !== null || name === "adminPassword")
    .map(({ name, kind, isSecret, placeholder }) => {
      const property = properties[name] ?? {};
      const items = property.items?.type === "string" ? "string" : "object";
      return [
        name,
        {
          type: YAML_TYPES[kind],
          ...(kind === "list" ? { items: { type: items } } : {}),
          // A key with a default cannot be marked as a secret: Pulumi refuses a default that is not encrypted.
          ...(isSecret && placeholder === null ? { secret: true } : {}),
          ...(placeholder === null ? {} : { default: placeholder }),
          description: firstSentence(property.description ?? "") + meaningOf(name, placeholder, property),
        },
      ] as const;
    });
  return stringify({ config: Object.fromEntries(entries) }, { lineWidth: 0 });
}

/** What a value means that stands for none. */
function meaningOf(name: string, placeholder: unknown, property: Property): string {
  const calculated = calculatedOf(name, property);
  return placeholder === null || calculated === undefined ? "" : ` ${JSON.stringify(placeholder)} is ${calculated}.`;
}

function configTable(keys: readonly ConfigKey[], properties: Readonly<Record<string, Property>>): string {
  const rows = keys.map(({ name, isSecret, placeholder, isCalculated }) => {
    const property = properties[name] ?? {};
    const plain = typeof placeholder === "string" && placeholder !== "" ? placeholder : JSON.stringify(placeholder);
    const byDefault = isCalculated ? (calculatedOf(name, property) ?? "required") : `\`${plain}\``;
    const see = property.language?.rethinkdb?.see;
    const more = see === undefined ? "" : ` [More](${see}).`;
    return `| \`${name}\` | ${byDefault}${isSecret ? ", secret" : ""} | ${firstSentence(property.description ?? "")}${more} |`;
  });
  return ["| key | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

const BEGIN = "<!-- npm run schema writes this table -->";
const END = "<!-- end of the table -->";

async function main(): Promise<void> {
  const isCheck = process.argv.includes("--check");
  const stale: string[] = [];
  const keep = async (file: string, text: string): Promise<void> => {
    const path = join(ROOT, file);
    const wanted = await format(text, { ...(await resolveConfig(path)), filepath: path });
    if (readFileSync(path, { encoding: "utf8", flag: "a+" }) === wanted) return;
    if (isCheck) stale.push(file);
    else writeFileSync(path, wanted);
  };
  const schema = buildSchema();
  await keep("schema.json", JSON.stringify(schema));
  if (stale.length === 0) {
    // Reads the file that was just written.
    const { CONFIG_KEYS, PROPERTIES } = await import("../args/shape/schema.js");
    const project = readFileSync(join(ROOT, "Pulumi.yaml"), "utf8");
    const [, head, tail] = /^([^]*?\n)config:\n(?:[ #][^\n]*\n)*([^]*)$/.exec(project) ?? [];
    if (head === undefined || tail === undefined) throw new Error("Pulumi.yaml has no config");
    await keep("Pulumi.yaml", head + configSection(CONFIG_KEYS, PROPERTIES) + tail);
    const page = readFileSync(join(ROOT, "docs", "config.md"), "utf8");
    const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
    if (begin < 0 || end < begin) throw new Error(`docs/config.md has no "${BEGIN}" before "${END}"`);
    const [before, after] = [page.slice(0, begin), page.slice(end)];
    await keep("docs/config.md", `${before}${BEGIN}\n\n${configTable(CONFIG_KEYS, PROPERTIES)}\n\n${after}`);
  }
  if (stale.length === 0) return;
  console.error(`stale: ${stale.join(", ")}; run npm run schema, and commit what it writes`);
  process.exitCode = 1;
}

void main();
