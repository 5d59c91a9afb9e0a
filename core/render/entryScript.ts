/** The first process of a server's container: looks at the data volume at every start, then becomes RethinkDB. */

/** Names one data volume for ever: this cluster, this server, this incarnation of its data. */
export function volumeIdentity(identity: string, server: string, incarnation: number): string {
  return `${identity}/${server}/${String(incarnation)}`;
}

/**
 * An empty, cloned or foreign volume under a known address can make every other server exit
 * (https://github.com/rethinkdb/rethinkdb/issues/6880), and a foreign one brings its accounts along.
 */
export const ENTRY_SCRIPT = [
  `want="$1" && shift`,
  `have="$(cat /data/identity 2>/dev/null)"`,
  `if [ "$have" != "$want" ]; then`,
  `  echo "refused: the data volume says '\${have:-nothing}' and this server is '$want': it is empty, a copy, or another cluster's. Put the right volume back." >&2; exit 64`,
  `fi`,
  `if [ -e /data/started ] && [ ! -e /data/rethinkdb/metadata ]; then`,
  `  echo "refused: the data of this server is gone from its volume. Put it back, or replace the server." >&2; exit 64`,
  `fi`,
  `exec rethinkdb "$@"`,
].join("\n");
