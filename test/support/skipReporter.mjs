/** A reporter of the test runner that names each test that was skipped, a line each. */
export default async function* skipReporter(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const why = data.skip ?? data.todo;
    if (why === undefined || why === false) continue;
    const reason = typeof why === "string" && why !== "" ? `: ${why}` : "";
    yield `${(data.file ?? "").split("/").at(-1)}: ${data.name}${reason}\n`;
  }
}
