/** Looks at each of several hosts, side by side, before anything is put there. */
import type { FleetRequest } from "../../core/programs/fleet";
import { type HostFacts, judgeHosts } from "../../core/decide/preflight";
import { Failure } from "../lib/failure";
import { firstLine } from "../lib/text";
import type { HostJudge } from "./host";

/** Each a line `key value…`; the addresses are the host's, since the helper shares its network for this look. */
const SCRIPT = `
echo "addresses $(hostname -I)"
while read -r _ local _ state _; do
  [ "$state" = 0A ] && echo "listens $local"
done < <(cat /proc/net/tcp)
while read -r iface dest _ _ _ _ _ mask _; do
  [ "$iface" != Iface ] && echo "route $iface $dest $mask"
done < /proc/net/route
echo "free $(df -B1 --output=avail / | tail -n 1)"`;

export async function preflight(judges: readonly HostJudge[], request: FleetRequest): Promise<readonly string[]> {
  return judgeHosts(await Promise.all(judges.map((judge) => lookAt(judge, request))), request.subnet);
}

async function lookAt(judge: HostJudge, request: FleetRequest): Promise<HostFacts> {
  const { engine, name } = judge;
  const asked = Date.now();
  const info = JSON.parse(await engine.run(["info", "--format", "{{json .}}"])) as {
    readonly ID: string;
    readonly SystemTime: string;
  };
  const answered = Date.now();
  const outcome = await engine.runHelper({
    image: request.image,
    helper: "preflight",
    network: "host",
    mounts: [],
    capabilities: [],
    script: SCRIPT,
    args: [],
    stdin: "",
  });
  if (outcome.code !== 0) throw new Failure(`hosts.${name}: it cannot be looked at: ${firstLine(outcome.stderr)}`);
  const lines = outcome.stdout.split("\n").map((line) => line.split(" "));
  const of = (key: string): readonly (readonly string[])[] =>
    lines.filter(([word]) => word === key).map(([, ...rest]) => rest.filter(Boolean));
  return {
    name,
    address: judge.address,
    engineId: info.ID,
    // Half of the time is taken for the way back.
    clockAheadSeconds: (new Date(info.SystemTime).getTime() - (asked + answered) / 2) / 1000,
    addresses: of("addresses").flat(),
    listening: of("listens").map(([local = ""]) => readSocket(local)),
    routes: judge.hasNetwork
      ? []
      : of("route").map(([iface = "", dest = "", mask = ""]) => readRoute(iface, dest, mask)),
    freeBytes: Number(of("free")[0]?.[0] ?? NaN),
    ports: judge.portsWanted,
    startsServers: judge.startsServers,
  };
}

/** As the kernel prints them: hexadecimal, an IPv4 address by its last byte first. */
function readSocket(text: string): { readonly address: string; readonly port: number } {
  const [address = "", port = ""] = text.split(":");
  return { address: readAddress(address), port: parseInt(port, 16) };
}

function readRoute(iface: string, dest: string, mask: string): { readonly iface: string; readonly subnet: string } {
  const bits = parseInt(mask, 16).toString(2).replaceAll("0", "").length;
  return { iface, subnet: `${readAddress(dest)}/${String(bits)}` };
}

function readAddress(hex: string): string {
  return (hex.match(/../g) ?? [])
    .reverse()
    .map((byte) => String(parseInt(byte, 16)))
    .join(".");
}
