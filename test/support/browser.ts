/** Debian's Chromium as a person has it, in a home of its own whose NSS database trusts one CA. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const COMMANDS = ["chromium", "certutil"] as const;

/** @returns why no browser can be driven here, for a test's `skip`; false when one can. */
export function missingBrowser(): string | false {
  const missing = COMMANDS.filter((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0);
  return missing.length === 0 ? false : `${missing.join(" and ")} (Debian: chromium, libnss3-tools) not installed`;
}

export class TestBrowser {
  private constructor(
    private readonly home: string,
    readonly browser: Browser,
  ) {}

  /**
   * @param caFile the one CA it trusts beside those that it comes with; null trusts no other.
   * @param flags of Chromium's command line
   */
  static async start(caFile: string | null, ...flags: readonly string[]): Promise<TestBrowser> {
    const home = mkdtempSync(join(tmpdir(), "browser-"));
    try {
      if (caFile !== null) trust(home, caFile);
      const browser = await chromium.launch({
        executablePath: "/usr/bin/chromium",
        // Root has no sandbox; the pages are our own.
        chromiumSandbox: process.getuid?.() !== 0,
        args: [...flags],
        env: { ...(process.env as Record<string, string>), HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home },
      });
      return new TestBrowser(home, browser);
    } catch (error) {
      rmSync(home, { recursive: true, force: true });
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.browser.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** Only as an issuer of servers. */
function trust(home: string, caFile: string): void {
  const folder = join(home, ".pki", "nssdb");
  mkdirSync(folder, { recursive: true });
  for (const args of [
    ["-N", "--empty-password"],
    ["-A", "-n", "driver CA", "-t", "C,,", "-i", caFile],
  ]) {
    const { status, stderr } = spawnSync("certutil", ["-d", `sql:${folder}`, ...args], { encoding: "utf8" });
    if (status !== 0) throw new Error(`certutil ${args.join(" ")} failed: ${stderr}`);
  }
}
