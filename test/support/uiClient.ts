/** The web UI as curl sees it: the certificate is verified, and a password goes over curl's stdin. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { tryDocker } from "./stack";

export interface UiAnswer {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly headers: string;
  readonly body: string;
  readonly seconds: number;
}

export interface UiTarget {
  readonly url: string;
  readonly caFile: string;
  readonly password: string;
  /** Of the UI, so that its containers' logs are shown when it does not come up. */
  readonly clusterName: string;
  /** Network namespace to ask from; this one when undefined. */
  readonly netns?: string;
}

const OPEN = ["/ajax/reql/open-new-connection", "--request", "POST"] as const;

function curlIn(netns: string | undefined): readonly [string, ...string[]] {
  return netns === undefined ? ["curl"] : ["nsenter", `--net=/run/netns/${netns}`, "curl"];
}

export class UiClient {
  constructor(private readonly target: UiTarget) {}

  /** @param password of the user `admin`; null sends none. */
  get(path: string, password: string | null, ...flags: readonly string[]): UiAnswer {
    const { url, caFile, netns } = this.target;
    const args = [
      "--silent",
      "--include",
      "--max-time",
      "10",
      "--cacert",
      caFile,
      "--config",
      "-",
      ...flags,
      url + path,
    ];
    const [command, ...first] = curlIn(netns);
    const input = password === null ? "" : `user = "admin:${password}"`;
    const started = Date.now();
    const { stdout } = spawnSync(command, [...first, ...args], { input, encoding: "utf8" });
    const [headers = "", ...body] = stdout.split("\r\n\r\n");
    return {
      status: Number(/^HTTP\/\S+ (\d+)/.exec(headers)?.[1] ?? 0),
      headers,
      body: body.join("\r\n\r\n"),
      seconds: (Date.now() - started) / 1000,
    };
  }

  /** Logs in once. @returns what makes further requests of curl the session's. */
  session(): readonly string[] {
    const login = this.get("/", this.target.password);
    const cookie = /^set-cookie: (rethinkdb_ui=[\w-]+);/im.exec(login.headers)?.[1];
    assert.ok(cookie, `a login gives a session: ${login.headers}`);
    return ["--cookie", cookie];
  }

  /** Opens a connection for queries. @param password null sends none. */
  open(password: string | null, ...flags: readonly string[]): UiAnswer {
    const [path, ...post] = OPEN;
    return this.get(path, password, ...post, ...flags);
  }

  /** Until a user with the password gets a connection to the cluster. */
  async untilUp(): Promise<void> {
    const { clusterName, password } = this.target;
    const end = Date.now() + 60_000;
    for (;;) {
      const { status } = this.open(password);
      if (status === 200) return;
      const logs = ["ui", "ui-peer"].map((name) => tryDocker("logs", `${clusterName}-${name}`).output).join("\n");
      assert.ok(Date.now() < end, `the UI is not back within a minute: ${String(status)}\n${logs}`);
      // Slower than the limit on logins.
      await sleep(status === 429 ? 4000 : 1000);
    }
  }
}
