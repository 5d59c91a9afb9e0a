/** Passwords that must be refused. Beside each refusal stands that the operator's own is accepted. */
import { OPERATOR_USER } from "../../../../args/constants";
import type { DeclaredServer } from "../../../../core/decide/audit/declared";
import type { Attempt } from "../../../../core/decide/audit/report";
import { found, held, needless, onServers, type Probe } from "../../probe";
import { access, NotTried, type Scene } from "../../scene/scene";

const SET_AGAIN = "set it again: pulumi up --target-replace '**-admin'";

/** Users that a password is tried on. */
function usersOf({ declared }: Scene): readonly string[] {
  return ["admin", OPERATOR_USER, ...(declared.accounts?.users.map(({ name }) => name) ?? [])];
}

/** Without it a refusal says nothing. */
async function mustAcceptOperator(scene: Scene, server: DeclaredServer): Promise<void> {
  await scene.once(`operator ${server.name}`, async () => {
    const { password, previousPassword, ...rest } = scene.declared.operator;
    const tries = [password, ...(previousPassword ? [previousPassword] : [])];
    for (const own of tries) {
      const answer = await scene.logIn(server, { ...access(rest), user: OPERATOR_USER, password: own });
      if (answer === "accepted") return;
    }
    throw new NotTried("it refuses the operator's own password too, so a refusal says nothing");
  });
}

async function tryPassword(scene: Scene, server: DeclaredServer, password: string, what: string): Promise<Attempt> {
  await mustAcceptOperator(scene, server);
  const accepted: string[] = [];
  for (const user of usersOf(scene)) {
    const answer = await scene.logIn(server, { ...access(scene.declared.operator), user, password });
    if (answer === "accepted") accepted.push(user);
  }
  if (accepted.length === 0) return held(server.name, `${what} is refused for ${usersOf(scene).join(", ")}`);
  const worst = accepted.includes("admin") ? "critical" : "high";
  return found(server.name, worst, `${accepted.join(", ")} may log in with ${what}`, SET_AGAIN);
}

function passwordProbe(id: string, password: string, what: string): Probe {
  return {
    id,
    line: "first-second",
    tried: `logged in to each server with ${what}, as admin, as ${OPERATOR_USER} and as each user of the stack`,
    run: async (scene) => onServers(scene, async (server) => tryPassword(scene, server, password, what)),
  };
}

export const EMPTY_PASSWORD = passwordProbe("empty-password", "", "an empty password");
export const WRONG_PASSWORD = passwordProbe("wrong-password", "this is no password", "a wrong password");

export const ONE_TIME_PASSWORD: Probe = {
  id: "one-time-password",
  line: "first-second",
  tried: "logged in as admin with the one-time password that stands in the log of each server",
  run: async (scene) =>
    onServers(scene, async (server) => {
      const log = await scene.logs({ name: server.container, host: server.host });
      const printed = [...log.matchAll(/Generated random admin password: (\S+)/g)].map(([, password = ""]) => password);
      if (printed.length === 0) return needless(server.name, "its log has none any more");
      await mustAcceptOperator(scene, server);
      for (const password of new Set(printed)) {
        const answer = await scene.logIn(server, { ...access(scene.declared.operator), user: "admin", password });
        if (answer === "accepted") {
          return found(server.name, "critical", "admin may log in with the one-time password of its log", SET_AGAIN);
        }
      }
      return held(server.name, "it is refused");
    }),
};

/** The server broke the connection off; that time ran out says nothing. */
export function isTurnedAway(reason: string): boolean {
  const words = /alert|certificate|ECONNRESET|EPIPE|hang up|closed|disconnected|reset by peer/i;
  return words.test(reason) && !/no answer in|time/i.test(reason);
}

export const CLIENT_CERTIFICATE: Probe = {
  id: "client-certificate",
  line: "driver-port",
  tried: "logged in as the operator without a client certificate, where driverClients demands one",
  run: async (scene) => {
    const { operator } = scene.declared;
    if (operator.client === null) return [needless("the cluster", "driverClients names none, so none is demanded")];
    return onServers(scene, async (server) => {
      await mustAcceptOperator(scene, server);
      const login = { driverCa: operator.driverCa, client: null, user: OPERATOR_USER, password: operator.password };
      try {
        const answer = await scene.logIn(server, login);
        return found(
          server.name,
          "high",
          `without a client certificate it ${answer === "accepted" ? "accepts the login" : "gets as far as the password"}`,
          "run up",
        );
      } catch (error) {
        if (error instanceof NotTried && isTurnedAway(error.message))
          return held(server.name, `refused: ${error.message}`);
        throw error;
      }
    });
  },
};
