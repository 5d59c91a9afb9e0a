/** The one kind of error that a person reads: who, what is wrong, what to do next. */
export class Failure extends Error {
  override readonly name = "Failure";
}

export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
