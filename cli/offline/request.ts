/** Reads what a program registers with the engine's monitor. */
import { NO_OPTIONS, type Options, type Resource, SECRET } from "../../judge/model/resources";
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

/** The engine writes a secret as an object with this key and value. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const HOOKS = ["beforeCreate", "afterCreate", "beforeUpdate", "afterUpdate", "beforeDelete", "afterDelete"];

export function readRequest(
  request: Request,
  { project, stack, folder }: { readonly project: string; readonly stack: string; readonly folder: string },
  known: readonly Resource[],
): Resource {
  const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
  const named = { stack, project, type, name, parent };
  const above = known.find(({ urn }) => urn === parent)?.options ?? NO_OPTIONS;
  const source = sourceOf(request, folder);
  return {
    ...{ urn: urnOf(named), type, name, parent },
    inputs: Object.fromEntries(
      Object.entries(request.getObject().toJavaScript()).map(([key, v]) => [key, withoutSecrets(v)]),
    ),
    options: { ...readOptions(request, above), aliases: aliasUrns(named, request.getAliasesList(), above.aliases) },
    ...(source === undefined ? {} : { source }),
  };
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

/** From here on a secret is only known to be one. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Values)[SIGNATURE] === SECRET_SIGNATURE) return SECRET;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}
