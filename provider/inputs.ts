/** What a program in another language gives, as the component takes it: plain values where its args are plain. */
import * as pulumi from "@pulumi/pulumi";
import { ARGS } from "../args/shape/schema";
import type { Shape } from "../args/shape/shape";

/**
 * An Output stays one where an arg takes it, with its dependencies and its secrecy. Where a plain value is meant, it is
 * unwrapped when it is known and no secret; the component says of every other that it is an Output.
 */
export async function plainInputs<T>(inputs: pulumi.Inputs): Promise<T> {
  return (await plain(ARGS, inputs)) as T;
}

/** The same with the values of all Outputs that are known, to be judged and no more: of secrecy nothing is left. */
export async function knownInputs<T>(inputs: pulumi.Inputs): Promise<T> {
  return (await known(ARGS, inputs)) as T;
}

/** A secret stays an Output where a plain value is meant: messages show those. */
async function known(shape: Shape | undefined, given: unknown): Promise<unknown> {
  if (pulumi.Output.isInstance(given)) {
    const output = given as pulumi.Output<unknown> & Internals;
    const isMeant = shape !== undefined && ("late" in shape || "secret" in shape);
    const isOpen = (await output.isKnown) && (isMeant || !(await output.isSecret));
    return isOpen ? known(shape, await output.promise()) : given;
  }
  if (Array.isArray(given)) {
    return Promise.all(given.map((inner: unknown) => known(shape?.kind === "list" ? shape.of : undefined, inner)));
  }
  if (typeof given !== "object" || given === null) return given;
  const fields = Object.entries(given).map(
    async ([key, inner]) => [key, await known(within(shape, key), inner)] as const,
  );
  return Object.fromEntries(await Promise.all(fields));
}

function within(shape: Shape | undefined, key: string): Shape | undefined {
  return shape?.kind === "object" ? shape.fields[key] : shape?.kind === "map" ? shape.of : undefined;
}

async function plain(shape: Shape | undefined, given: unknown): Promise<unknown> {
  if (shape === undefined || ("late" in shape && pulumi.Output.isInstance(given))) return given;
  const value = pulumi.Output.isInstance(given) ? await valueOf(given) : given;
  if (pulumi.Output.isInstance(value) || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return shape.kind === "list" ? Promise.all(value.map((inner: unknown) => plain(shape.of, inner))) : value;
  }
  const fields = Object.entries(value).map(
    async ([key, inner]) => [key, await plain(within(shape, key), inner)] as const,
  );
  return Object.fromEntries(await Promise.all(fields));
}

/** The same Output where its value may not be looked at. */
async function valueOf(given: pulumi.Output<unknown>): Promise<unknown> {
  const output = given as pulumi.Output<unknown> & Internals;
  return (await output.isKnown) && !(await output.isSecret) ? output.promise() : given;
}

/** Of every Output, though its declaration does not say so. */
interface Internals {
  readonly isKnown: Promise<boolean>;
  readonly isSecret: Promise<boolean>;
  promise(withUnknowns?: boolean): Promise<unknown>;
}
