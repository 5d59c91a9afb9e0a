/** Reads `host:port,host` as a person types them. */
import { DRIVER_PORT } from "../../args/constants";
import type { Target } from "../../ops/doctor/tries";
import { Failure } from "../../ops/lib/failure";

export function readTargets(text: string): readonly Target[] {
  const words = text.split(",").map((word) => word.trim());
  return words.filter((word) => word !== "").map(readTarget);
}

function readTarget(word: string): Target {
  const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s/]+))(?::(\d{1,5}))?$/.exec(word) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? DRIVER_PORT : Number(port);
  if (host === undefined || number < 1 || number > 65535) {
    throw new Failure(
      `--cluster: "${word}" is no HOST or HOST:PORT; the port is the driver port, ${String(DRIVER_PORT)} unless you name it`,
    );
  }
  return { host, port: number };
}
