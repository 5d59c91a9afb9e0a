/** Installs what the web UI's two containers run with, each in a volume of its own, the way servers are prepared. */
import { encodeBase64, hash } from "bcryptjs";
import { renderJoinConf } from "../../../core/render/joinConf";
import { UI_PREPARE, type UiPrepareRequest } from "../../../core/programs/uiPrepare";
import { renderNginx, uiSecrets } from "../../../core/render/webUi";
import { type Engine, firstLine } from "../../docker/engine";
import { Failure } from "../../lib/failure";
import { ownEngine } from "../../cluster/hosts";
import { Progress } from "../../lib/progress";
import { serve } from "../../lib/served";

export const served = serve(UI_PREPARE, uiPrepare);

/** About a quarter of a second a try on a machine of today. */
const BCRYPT_COST = 12;

/** Arguments: uid, fingerprints of peer and nginx. On stdin `folder name base64` lines and a last one. */
const SCRIPT = `
set -eu
umask 077
uid=$1
for dir in /peer/$2 /ui/$3; do rm -rf "$dir.new"; mkdir "$dir.new"; done
whole=no
while read -r folder name text; do
  if [ "$folder" = end ]; then whole=yes; break; fi
  case "$folder" in peer) dir=/peer/$2.new;; *) dir=/ui/$3.new;; esac
  printf %s "$text" | base64 -d > "$dir/$name"
  chmod 400 "$dir/$name"; chown "$uid:$uid" "$dir/$name"
done
if [ "$whole" = no ]; then rm -rf "/peer/$2.new" "/ui/$3.new"; echo "the files did not arrive whole" >&2; exit 66; fi
mv "/peer/$2.new/join.conf" /peer/join.conf
for dir in /peer/$2 /ui/$3; do chmod 755 "$dir.new"; rm -rf "$dir"; mv "$dir.new" "$dir"; done
chmod 755 /peer /ui
chown "$uid:$uid" /socket; chmod 700 /socket
# A volume that is empty would take back the image's ownership.
touch /socket/.keep
sync`;

export async function uiPrepare(request: UiPrepareRequest): Promise<{ fingerprint: string }> {
  const engine = ownEngine(request);
  await ensureImage(engine, request.uiImage);
  const { salt, session } = uiSecrets(request.seed, request.password);
  const hashed = await hash(request.password, `$2b$${String(BCRYPT_COST)}$${encodeBase64(salt, 16)}`);
  const files: readonly (readonly [folder: string, name: string, text: string])[] = [
    ...Object.entries(request.peerFiles).map(([name, text]) => ["peer", name, text] as const),
    ["peer", "join.conf", renderJoinConf(request.peers)],
    ["ui", "nginx.conf", renderNginx(request, request.fingerprint, session)],
    ["ui", "passwords", `${request.user}:${hashed}\n`],
    ["ui", "ui.key", request.key],
    ["ui", "ui.pem", request.certificate],
  ];
  const outcome = await engine.runHelper({
    image: request.image,
    helper: "ui-prepare",
    mounts: [`${request.peerVolume}:/peer`, `${request.volume}:/ui`, `${request.socketVolume}:/socket`],
    capabilities: ["CHOWN", "FOWNER", "DAC_OVERRIDE"],
    script: SCRIPT,
    args: [String(request.uid), request.peerFingerprint, request.fingerprint],
    stdin: `${files.map(([folder, name, text]) => `${folder} ${name} ${Buffer.from(text).toString("base64")}\n`).join("")}end\n`,
  });
  if (outcome.code !== 0) throw new Failure(`web UI: cannot install its files: ${firstLine(outcome.stderr)}`);
  return { fingerprint: request.fingerprint };
}

async function ensureImage(engine: Engine, image: string): Promise<void> {
  if ((await engine.inspect("image", image)) !== undefined) return;
  new Progress("web UI").say(`pulling ${image}`);
  const outcome = await engine.try(["pull", "--quiet", image]);
  if (outcome.code !== 0) {
    throw new Failure(
      `webUi.image: ${image} is not on this engine and cannot be pulled: ${firstLine(outcome.stderr)}; load it, or name another one`,
    );
  }
}
