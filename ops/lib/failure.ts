/** The one kind of error that a person reads: who, what is wrong, what to do next. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The driver's own errors carry the query in their message, and a query may hold a password; `msg` is without it. */
export function describe(error: unknown): string {
  if (error instanceof Error && "msg" in error && typeof error.msg === "string") return error.msg;
  return error instanceof Error ? error.message : String(error);
}

/**
 * Reads JSON that may hold a secret: the parser's own message would quote it.
 * @param what begins the sentence of the failure.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what a piece of JSON is
export function parseSecret<T>(text: string, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Failure(`${what} is not JSON`);
  }
}
