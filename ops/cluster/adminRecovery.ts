/**
 * The way back to admin for who holds the cluster's keys: a throw-away proxy joins as a peer and serves RethinkDB's web
 * API on its own loopback, which is admin without a password. It lives for one query and at most two minutes.
 */
import { CLUSTER_PORT } from "../../args/constants";
import { endpoint } from "../../args/values/addresses";
import { LABELS } from "../../core/render/labels";
import type { AdminRequest } from "../../core/programs/admin";
import { type Engine, firstLine, type LiveServer } from "../docker/engine";
import { Failure, parseSecret } from "../lib/failure";
import { poll } from "../lib/poll";

const LIFETIME_SECONDS = 120;
/** Until it is a peer. */
const JOIN_SECONDS = 60;

interface Endpoints {
  readonly Args: readonly string[];
  readonly Mounts: readonly { readonly Name?: string; readonly Destination: string }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

export async function recoverAdmin(request: AdminRequest, server: LiveServer): Promise<void> {
  const { engine } = server;
  const live = await engine.inspect<Endpoints>("container", server.container);
  const address = live?.NetworkSettings.Networks[request.network]?.IPAddress;
  const volume = live?.Mounts.find((mount) => mount.Destination === "/tls")?.Name;
  if (live === undefined || !address || volume === undefined) {
    throw new Failure(`${server.name} went away while the admin password was being set; run pulumi up again`);
  }
  const flag = (name: string): readonly string[] => [name, live.Args[live.Args.indexOf(name) + 1] ?? ""];
  // Its peers know it by its canonical address alone, which is the host's where there are several.
  const [canonical = ""] = flag("--canonical-address").slice(1);
  const peer = canonical.includes(":") ? canonical : endpoint(address, CLUSTER_PORT);
  const id = (
    await engine.run([
      ...["run", "--rm", "--detach", "--pull", "never", "--network", request.network],
      ...["--user", `${String(request.uid)}:${String(request.uid)}`, "--read-only", "--cap-drop", "ALL"],
      ...["--security-opt", "no-new-privileges", "--memory", "512m"],
      ...["--tmpfs", `/data:uid=${String(request.uid)},gid=${String(request.uid)}`],
      ...["--volume", `${volume}:/tls:ro`, "--label", `${LABELS.helper}=recovery`],
      ...["--entrypoint", "timeout", request.image, String(LIFETIME_SECONDS)],
      ...["rethinkdb", "proxy", "--log-file", "/data/log_file", "--join", peer],
      ...["--initial-password", "auto", "--bind-http", "127.0.0.1", "--bind-driver", "127.0.0.1", "--no-update-check"],
      ...["--cluster-tls-key", "--cluster-tls-cert", "--cluster-tls-ca"].flatMap(flag),
      // Its addresses then include loopback; a peer without is a danger to the others (rethinkdb#6880).
      ...["--bind-cluster", "all"],
    ])
  ).trim();
  try {
    await setThrough(engine, id, request.adminPassword);
  } finally {
    await engine.try(["rm", "--force", id]);
  }
}

/** ReQL as JSON: db("rethinkdb").table("users").get("admin").update({password}). */
function setPasswordQuery(password: string): string {
  const users = [15, [[14, ["rethinkdb"]], "users"]];
  return JSON.stringify([1, [53, [[16, [users, "admin"]], { password }]], {}]);
}

async function setThrough(engine: Engine, proxy: string, password: string): Promise<void> {
  const api = "http://127.0.0.1:8080/ajax/reql";
  const curl = ["exec", "-i", proxy, "curl", "--silent", "--show-error", "--fail"];
  const connection = await poll(
    async () => {
      const opened = await engine.try([...curl, "--request", "POST", `${api}/open-new-connection`]);
      return opened.code === 0 ? { done: opened.stdout.trim() } : { waiting: firstLine(opened.stderr) };
    },
    {
      limitSeconds: JOIN_SECONDS,
      giveUp: (waiting) =>
        new Failure(`the admin password could not be set, the helper did not join: ${waiting}; run pulumi up again`),
    },
  );
  const body = `${"\0".repeat(8)}${setPasswordQuery(password)}`;
  const url = `${api}/?conn_id=${connection}`;
  const answer = await engine.run([...curl, "--request", "POST", "--data-binary", "@-", "--output", "-", url], body);
  interface Result {
    readonly t: number;
    readonly r: readonly { readonly errors?: number }[];
  }
  const result = parseSecret<Result>(answer.slice(answer.indexOf("{")), "RethinkDB's answer");
  if (result.t !== 1 || result.r[0]?.errors !== 0)
    throw new Failure("RethinkDB refused the admin password; run pulumi up again");
}
