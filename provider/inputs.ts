/** What a program in another language gives, as the component takes it: plain values where its args are plain. */
import * as pulumi from "@pulumi/pulumi";
import { ARGS } from "../args/shape/schema";
import type { Shape } from "../args/shape/shape";

/**
 * An Output stays one where an arg takes it, with its dependencies and its secrecy. Where a plain value is meant, it is
 * unwrapped when it is known and no secret; the component says of every other that it is an Output.
 */
export async function plainInputs<T>(inputs: pulumi.Inputs): Promise<T> {
  return (await unwrap(ARGS, inputs, ({ late, isSecret }) => !late && !isSecret)) as T;
}

/**
 * The same with the values of all Outputs that are known, to be judged and no more: of secrecy nothing is left. A secret
 * stays an Output where a plain value is meant: messages show those.
 */
export async function knownInputs<T>(inputs: pulumi.Inputs): Promise<T> {
  return (await unwrap(ARGS, inputs, ({ late, secret, isSecret }) => late || secret || !isSecret)) as T;
}

interface Place {
  /** Whether an arg takes an Output there. */
  readonly late: boolean;
  /** Whether a secret is meant there. */
  readonly secret: boolean;
  /** Whether the Output that is there is one. */
  readonly isSecret: boolean;
}

/** @param opens whether an Output whose value is known is replaced by it. */
async function unwrap(shape: Shape | undefined, given: unknown, opens: (place: Place) => boolean): Promise<unknown> {
  if (pulumi.Output.isInstance(given)) {
    const output = given as pulumi.Output<unknown> & Internals;
    const [late, secret] = [shape !== undefined && "late" in shape, shape !== undefined && "secret" in shape];
    const isOpen = (await output.isKnown) && opens({ late, secret, isSecret: await output.isSecret });
    return isOpen ? unwrap(shape, await output.promise(), opens) : given;
  }
  if (Array.isArray(given)) {
    const of = shape?.kind === "list" ? shape.of : undefined;
    return Promise.all(given.map((inner: unknown) => unwrap(of, inner, opens)));
  }
  if (typeof given !== "object" || given === null) return given;
  const shapeOf = (key: string): Shape | undefined =>
    shape?.kind === "object" ? shape.fields[key] : shape?.kind === "map" ? shape.of : undefined;
  const fields = Object.entries(given).map(
    async ([key, inner]) => [key, await unwrap(shapeOf(key), inner, opens)] as const,
  );
  return Object.fromEntries(await Promise.all(fields));
}

/** Of every Output, though its declaration does not say so. */
interface Internals {
  readonly isKnown: Promise<boolean>;
  readonly isSecret: Promise<boolean>;
  promise(withUnknowns?: boolean): Promise<unknown>;
}
