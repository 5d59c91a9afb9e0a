/** The URNs under which a resource was known before, its own aliases and those that it inherits, as the engine finds them. */

/** https://github.com/pulumi/pulumi/blob/v3.259.0/proto/pulumi/alias.proto */
export interface AliasMessage {
  readonly getUrn: () => string;
  readonly getSpec: () => AliasSpec | undefined;
}

interface AliasSpec {
  readonly getName: () => string;
  readonly getType: () => string;
  readonly getStack: () => string;
  readonly getProject: () => string;
  readonly getParenturn: () => string;
  readonly getNoparent: () => boolean;
}

export interface Named {
  readonly stack: string;
  readonly project: string;
  readonly type: string;
  readonly name: string;
  /** URN, empty for the root. */
  readonly parent: string;
}

export function urnOf({ stack, project, type, name, parent }: Named): string {
  const parentType = parent.split("::")[2] ?? "";
  const isRoot = parentType === "" || parentType === "pulumi:pulumi:Stack";
  return `urn:pulumi:${stack}::${project}::${isRoot ? type : `${parentType}$${type}`}::${name}`;
}

/** @param parents aliases of the parent */
export function aliasUrns(self: Named, own: readonly AliasMessage[], parents: readonly string[]): readonly string[] {
  const found: string[] = [];
  const former: Named[] = [self];
  for (const alias of own) {
    const spec = alias.getSpec();
    if (spec === undefined) found.push(alias.getUrn());
    else {
      const named = fromSpec(self, spec);
      found.push(urnOf(named));
      if (named.parent === self.parent) former.push(named);
    }
  }
  for (const parent of parents) for (const named of former) found.push(inherited(named, self.parent, parent));
  return [...new Set(found)].filter((urn) => urn !== "" && urn !== urnOf(self));
}

function fromSpec(self: Named, spec: AliasSpec): Named {
  return {
    stack: spec.getStack() || self.stack,
    project: spec.getProject() || self.project,
    type: spec.getType() || self.type,
    name: spec.getName() || self.name,
    parent: spec.getNoparent() ? "" : spec.getParenturn() || self.parent,
  };
}

/** A child that is named after its parent was named after the parent's old name. */
function inherited(child: Named, parent: string, former: string): string {
  const [name, formerName] = [nameOf(parent), nameOf(former)];
  return urnOf({
    ...child,
    name: child.name.startsWith(name) ? formerName + child.name.slice(name.length) : child.name,
    parent: former,
  });
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
