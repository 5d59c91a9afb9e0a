/** Options of RethinkDB's command line on which the security of a server stands. */
import type { Severity } from "./report";

export const SECURITY_FLAGS: readonly { readonly flag: string; readonly severity: Severity }[] = [
  { flag: "--no-http-admin", severity: "critical" },
  { flag: "--bind-http", severity: "critical" },
  { flag: "--http-port", severity: "critical" },
  { flag: "--bind", severity: "high" },
  { flag: "--bind-cluster", severity: "high" },
  { flag: "--bind-driver", severity: "high" },
  { flag: "--cluster-tls-key", severity: "high" },
  { flag: "--cluster-tls-cert", severity: "high" },
  { flag: "--cluster-tls-ca", severity: "critical" },
  { flag: "--driver-tls-key", severity: "high" },
  { flag: "--driver-tls-cert", severity: "high" },
  { flag: "--driver-tls-ca", severity: "high" },
  { flag: "--tls-min-protocol", severity: "high" },
  { flag: "--tls-ciphers", severity: "high" },
  { flag: "--tls-ecdh-curve", severity: "medium" },
  { flag: "--initial-password", severity: "critical" },
  { flag: "--canonical-address", severity: "medium" },
  { flag: "--config-file", severity: "medium" },
  { flag: "--join", severity: "medium" },
];

/** @returns by option its values in order, `on` for one without a value; `--flag=value` is read like `--flag value`. */
export function securityWords(argv: readonly string[]): Readonly<Record<string, string>> {
  const words = argv.flatMap((word) =>
    /^--[a-z-]+=/.test(word) ? [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)] : [word],
  );
  const found: Record<string, string> = {};
  words.forEach((word, index) => {
    if (!SECURITY_FLAGS.some(({ flag }) => flag === word)) return;
    const next = words[index + 1];
    const value = next === undefined || next.startsWith("--") ? "on" : next;
    found[word] = found[word] === undefined ? value : `${found[word]} ${value}`;
  });
  return found;
}
