/** Keys and certificates on a server's volumes: who may read and who may change them. */
import type { DeclaredServer } from "../../../../core/decide/audit/declared";
import { foreignNames } from "../../../../core/decide/volumeOwner";
import { volumeIdentity } from "../../../../core/render/entryScript";
import { found, held, onServers, type Probe, tryEach, UP } from "../../probe";
import type { Scene } from "../../scene/scene";
import type { FileFacts } from "../../scene/inside";

async function filesOf(scene: Scene, server: DeclaredServer): Promise<readonly FileFacts[]> {
  return (await scene.inside({ name: server.container, host: server.host })).files;
}

const REPAIR = "run up; if the mode stays, replace the server's certificates: npx pulumi-rethinkdb renew";

export const KEY_MODES: Probe = {
  id: "key-modes",
  line: "local-user",
  tried: "looked at owner and mode of each key, certificate and folder of each container's tls volume",
  run: (scene) =>
    tryEach(
      scene.declared.containers,
      ({ name }) => name,
      async (declared) => {
        const { files } = await scene.inside(declared);
        const own = files.filter(({ path }) => path === "/tls" || path.startsWith("/tls/"));
        const [uid = ""] = declared.user.split(":");
        const attempts = own.flatMap(({ path, mode, uid: owner, kind }) => {
          const bits = parseInt(mode, 8);
          const isSecret = /\.key$|\/passwords$|\/nginx\.conf$/.test(path);
          if (isSecret && (bits & 0o077) !== 0) {
            return [
              found(declared.name, "high", `${path} has mode ${mode}: other users of the host may read it`, REPAIR),
            ];
          }
          if ((bits & 0o022) !== 0)
            return [found(declared.name, "high", `${path} has mode ${mode}: others may change it`, REPAIR)];
          const ownWritable = owner === Number(uid) && (bits & 0o200) !== 0;
          if (ownWritable)
            return [found(declared.name, "medium", `${path} has mode ${mode} and is the server's own`, REPAIR)];
          if (kind === "f" && owner !== 0 && owner !== Number(uid)) {
            return [found(declared.name, "high", `${path} belongs to user ${String(owner)}`, REPAIR)];
          }
          return [];
        });
        return attempts.length > 0
          ? attempts
          : [held(declared.name, `${String(own.length)} files and folders, keys with mode 400`)];
      },
    ),
};

export const DATA_IDENTITY: Probe = {
  id: "data-identity",
  line: "foreign-volume",
  tried: "read the identity on the data volume of each running server, and its canonical addresses",
  run: (scene) =>
    onServers(scene, async (server) => {
      const { identity } = await scene.inside({ name: server.container, host: server.host });
      const want = volumeIdentity(scene.declared.identity, server.name, server.incarnation);
      if (identity !== want) {
        return found(
          server.name,
          "critical",
          `its data volume says ${identity || "nothing"} instead of ${want}`,
          "docs/operations.md#replace-a-server-whose-data-is-lost",
        );
      }
      const { container } = scene.server(server);
      const canonical = container.Args.filter((_, index) => container.Args[index - 1] === "--canonical-address");
      return canonical.includes("127.0.0.1")
        ? held(server.name, `${identity}, canonical addresses ${canonical.join(", ")}`)
        : found(
            server.name,
            "high",
            "loopback is not among its canonical addresses: a stranger on its address can end every other server",
            UP,
          );
    }),
};

export const VOLUME_CONTENT: Probe = {
  id: "volume-content",
  line: "foreign-data",
  tried: "looked at the top of the data and tls volume of each running server for what this project did not put there",
  run: (scene) =>
    onServers(scene, async (server) => {
      const files = await filesOf(scene, server);
      const topOf = (folder: string): readonly string[] =>
        files
          .map(({ path }) => path)
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.split("/")[2] ?? "");
      const foreign = [
        ...foreignNames("data", [...new Set(topOf("/data"))]).map((name) => `/data/${name}`),
        ...foreignNames("tls", [...new Set(topOf("/tls"))]).map((name) => `/tls/${name}`),
      ];
      return foreign.length === 0
        ? held(server.name, "nothing foreign")
        : found(
            server.name,
            "medium",
            `${foreign.join(", ")} was not put there by this project`,
            "find out what it is, and take it away",
          );
    }),
};
