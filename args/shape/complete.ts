/** Args with every default filled in: after this nothing with a default is optional any more. */

/** Args that stay optional: without them a value is calculated, or there is none. */
export type WithoutDefault = "cacheSizeMib" | "dockerHost" | "webUiPassword" | "backupPassword";

/** Args that are objects with defaults of their own. */
type Nested = "webUi" | "backups";

export type Complete<T> = {
  readonly [K in Exclude<keyof T, WithoutDefault>]-?: K extends Nested
    ? Required<NonNullable<T[K]>>
    : NonNullable<T[K]>;
} & { readonly [K in Extract<keyof T, WithoutDefault>]?: T[K] };
