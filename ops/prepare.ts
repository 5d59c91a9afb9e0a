/** Installs one server's keys and certificates and marks its data volume, in a throw-away container without network. */
import { randomUUID } from "node:crypto";
import { volumeIdentity } from "../core/entry";
import { renderJoinConf } from "../core/joinConf";
import type { Prepared, PrepareRequest } from "../core/requests";
import { firstLine } from "./engine";
import { Failure } from "./failure";
import { ownEngine } from "./hosts";
import { holdsData } from "./volumes";

const LAST_LINE = "end";

/**
 * Arguments: identity, uid, fingerprint, adopt. On stdin `name base64` lines and a last one, without which nothing
 * counts: whoever sends them may be killed. The directory appears by a rename, so that
 * a server can never start on half of it. Files are root's and only the keys are the server's: it can change nothing.
 */
const SCRIPT = `
set -eu
umask 077
identity=$1 uid=$2 dir=/tls/$3 adopt=$4
have="$(cat /data/identity 2>/dev/null || true)"
if [ "$have" != "$identity" ]; then
  if [ -z "$have" ] && ${holdsData("/data")}; then have="something without an identity"; fi
  if [ -n "$have" ] && [ "$adopt" != yes ]; then echo "$have"; exit 65; fi
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
      request.adopt ? "yes" : "no",
    ],
    stdin: `${files.map(({ name, text }) => `${name} ${Buffer.from(text).toString("base64")}\n`).join("")}${LAST_LINE}\n`,
  });
  if (outcome.code === 65) {
    throw new Failure(
      `${request.server}: the data volume ${request.dataVolume} says "${firstLine(outcome.stdout)}" and not this server; ` +
        `put the right volume back, or start on it with allow: ["adopt-data"]`,
    );
  }
  if (outcome.code !== 0)
    throw new Failure(`${request.server}: cannot install its certificates: ${firstLine(outcome.stderr)}`);
  const before = process.env["PULUMI_COMMAND_STDOUT"];
  const last = before ? (JSON.parse(before) as Partial<Prepared>) : undefined;
  const run = last?.spec === request.spec ? last.run : undefined;
  return { fingerprint: request.fingerprint, spec: request.spec, run: run ?? randomUUID() };
}
