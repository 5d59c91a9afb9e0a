/** Reads what a program registers with the engine's monitor. */
import { NO_OPTIONS, type Options, type Resource, text, TYPES } from "../../judge/model/resources";
import { CONFIG_KEYS } from "../../args/shape/schema";
import { holdsPlaceholder, secretText, secretValue, withoutSecrets } from "../../judge/model/secrets";
import { readRequest as readAsked } from "../../judge/model/request";
import { providerName } from "../../judge/model/readSet";
import { type AliasMessage, aliasUrns, urnOf } from "./aliases";

type Values = Readonly<Record<string, unknown>>;

export interface Struct {
  readonly toJavaScript: () => Values;
}

/** https://github.com/pulumi/pulumi/blob/v3.259.0/proto/pulumi/resource.proto, RegisterResourceRequest */
export interface Request {
  readonly getType: () => string;
  readonly getName: () => string;
  readonly getParent: () => string;
  readonly getObject: () => Struct;
  readonly getProtect: () => boolean;
  readonly getRetainondelete: () => boolean;
  readonly getReplaceonchangesList: () => string[];
  readonly getIgnorechangesList: () => string[];
  readonly getDependenciesList: () => string[];
  readonly getAliasesList: () => AliasMessage[];
  readonly getDeletedwith: () => string;
  readonly getAdditionalsecretoutputsList: () => string[];
  readonly getProvider: () => string;
  readonly getCustom: () => boolean;
  readonly getPlugindownloadurl: () => string;
  readonly getPropertydependenciesMap: () => {
    readonly forEach: (visit: (urns: { readonly getUrnsList: () => string[] }, input: string) => void) => void;
  };
  readonly getHooks: () => Hooks | undefined;
  readonly getSourceposition: () => { readonly getUri: () => string; readonly getLine: () => number } | undefined;
}

type Hooks = Readonly<Record<string, (() => readonly string[]) | undefined>>;

const SECRET_ARGS = CONFIG_KEYS.filter(({ isSecret }) => isSecret).map(({ name }) => name);
const HOOKS = ["beforeCreate", "afterCreate", "beforeUpdate", "afterUpdate", "beforeDelete", "afterDelete"];

export function readRequest(
  request: Request,
  {
    project,
    stack,
    folder,
    secrets,
  }: {
    readonly project: string;
    readonly stack: string;
    readonly folder: string;
    readonly secrets: readonly string[];
  },
  known: readonly Resource[],
): Resource {
  const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
  const named = { stack, project, type, name, parent };
  const above = known.find(({ urn }) => urn === parent)?.options ?? NO_OPTIONS;
  const source = sourceOf(request, folder);
  const given = request.getObject().toJavaScript();
  const inputs = Object.fromEntries(Object.entries(given).map(([key, v]) => [key, withoutSecrets(v)]));
  const asked =
    type === TYPES.command ? readAsked(inputs, secretText(given["stdin"]) || text(given["stdin"])) : undefined;
  return {
    ...{ urn: urnOf(named), type, name, parent, inputs },
    ...(asked === undefined ? {} : { request: asked }),
    ...(type === TYPES.cluster ? { literals: literalsOf(given, secrets) } : {}),
    options: { ...readOptions(request, above), aliases: aliasUrns(named, request.getAliasesList(), above.aliases) },
    ...(source === undefined ? {} : { source }),
  };
}

/**
 * A secret that a program got from the config, or from what it made, is known here; another stands in the program.
 * @param secrets of the config, as they stand there.
 */
function literalsOf(given: Values, secrets: readonly string[]): readonly string[] {
  const isKnown = (text: string): boolean =>
    secrets.some((all) => all.includes(JSON.stringify(text).slice(1, -1)) || all.includes(text));
  const isLiteral = ([key, value]: readonly [string, unknown]): boolean => {
    const plain = secretValue(value) ?? (SECRET_ARGS.includes(key) ? value : undefined);
    return textsOf(plain).some((text) => text !== "" && !holdsPlaceholder(text) && !isKnown(text));
  };
  return Object.entries(given)
    .filter(isLiteral)
    .map(([key]) => key);
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(textsOf);
  return typeof value === "string" ? [value] : [];
}

/** A child inherits protection, as in the engine. */
function readOptions(request: Request, parent: Options): Omit<Options, "aliases"> {
  const propertyDependencies: Record<string, readonly string[]> = {};
  request.getPropertydependenciesMap().forEach((urns, input) => {
    propertyDependencies[input] = urns.getUrnsList();
  });
  const hooks = request.getHooks();
  const isSet = (kind: string): boolean => {
    const list = hooks?.[`get${kind.charAt(0).toUpperCase()}${kind.slice(1)}List`];
    return list !== undefined && list.call(hooks).length > 0;
  };
  return {
    protect: request.getProtect() || parent.protect,
    retainOnDelete: request.getRetainondelete() || parent.retainOnDelete,
    replaceOnChanges: request.getReplaceonchangesList(),
    ignoreChanges: request.getIgnorechangesList(),
    dependencies: request.getDependenciesList(),
    propertyDependencies,
    hooks: HOOKS.filter(isSet),
    deletedWith: request.getDeletedwith(),
    secretOutputs: request.getAdditionalsecretoutputsList(),
    provider: hasProvider(request) ? providerName(request.getProvider() || "default") : "",
    pluginUrl: request.getPlugindownloadurl(),
  };
}

function hasProvider(request: Request): boolean {
  return request.getCustom() && !request.getType().startsWith("pulumi:");
}

function sourceOf(request: Request, folder: string): string | undefined {
  const position = request.getSourceposition();
  const path = position?.getUri().replace(/^(project|file):\/\//, "");
  if (position === undefined || path === undefined || folder === "" || !path.startsWith(`${folder}/`)) return undefined;
  return `${path.slice(folder.length + 1)}:${String(position.getLine())}`;
}
