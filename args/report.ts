/** Collects what is wrong with the args, in the order in which it is found. */

export interface Findings {
  /** Each: path in the caller's words, what is wrong with the value found, what to do. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** What one value's own check says of it. */
export interface Verdict {
  readonly error?: string;
  readonly warning?: string;
}

export class Report implements Findings {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];

  error(text: string): void {
    this.errors.push(text);
  }

  warn(text: string): void {
    this.warnings.push(text);
  }

  take({ error, warning }: Verdict, prefix = ""): void {
    if (error !== undefined) this.error(prefix + error);
    if (warning !== undefined) this.warn(prefix + warning);
  }

  /** @returns whether it is a whole number from `low` to `high`. */
  whole(name: string, value: number, low: number, high: number): boolean {
    if (Number.isInteger(value) && value >= low && value <= high) return true;
    this.error(`${name}: ${String(value)} is not a whole number from ${String(low)} to ${String(high)}`);
    return false;
  }
}
