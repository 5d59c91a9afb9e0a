/** Which processes run in a container, and with which command line. */
import type { DeclaredContainer } from "../../../../core/decide/audit/declared";
import { SECURITY_FLAGS, securityWords } from "../../../../core/decide/audit/securityFlags";
import { found, held, onServers, type Probe, tryEach, UP } from "../../probe";
import { NotTried } from "../../scene/scene";
import type { Process } from "../../scene/inside";

/** Health checks and programs of this project end sooner. */
const SHORT_SECONDS = 20;

const nameOf = ({ name }: DeclaredContainer): string => name;

/** Of npx pulumi-rethinkdb tunnel and npx pulumi-rethinkdb shell, which live as long as their user wants; see ops/docker/channel.ts. */
function isChannel({ argv }: Process): boolean {
  return argv[0] === "bash" && argv[1] === "-c" && (argv[2] ?? "").includes('echo "channel is open" >&2');
}

export const PROCESSES: Probe = {
  id: "exec-leftovers",
  line: "by-hand",
  tried: "looked in each container for processes that came from outside, as docker exec makes them, and stayed",
  run: (scene) =>
    tryEach(scene.declared.containers, nameOf, async (declared) => {
      const { processes } = await scene.inside(declared);
      const own = processes.find(({ pid }) => pid === 1);
      if (own === undefined) throw new NotTried("its first process is not seen");
      const [want] = declared.user.split(":");
      const strangers = processes.filter(
        (process) =>
          process.pid !== 1 && process.parent === 0 && process.seconds > SHORT_SECONDS && !isChannel(process),
      );
      const others = processes.filter(
        (process) => !strangers.includes(process) && String(process.uid) !== want && process.seconds > SHORT_SECONDS,
      );
      if (strangers.length + others.length === 0) {
        const channels = processes.filter(isChannel).length;
        const more = channels === 0 ? "" : `, beside ${String(channels)} of a tunnel or shell of this project`;
        return held(declared.name, `no process from outside stays in it${more}`);
      }
      const all = [...strangers, ...others];
      const severity = all.some(({ uid }) => String(uid) !== want) ? "high" : "medium";
      const words = all
        .map(({ pid, uid, argv }) => `${argv[0] ?? "?"} (process ${String(pid)}, user ${String(uid)})`)
        .join(", ");
      return found(
        declared.name,
        severity,
        `processes from outside run in it: ${words}`,
        `end them, or restart it: docker restart ${declared.name}`,
      );
    }),
};

export const ARGV: Probe = {
  id: "security-options",
  line: "escape",
  tried: "compared the security options in the command line of each running server with the declared ones",
  run: (scene) =>
    onServers(scene, async (server) => {
      const declared = scene.declared.containers.find(({ name }) => name === server.container);
      const { processes } = await scene.inside({ name: server.container, host: server.host });
      const argv = processes.find(({ pid }) => pid === 1)?.argv ?? [];
      if (declared === undefined || argv.length === 0) throw new NotTried("its command line is not seen");
      const want = securityWords(declared.command);
      const have = securityWords(argv);
      const attempts = SECURITY_FLAGS.flatMap(({ flag, severity }) => {
        const [wanted, live] = [want[flag] ?? "nothing", have[flag] ?? "nothing"];
        return wanted === live
          ? []
          : [found(server.name, severity, `it runs with ${flag} ${live} instead of ${wanted}`, UP)];
      });
      return attempts.length > 0 ? attempts : [held(server.name, "they are as declared")];
    }),
};
