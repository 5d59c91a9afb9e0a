/** Ports that Docker publishes, against the declared ones; both as `28015/tcp 127.0.0.1:28015`. */

type Bindings = Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>>;

export function publishedPorts(bindings: Bindings | null | undefined): readonly string[] {
  return Object.entries(bindings ?? {}).flatMap(([port, places]) =>
    (places ?? []).map(({ HostIp, HostPort }) => `${port} ${HostIp === "" ? "0.0.0.0" : HostIp}:${HostPort}`),
  );
}

export function portDrift(
  declared: readonly string[],
  live: readonly string[],
): { readonly beyond: readonly string[]; readonly missing: readonly string[] } {
  return {
    beyond: live.filter((port) => !declared.includes(port)).sort(),
    missing: declared.filter((port) => !live.includes(port)).sort(),
  };
}
