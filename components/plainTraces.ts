/** Declares without mapping stack traces to TypeScript sources. */

/**
 * The SDK writes down a stack trace for every promise of a resource, and ts-node maps each line of it to its source: more work
 * than all else that a cluster's declaration does. Nobody reads these; what `work` throws keeps the lines of the compiled files.
 */
export function withPlainTraces<T>(work: () => T): T {
  const traces = Error as { prepareStackTrace?: unknown };
  const mapping = traces.prepareStackTrace;
  traces.prepareStackTrace = undefined;
  try {
    return work();
  } finally {
    traces.prepareStackTrace = mapping;
  }
}
