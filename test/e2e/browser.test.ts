/** The web UI in Debian's Chromium, which verifies its certificate against the driver CA. */
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { missingBrowser, TestBrowser } from "../support/browser";
import { missingWebUiImage } from "../support/prerequisites";
import { mustPython } from "../support/python";
import { TestStack } from "../support/stack";
import { UiClient } from "../support/uiClient";

const NAME = "t-ui-browser";
const PORT = 35020;
const UI = 35030;
const URL = `https://127.0.0.1:${String(UI)}`;
const PASSWORD = "the password of the web UI";
const why = missingBrowser() || missingWebUiImage();

let stack: TestStack;
let caFile: string;
let driven: TestBrowser;

/** A window without cookies, whose user knows this password. */
async function withWindow<T>(password: string | null, act: (page: Page, context: BrowserContext) => Promise<T>) {
  const login = password === null ? {} : { httpCredentials: { username: "admin", password, origin: URL } };
  const context = await driven.browser.newContext({ ...login, viewport: { width: 1280, height: 900 } });
  try {
    return await act(await context.newPage(), context);
  } finally {
    await context.close();
  }
}

/** The tables of `test`, asked for by a script in the page, as RethinkDB's own pages ask: or the status of a refusal. */
async function tablesOfTest(page: Page): Promise<string | number> {
  return page.evaluate(async () => {
    const post = { method: "POST" };
    const opened = await fetch("/ajax/reql/open-new-connection", post);
    if (opened.status !== 200) return opened.status;
    const query = "\0".repeat(8) + JSON.stringify([1, [62, [[14, ["test"]]]], {}]);
    const path = `/ajax/reql/?conn_id=${await opened.text()}`;
    const answer = await fetch(path, { ...post, body: query });
    // The token and the length come first.
    return answer.status === 200 ? (await answer.text()).slice(12) : answer.status;
  });
}

describe("the web UI in a browser", { skip: why }, () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.232.2.0/24", driverPort: PORT, nodes: 1 });
    stack.configureJson("webUi", { enabled: true, port: UI });
    stack.pulumi(["config", "set", "--secret", "webUiPassword"], PASSWORD);
    await stack.mustUp();
    const ca = stack.output<string>("driverCaPem");
    caFile = join(stack.folder, "ca.pem");
    writeFileSync(caFile, ca);
    await new UiClient({ url: URL, caFile, password: PASSWORD, clusterName: NAME }).untilUp();
    const admin = { port: PORT, password: stack.settings.adminPassword, ca };
    mustPython(admin, `return r.db("test").table_create("seen_in_the_browser").run(c)["tables_created"]`);
    driven = await TestBrowser.start(caFile);
  });
  after(async () => {
    await (driven as TestBrowser | undefined)?.dispose();
    stack.dispose();
  });

  test("is not trusted by a browser that does not know the driver CA", async () => {
    const stranger = await TestBrowser.start(null);
    try {
      const page = await stranger.browser.newPage();
      await assert.rejects(page.goto(URL), /net::ERR_CERT_AUTHORITY_INVALID/);
    } finally {
      await stranger.dispose();
    }
  });

  for (const [what, password] of [
    ["no password", null],
    ["a wrong password", "wrong"],
  ] as const) {
    test(`shows nothing of RethinkDB for ${what}`, async () => {
      await withWindow(password, async (page, context) => {
        const answers: number[] = [];
        page.on("response", (response) => answers.push(response.status()));
        // Chromium's own error page where it has no password to try; nginx's where it has.
        await page.goto(URL).catch((error: unknown) => {
          assert.match(String(error), /net::ERR_INVALID_AUTH_CREDENTIALS/);
        });
        await page.waitForURL((url) => url.protocol === "chrome-error:" || url.origin === URL);
        await page.waitForLoadState();
        assert.ok(answers.length > 0 && answers.every((status) => status === 401), JSON.stringify(answers));
        assert.doesNotMatch(await page.innerText("body"), /RethinkDB|Dashboard/i);
        assert.deepEqual(await context.cookies(), []);
      });
    });
  }

  test("shows the cluster for the right password, and runs queries behind it", async () => {
    await withWindow(PASSWORD, async (page, context) => {
      const response = await page.goto(URL);
      assert.equal(response?.status(), 200);
      const security = await response.securityDetails();
      assert.match(security?.protocol ?? "", /^TLS 1\.[23]$/);
      const cookies = await context.cookies();
      assert.deepEqual(
        cookies.map(({ name, httpOnly, secure, sameSite }) => [name, httpOnly, secure, sameSite]),
        [["rethinkdb_ui", true, true, "Strict"]],
      );
      await page.getByText("RethinkDB").first().waitFor();
      const folder = process.env["SCREENSHOTS"] ?? mkdtempSync(join(tmpdir(), "screenshots-"));
      await page.screenshot({ path: join(folder, "web-ui.png") });
      console.log(`a picture of the page is in ${folder}`);
      assert.match(String(await tablesOfTest(page)), /"r":\[\["seen_in_the_browser"\]\]/);
    });
  });
});
