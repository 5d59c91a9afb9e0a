/** What is said of every program, beside its fields. */
import type { Fields, ValuesOf } from "./fields";

export interface Program<F extends Fields = Fields> {
  /** What `node ops/main.js` is told. */
  readonly verb: string;
  readonly request: F;
  /**
   * Its Command: the role is the name below the cluster's, or below the server's. Null for a program that only a hook or
   * the component itself runs, of which nothing is recorded.
   */
  readonly command: {
    readonly of: "cluster" | "server" | "webUi";
    readonly role: string;
    /** Whether a cluster without it is less safe. */
    readonly isGuard: boolean;
    /** Keys of the environment, which a preview shows; `_` at the end is the beginning of several. */
    readonly shows: readonly string[];
  } | null;
}

export type RequestOf<P> = P extends { readonly request: infer F } ? ValuesOf<F> : never;

/** What a preview may be shown of it. */
export type ShownBy<P> = P extends { readonly command: { readonly shows: readonly (infer K)[] } }
  ? { readonly [Key in K & string as Key extends `${string}_` ? `${Key}${string}` : Key]?: string }
  : Readonly<Record<string, never>>;

export function defineProgram<const P extends Program>(program: P): P {
  return program;
}
