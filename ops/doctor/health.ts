/** Gathers what `core/decide/health.ts` judges: from Docker, from the servers' volumes, and from the servers that answer. */
import { DAY_MS } from "../../core/pki/expiry";
import { X509Certificate } from "node:crypto";
import { splitPems } from "../../core/pki/readCa";
import { type CertificateFacts, type Health, judgeHealth, type ServerFacts } from "../../core/decide/health";
import type { ClusterRef, OperatorLogin } from "../../core/programs/parts/shared";
import { bestView, describePartition, type View } from "../../core/decide/views";
import { byOrdinal, type LiveServer } from "../docker/engine";
import { Failure } from "../lib/failure";
import { enginesOf } from "../cluster/hosts";
import { Progress } from "../lib/progress";
import { readTlsVolume } from "../docker/tlsVolume";
import { withViews } from "../cluster/views";

export interface HealthRequest extends ClusterRef {
  readonly operator: OperatorLogin;
}

export async function health(request: HealthRequest): Promise<Health> {
  // Of a host that does not answer nothing is known, and of the others all the more.
  const found = await Promise.all(
    enginesOf(request).map(async ({ engine }) => {
      try {
        return { servers: await engine.servers(request.identity), unreachable: [] };
      } catch (error) {
        if (request.hosts !== undefined && error instanceof Failure)
          return { servers: [], unreachable: [error.message] };
        throw error;
      }
    }),
  );
  const servers = found.flatMap((host) => host.servers).sort((a, b) => byOrdinal(a.name, b.name));
  const { views, silences, refusal } = await askThem(request, servers);
  const answering = new Set(views.map(({ server }) => server));
  const facts = await Promise.all(
    servers.map((server) => lookAt(server, answering.has(server.name), silences.get(server.name) ?? "")),
  );
  const report = judgeHealth(request.clusterName, facts, bestView(views)?.status);
  const partition = describePartition(views);
  const split =
    partition === undefined ? [] : [`${request.clusterName}: the servers do not all see each other: ${partition}`];
  return {
    ...report,
    problems: [...found.flatMap(({ unreachable }) => unreachable), ...refusal, ...split, ...report.problems],
  };
}

interface Asked {
  readonly views: readonly View[];
  /** By name, why servers could not be asked. */
  readonly silences: ReadonlyMap<string, string>;
  /** Why nothing was heard, where a server answers and refuses the account. */
  readonly refusal: readonly string[];
}

async function askThem(request: HealthRequest, servers: readonly LiveServer[]): Promise<Asked> {
  const who = { name: request.clusterName, progress: new Progress("doctor") };
  return withViews<Asked>(servers, request.operator, who, ({ views, silent, unknown }) =>
    Promise.resolve({
      views: views.map(({ server, status }) => ({ server, status })),
      silences: new Map([...silent, ...unknown].map(({ name, reason }) => [name, reason])),
      refusal: [],
    }),
  ).catch((error: unknown) => {
    if (error instanceof Failure) return { views: [], silences: new Map(), refusal: [error.message] };
    throw error;
  });
}

interface Inspected {
  readonly Args: readonly string[];
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Health?: { readonly Status: string };
  };
}

async function lookAt(server: LiveServer, answers: boolean, silence: string): Promise<ServerFacts> {
  const { engine } = server;
  const found = await engine.inspect<Inspected>("container", server.container);
  const flag = (name: string): string => found?.Args[found.Args.indexOf(name) + 1] ?? "";
  const running = found?.State.Status === "running";
  const [logs, files, disk] = await Promise.all([
    engine.try(["logs", "--tail", "1", server.container]),
    readTlsVolume(engine, server.container),
    running ? diskOf(server) : null,
  ]);
  return {
    name: server.name,
    container: server.container,
    state: found?.State.Status ?? "gone",
    health: found?.State.Health?.Status ?? "",
    exitCode: found?.State.ExitCode ?? 0,
    outOfMemory: found?.State.OOMKilled ?? false,
    lastWords: logs.stderr.trim().split("\n").at(-1) ?? "",
    address: flag("--canonical-address"),
    peers: peersIn(files.find(({ name }) => name === "join.conf")?.text ?? ""),
    answers,
    silence,
    disk,
    certificates: files.flatMap(({ name, text }) => certificateFacts(name, text)),
  };
}

function peersIn(joinConf: string): readonly string[] {
  // A canonical address has its port where the host's is meant.
  return [...joinConf.matchAll(/^join=(.*):(\d+)$/gm)].flatMap(([, host = "", port = ""]) => [host, `${host}:${port}`]);
}

/** A bundle ends when the first of its certificates does. */
function certificateFacts(file: string, text: string): readonly CertificateFacts[] {
  if (!file.endsWith(".pem")) return [];
  const ends = splitPems(text).map((pem) => new Date(new X509Certificate(pem).validTo).getTime());
  if (ends.length === 0) return [];
  const first = Math.min(...ends);
  return [
    {
      purpose: file.slice(0, -".pem".length),
      notAfter: new Date(first).toISOString().slice(0, 10),
      daysLeft: Math.floor((first - Date.now()) / DAY_MS),
    },
  ];
}

async function diskOf({ engine, container }: LiveServer): Promise<ServerFacts["disk"]> {
  const outcome = await engine.try(["exec", container, "df", "--output=size,avail", "-B1", "/data"]);
  const [total = NaN, free = NaN] = (outcome.stdout.split("\n")[1] ?? "").trim().split(/\s+/).map(Number);
  return Number.isFinite(total) && Number.isFinite(free) ? { totalBytes: total, freeBytes: free } : null;
}
