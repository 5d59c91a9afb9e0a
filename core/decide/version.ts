/** What may follow what, of RethinkDB's versions. */

export interface Version {
  readonly text: string;
  readonly series: string;
  readonly patch: number;
}

/** @param output of `rethinkdb --version`, such as `rethinkdb 2.4.4~0bookworm (CLANG 14.0.6)`. */
export function parseVersion(output: string): Version | undefined {
  const [, series = "", patch = ""] = /^rethinkdb v?(\d+\.\d+)\.(\d+)/m.exec(output) ?? [];
  return series === "" ? undefined : { text: `${series}.${patch}`, series, patch: Number(patch) };
}

/**
 * @param now the version the servers run, undefined where there is none.
 * @returns why the servers cannot go from one to the other, one after the other, with what to do instead.
 */
export function judgeVersionChange(
  image: string,
  next: Version | undefined,
  now: Version | undefined,
): string | undefined {
  if (next === undefined)
    return `image: ${image} does not say a version of RethinkDB; use an image whose "rethinkdb --version" answers`;
  if (next.series !== SERIES || next.patch < OLDEST_PATCH) {
    if (now !== undefined && next.series !== now.series) return judgeSeries(image, next, now);
    return `image: ${image} is RethinkDB ${next.text}; this component secures ${SERIES}.${String(OLDEST_PATCH)} and later ones of ${SERIES}`;
  }
  if (now === undefined) return undefined;
  if (next.series !== now.series) return judgeSeries(image, next, now);
  if (next.patch < now.patch) {
    return (
      `image: ${image} is RethinkDB ${next.text} and the servers run ${now.text}; data files do not go back; ` +
      `set the image back, or dump the data and restore it into a new cluster`
    );
  }
  return undefined;
}

const SERIES = "2.4";
/** The first that accepts certificate chains. */
const OLDEST_PATCH = 3;

function judgeSeries(image: string, next: Version, now: Version): string {
  return (
    `image: ${image} is RethinkDB ${next.text} and the servers run ${now.text}; different series cannot form one cluster, ` +
    `so they cannot be changed one after the other; dump the data, destroy, then make a new cluster and restore into it`
  );
}
