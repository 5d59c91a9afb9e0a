/** The stack's own secrets, searched for where others may read. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { findSecrets } from "../../../../core/decide/audit/secretSearch";
import type { Attempt } from "../../../../core/decide/audit/report";
import { found, held, type Probe, ROTATE, tryEach } from "../../probe";
import type { Scene } from "../../scene/scene";

function judge(scene: Scene, subject: string, where: string, text: string): Attempt {
  const { needles } = scene.needles;
  const hits = findSecrets(text, needles);
  return hits.length === 0
    ? held(subject, `${String(text.length)} characters, none of ${String(needles.length)} secrets`)
    : found(subject, "critical", `${where} holds ${hits.join(", ")}`, ROTATE);
}

export const IN_INSPECT: Probe = {
  id: "secrets-in-inspect",
  line: "local-user",
  tried:
    "searched docker inspect of each container, network and volume, with labels, environment and command lines, for the stack's secrets",
  run: async (scene) => [
    ...(await tryEach(
      scene.declared.containers,
      ({ name }) => name,
      (declared) => judge(scene, declared.name, "docker inspect", JSON.stringify(scene.find(declared).container)),
    )),
    ...scene.hosts.map((host) =>
      judge(
        scene,
        host.title,
        "a label or option of the network or a volume",
        JSON.stringify([host.network, host.volumes]),
      ),
    ),
  ],
};

export const IN_LOGS: Probe = {
  id: "secrets-in-logs",
  line: "local-user",
  tried: "searched the last 20000 lines of each container's log, and RethinkDB's own log file, for the stack's secrets",
  run: (scene) =>
    tryEach(
      scene.declared.containers,
      ({ name }) => name,
      async (declared) => {
        const [log, { texts }] = await Promise.all([scene.logs(declared), scene.inside(declared)]);
        return judge(scene, declared.name, "its log", `${log}\n${texts}`);
      },
    ),
};

export const IN_PROCESSES: Probe = {
  id: "secrets-in-processes",
  line: "local-user",
  tried: "searched the command line and environment of each process in each container for the stack's secrets",
  run: (scene) =>
    tryEach(
      scene.declared.containers,
      ({ name }) => name,
      async (declared) => {
        const { processes } = await scene.inside(declared);
        const text = processes.map(({ argv, environment }) => `${argv.join("\0")}\n${environment ?? ""}`).join("\n");
        return judge(scene, declared.name, "a command line or an environment", text);
      },
    ),
};

export const IN_STATE: Probe = {
  id: "secrets-in-state",
  line: "local-user",
  tried: "searched what the stack's state keeps in clear, its outputs among it, for the stack's secrets",
  run: (scene) => Promise.resolve([judge(scene, "the stack's state", "a value in clear", scene.declared.openState)]),
};

/** Of the local stack. */
const FILES: readonly (readonly [path: string, mode: number])[] = [
  [".state", 0o700],
  [".state/passphrase", 0o600],
  [".state/admin-password", 0o600],
];

export const DEPLOYER_FILES: Probe = {
  id: "deployer-files",
  line: "local-user",
  tried: "looked at the modes of .state/ and of the passphrase and password in it",
  run: (scene) => {
    const there = FILES.flatMap(([path, most]) => {
      const stat = statSync(join(scene.project, path), { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ path, most, mode: stat.mode & 0o777 }];
    });
    if (there.length === 0)
      return Promise.resolve([
        { outcome: "not-tried", subject: ".state", reason: "there is no local stack here", essential: false },
      ]);
    return Promise.resolve(
      there.map(({ path, most, mode }) =>
        (mode & ~most) === 0
          ? held(path, `mode ${mode.toString(8)}`)
          : found(
              path,
              "high",
              `mode ${mode.toString(8)}: other users of this machine may use it`,
              `chmod ${most.toString(8)} ${path}`,
            ),
      ),
    );
  },
};
