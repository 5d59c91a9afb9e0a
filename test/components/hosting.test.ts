/** The mapping of stack traces is off for as long as the work takes, and comes back whatever happens. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withPlainTraces } from "../../components/hosting";

test("stack traces are mapped again after the work, also where it throws", () => {
  const traces = Error as { prepareStackTrace?: unknown };
  const before = traces.prepareStackTrace;
  let mapped = 0;
  const mapping = (error: Error): string => {
    mapped++;
    return error.message;
  };
  try {
    traces.prepareStackTrace = mapping;
    const trace = withPlainTraces(() => new Error("inside").stack ?? "");
    assert.match(trace, /^Error: inside\n\s+at /);
    assert.equal(mapped, 0);
    assert.throws(
      () =>
        withPlainTraces(() => {
          throw new TypeError("refused");
        }),
      TypeError,
    );
    assert.equal(traces.prepareStackTrace, mapping);
    assert.equal(new Error("outside").stack, "outside");
    assert.equal(mapped, 1);
  } finally {
    traces.prepareStackTrace = before;
  }
});
