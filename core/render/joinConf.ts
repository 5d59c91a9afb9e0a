/** RethinkDB's config file with the peers that a server dials whenever it starts. */

/** @param peers `address:port` of the other servers; none for the first start of the first server. */
export function renderJoinConf(peers: readonly string[]): string {
  return ["# Written by pulumi-rethinkdb; changes are overwritten.", ...peers.map((peer) => `join=${peer}`), ""].join(
    "\n",
  );
}
