/** What a login to a server takes, read from the server itself. */
import type { DriverAccess } from "../../core/programs/parts/shared";
import type { ClientFileName, TlsFileName } from "../../core/render/tlsFiles";
import type { LiveServer } from "../docker/engine";
import { Failure } from "../lib/failure";
import { firstLine } from "../lib/text";

/**
 * What a connection to a server takes, read from the server's own tls volume through Docker: for programs that run before
 * the deployment's CAs are known to them. Who controls Docker controls the volume.
 * @throws Failure when it cannot be read: an empty CA would verify nothing.
 */
export async function accessTo({ engine, name, container }: LiveServer): Promise<DriverAccess> {
  const live = await engine.inspect<{ readonly Args: readonly string[] }>("container", container);
  const certificate = live?.Args[live.Args.indexOf("--driver-tls-cert") + 1] ?? "";
  const folder = certificate.replace(/[^/]*$/, "");
  if (live === undefined || folder === "") throw new Failure(`${name}: its container does not say where its CA is`);
  const read = async (file: TlsFileName | ClientFileName): Promise<string> => {
    const outcome = await engine.try(["exec", container, "cat", `${folder}${file}`]);
    if (outcome.code === 0 && outcome.stdout !== "") return outcome.stdout;
    throw new Failure(`${file} cannot be read: ${firstLine(outcome.stderr) || "it is empty"}`);
  };
  const driverCa = await read("driver-ca.pem");
  if (!live.Args.includes("--driver-tls-ca")) return { driverCa, client: null };
  const [certPem, keyPem] = await Promise.all([read("client.pem"), read("client.key")]);
  return { driverCa, client: { certPem, keyPem } };
}
