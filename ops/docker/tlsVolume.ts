/** Reads the public files of a server's tls volume, also of one that is down. */
import type { Engine } from "./engine";

export interface TlsFile {
  readonly name: string;
  readonly text: string;
}

interface Inspected {
  readonly Image: string;
  readonly Args: readonly string[];
  readonly Mounts: readonly { readonly Name?: string; readonly Destination: string }[];
}

export interface TlsVolume {
  /** `join.conf` and the certificates that the container was made to start with. */
  readonly files: readonly TlsFile[];
  /** Milliseconds since the epoch, by the clock of the server's host. */
  readonly hostTime: number;
}

/** @returns the files; nothing where there is no container or its volume cannot be read. */
export async function readTlsVolume(engine: Engine, container: string): Promise<readonly TlsFile[]> {
  return (await lookIntoTlsVolume(engine, container))?.files ?? [];
}

/** @returns undefined where there is no container, or its volume cannot be read. */
export async function lookIntoTlsVolume(engine: Engine, container: string): Promise<TlsVolume | undefined> {
  const found = await engine.inspect<Inspected>("container", container);
  const volume = found?.Mounts.find(({ Destination }) => Destination === "/tls")?.Name;
  if (found === undefined || volume === undefined) return undefined;
  const certificate = found.Args[found.Args.indexOf("--driver-tls-cert") + 1] ?? "";
  const outcome = await engine.runHelper({
    image: found.Image,
    helper: "certificates",
    mounts: [`${volume}:/tls:ro`],
    capabilities: ["DAC_OVERRIDE"],
    script: `date +%s && cd /tls && for f in join.conf "$1"/*.pem; do printf '%s ' "\${f##*/}"; base64 -w0 "$f"; echo; done`,
    args: [certificate.split("/").at(-2) ?? ""],
    stdin: "",
  });
  if (outcome.code !== 0) return undefined;
  const [time = "", ...lines] = outcome.stdout.split("\n");
  const files = lines
    .map((line) => line.split(" "))
    .filter((words) => words.length === 2)
    .map(([name = "", text = ""]) => ({ name, text: Buffer.from(text, "base64").toString("utf8") }));
  return { files, hostTime: Number(time) * 1000 };
}
