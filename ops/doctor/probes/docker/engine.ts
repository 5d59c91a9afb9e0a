/** The Docker engines: everyone who uses their API is root. */
import { readFileSync, statSync } from "node:fs";
import type { Attempt } from "../../../../core/decide/audit/report";
import { found, held, needless, type Probe, tryEach } from "../../probe";
import type { HostScene } from "../../scene/hostScene";
import type { Scene } from "../../scene/scene";
import { httpGet } from "../../wire/clear";

function onHosts(
  scene: Scene,
  act: (host: HostScene) => Promise<Attempt | readonly Attempt[]> | Attempt | readonly Attempt[],
): Promise<readonly Attempt[]> {
  const lost = scene.lostHosts.map(({ title, trouble }): Attempt => ({
    outcome: "not-tried",
    subject: title,
    reason: trouble,
    essential: true,
  }));
  return tryEach(scene.hosts, ({ title }) => title, act).then((attempts) => [...attempts, ...lost]);
}

const API_PORTS = [2375, 2376, 4243];

export const ENGINE_TCP: Probe = {
  id: "engine-tcp",
  line: "engine",
  tried:
    "asked each engine whether its API is on TCP in clear, and asked for it on ports 2375, 2376 and 4243 of the host and of the network's gateway",
  run: (scene) =>
    onHosts(scene, async (host) => {
      const todo =
        "take the -H tcp:// option from the engine, or give it --tlsverify: https://docs.docker.com/engine/security/protect-access/";
      const warnings = (host.info.Warnings ?? []).filter((warning) => /without (encryption|TLS)/i.test(warning));
      if (warnings.length > 0)
        return found(
          host.title,
          "critical",
          warnings.map((warning) => warning.trim().split("\n")[0] ?? "").join("; "),
          todo,
        );
      const vantage = await scene.onHost(host);
      const network = await scene.onClusterNetwork(host);
      const gateway = scene.declared.networks.find(({ host: name }) => name === host.name)?.gateway ?? "";
      const targets = API_PORTS.flatMap((port) => [
        { from: vantage, address: "127.0.0.1", port },
        ...(gateway === "" ? [] : [{ from: network, address: gateway, port }]),
      ]);
      const answers = await Promise.all(
        targets.map(({ from, address, port }) =>
          from.attempt(address, port, async (dialled) => {
            if ("closed" in dialled) return null;
            const { status, headers } = await httpGet(dialled.socket, "/_ping", [`Host: ${address}`]);
            return status === 200 && /api-version|docker/i.test(headers)
              ? `${address}:${String(port)} from ${from.name}`
              : null;
          }),
        ),
      );
      const open = answers.filter((answer) => answer !== null);
      return open.length === 0
        ? held(host.title, "no API in clear")
        : found(host.title, "critical", `the engine's API answers in clear at ${open.join(", ")}`, todo);
    }),
};

export const ENGINE_ENDPOINT: Probe = {
  id: "engine-endpoint",
  line: "engine",
  tried: "looked how this machine reaches each engine",
  run: (scene) =>
    onHosts(scene, ({ engine, title }) => {
      const { endpoint } = engine;
      if (engine.isLocal || engine.isBehindSsh) return held(title, endpoint);
      return engine.verifiesTls
        ? held(title, `${endpoint}, over TLS`)
        : found(
            title,
            "critical",
            `${endpoint} is reached without TLS`,
            "give the host a certPath, or reach it by ssh://: docs/hosts.md",
          );
    }),
};

export const ENGINE_SOCKET: Probe = {
  id: "engine-socket",
  line: "engine",
  tried:
    "looked at the mode of the engine's socket and at the members of its group, where the engine is on this machine",
  run: (scene) =>
    onHosts(scene, ({ engine, title }) => {
      if (!engine.isLocal)
        return needless(
          title,
          "its socket is on another machine: look with stat -c '%a %U %G' /var/run/docker.sock there",
        );
      const path = engine.endpoint.replace(/^unix:\/\//, "");
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat === undefined) return needless(title, `${path} is not there`);
      const mode = stat.mode & 0o777;
      if ((mode & 0o007) !== 0)
        return found(
          title,
          "critical",
          `${path} has mode ${mode.toString(8)}: every user of this machine is root`,
          `chmod 660 ${path}`,
        );
      const group = groups().find(({ id }) => id === stat.gid);
      const members = group === undefined || group.members.length === 0 ? "no member" : group.members.join(", ");
      return held(
        title,
        `${path} has mode ${mode.toString(8)}, group ${group?.name ?? String(stat.gid)} with ${members}`,
      );
    }),
};

function groups(): readonly { readonly name: string; readonly id: number; readonly members: readonly string[] }[] {
  try {
    return readFileSync("/etc/group", "utf8")
      .split("\n")
      .map((line) => line.split(":"))
      .map(([name = "", , id = "", members = ""]) => ({
        name,
        id: Number(id),
        members: members.split(",").filter(Boolean),
      }));
  } catch {
    return [];
  }
}

/** Docker 20.10 is what the project asks for. */
const OLDEST = 20.1;

export const ENGINE_SETTINGS: Probe = {
  id: "engine-settings",
  line: "engine",
  tried: "read version, security options, live restore and swarm mode of each engine",
  run: (scene) =>
    onHosts(scene, ({ info, title }) => {
      const options = info.SecurityOptions ?? [];
      const has = (name: string): boolean => options.some((option) => option.startsWith(`name=${name}`));
      const [major = 0, minor = 0] = info.ServerVersion.split(".").map((part) => parseInt(part, 10));
      const attempts: Attempt[] = [];
      if (!has("seccomp"))
        attempts.push(
          found(
            title,
            "medium",
            "the engine has no seccomp: containers may make every system call",
            "use a kernel and an engine with seccomp",
          ),
        );
      if (options.some((option) => /seccomp,profile=unconfined/.test(option)))
        attempts.push(
          found(title, "medium", "the engine's seccomp profile is unconfined", "take seccomp-profile from daemon.json"),
        );
      if (major + minor / 100 < OLDEST)
        attempts.push(
          found(title, "medium", `the engine is ${info.ServerVersion}, older than 20.10`, "update the engine"),
        );
      const rootless = has("rootless")
        ? "rootless"
        : has("userns")
          ? "user namespaces"
          : "runs as root, without user namespaces";
      const swarm = info.Swarm?.LocalNodeState ?? "inactive";
      const seen = `${info.ServerVersion} on ${info.OperatingSystem}, ${rootless}, live restore ${info.LiveRestoreEnabled ? "on" : "off"}, swarm ${swarm}`;
      return attempts.length > 0 ? attempts : held(title, seen);
    }),
};
