/** Installs one server's keys and certificates and marks its data volume, in a throw-away container without network. */
import { randomUUID } from "node:crypto";
import { volumeIdentity } from "../../core/render/entryScript";
import { renderJoinConf } from "../../core/render/joinConf";
import { PREPARE, type Prepared, type PrepareRequest } from "../../core/programs/prepare";
import { foreignNames, judgeDataVolume, listNames } from "../../core/decide/volumeOwner";
import { DATA_LIMIT_SECONDS, firstLine } from "../docker/engine";
import { Failure } from "../lib/failure";
import { ownEngine } from "../cluster/hosts";
import { readVolumeLook, showVolume } from "../docker/volumes";
import { serve } from "../lib/served";

export const served = serve(PREPARE, prepare);

const LAST_LINE = "end";

/**
 * Arguments: identity, uid, fingerprint, whose data may be adopted. On stdin `name base64` lines and a last one, without which
 * nothing counts: the sender may be killed. The directory appears by a rename, so that
 * a server can never start on half of it. Files are root's and only the keys are the server's: it can change nothing.
 */
const SCRIPT = `
set -eu
umask 077
identity=$1 uid=$2 dir=/tls/$3 adopt=$4
have="$(cat /data/identity 2>/dev/null || true)"
show() { ${showVolume("/data")}; }
foreign="$(ls -A /tls | grep -vxE '[0-9a-f]{16}(\\.new)?|join\\.conf(\\.new)?|left|lost\\+found' || true)"
if [ -n "$foreign" ]; then echo "$foreign"; exit 67; fi
if [ "$have" != "$identity" ]; then
  if [ -z "$have" ]; then
    others="$(ls -A /data | grep -vxE 'rethinkdb(\\.new)?|identity\\.new|lost\\+found' || true)"
    if [ -n "$others" ] || [ -n "$(ls -A /data/rethinkdb 2>/dev/null)" ]; then show; exit 65; fi
  else
    # Another cluster's data of the same server, and nothing else.
    if [ "$adopt" = no ] || [ "\${have%%/*}" = "\${identity%%/*}" ]; then show; exit 65; fi
    if ! [[ "$have" =~ ^[0-9a-f]{24}/"$adopt"/[0-9]+$ ]]; then show; exit 65; fi
  fi
fi
rm -rf "$dir.new"; mkdir "$dir.new"
whole=no
while read -r name text; do
  if [ "$name" = ${LAST_LINE} ]; then whole=yes; break; fi
  printf %s "$text" | base64 -d > "$dir.new/$name"
  case "$name" in
    join.conf) chmod 444 "$dir.new/$name"; mv "$dir.new/$name" /tls/join.conf.new;;
    *.key) chmod 400 "$dir.new/$name"; chown "$uid:$uid" "$dir.new/$name";;
    *) chmod 444 "$dir.new/$name";;
  esac
done
if [ "$whole" = no ]; then rm -rf "$dir.new" /tls/join.conf.new; echo "the files did not arrive whole" >&2; exit 66; fi
if [ -e /tls/join.conf ]; then rm /tls/join.conf.new; else mv /tls/join.conf.new /tls/join.conf; fi
chmod 755 "$dir.new" /tls /data
if [ -d "$dir" ]; then rm -rf "$dir.new"; else mv "$dir.new" "$dir"; fi
if [ ! -d /data/rethinkdb ]; then
  mkdir -p /data/rethinkdb.new; chmod 700 /data/rethinkdb.new; chown "$uid:$uid" /data/rethinkdb.new; mv /data/rethinkdb.new /data/rethinkdb
elif [ "$have" != "$identity" ]; then
  # Adopted: it has not been a member of this cluster, and its accounts are the earlier one's.
  rm -f /data/started
  chown -R "$uid:$uid" /data/rethinkdb
fi
if [ "$have" != "$identity" ]; then
  printf %s "$identity" > /data/identity.new; chmod 444 /data/identity.new; mv /data/identity.new /data/identity
fi
sync`;

export async function prepare(request: PrepareRequest): Promise<Prepared> {
  const engine = ownEngine(request);
  const files = [
    ...Object.entries(request.files).map(([name, text]) => ({ name, text })),
    { name: "join.conf", text: renderJoinConf(request.seeds) },
  ];
  const outcome = await engine.runHelper({
    image: request.image,
    helper: "prepare",
    mounts: [`${request.tlsVolume}:/tls`, `${request.dataVolume}:/data`],
    capabilities: ["CHOWN", "FOWNER", "DAC_OVERRIDE"],
    script: SCRIPT,
    args: [
      volumeIdentity(request.identity, request.server, request.incarnation),
      String(request.uid),
      request.fingerprint,
      request.adopt ? request.server : "no",
    ],
    stdin: `${files.map(({ name, text }) => `${name} ${Buffer.from(text).toString("base64")}\n`).join("")}${LAST_LINE}\n`,
    // Adopted data is given to the server's uid, however much it is.
    ...(request.adopt ? { seconds: DATA_LIMIT_SECONDS } : {}),
  });
  if (outcome.code === 65) throw new Failure(refuseData(request, outcome.stdout));
  if (outcome.code === 67) {
    const names = foreignNames("tls", outcome.stdout.split("\n").filter(Boolean));
    throw new Failure(
      `${request.server}: the volume ${request.tlsVolume} holds ${listNames(names)}, which this project did not put there; ` +
        `nothing was touched; move it away or delete it (docker volume rm ${request.tlsVolume})`,
    );
  }
  if (outcome.code !== 0)
    throw new Failure(`${request.server}: cannot install its certificates: ${firstLine(outcome.stderr)}`);
  const before = process.env["PULUMI_COMMAND_STDOUT"];
  const last = before ? (JSON.parse(before) as Partial<Prepared>) : undefined;
  const run = last?.spec === request.spec ? last.run : undefined;
  return { fingerprint: request.fingerprint, spec: request.spec, run: run ?? randomUUID() };
}

function refuseData({ server, dataVolume, identity, incarnation }: PrepareRequest, shown: string): string {
  const verdict = judgeDataVolume(readVolumeLook(firstLine(shown)), { identity, server, incarnation });
  const holds = verdict?.holds ?? "was changed while it was looked at";
  return (
    `${server}: the data volume ${dataVolume} ${holds}; nothing was touched; put the right volume back` +
    (verdict?.adoptable === true ? `, or start on it with allow: ["adopt-data"]` : "")
  );
}
