/** A stand-in for `node`, for what a component starts: records the program and its request. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Runs `act` where the next program that is started is recorded in place of being run. */
export async function withFakeNode(
  act: () => Promise<void>,
): Promise<{ readonly verb: string; readonly request: unknown }> {
  const folder = mkdtempSync(join(tmpdir(), "node-"));
  const path = process.env["PATH"] ?? "";
  writeFileSync(join(folder, "node"), `#!/bin/sh\necho "$2" > "${folder}/verb"; cat > "${folder}/request"\n`);
  chmodSync(join(folder, "node"), 0o755);
  process.env["PATH"] = `${folder}${delimiter}${path}`;
  try {
    await act();
    const read = (name: string): string => readFileSync(join(folder, name), "utf8").trim();
    return { verb: read("verb"), request: JSON.parse(read("request")) as unknown };
  } finally {
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true });
  }
}
