/** Where a deployment can run. */

/** @returns why not; undefined where it can. The cluster's programs are started through a POSIX shell. */
export function platformTrouble(platform: string): string | undefined {
  if (platform !== "win32") return undefined;
  return "this does not run on native Windows; use WSL 2 (wsl --install), and Docker and Node.js inside it";
}
