/** Where the component runs: in the process of a program, or in a plugin that serves programs in other languages. */

let isServed = false;

/** Whether a plugin declares now: its working directory is the program's, and its folder belongs to one version. */
export function isInPlugin(): boolean {
  return isServed;
}

/**
 * Declares as a plugin. The SDK writes stack traces into the state; of a plugin they would name its home and version, which
 * are not the program's.
 */
export function asPlugin<T>(work: () => T): T {
  isServed = true;
  return withTraces(
    (error) => String(error),
    work,
    () => (isServed = false),
  );
}

/**
 * Declares without mapping stack traces to TypeScript sources. The SDK writes down a stack trace for every promise of a
 * resource, and ts-node maps each line of it to its source: more work than all else that a cluster's declaration does.
 * Nothing reads these; what `work` throws keeps the lines of the compiled files.
 */
export function withPlainTraces<T>(work: () => T): T {
  return isServed ? work() : withTraces(undefined, work);
}

function withTraces<T>(render: ((error: unknown) => string) | undefined, work: () => T, after?: () => void): T {
  const traces = Error as { prepareStackTrace?: unknown };
  const mapping = traces.prepareStackTrace;
  traces.prepareStackTrace = render;
  try {
    return work();
  } finally {
    traces.prepareStackTrace = mapping;
    after?.();
  }
}
