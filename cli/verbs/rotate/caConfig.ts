/** How the generations of a CA are changed in a stack's config. */
import type { CaArgs } from "../../../args/certificates";

/**
 * Arguments of `pulumi config`, one command after the other. `set-all` leaves the end of a list that gets shorter, and
 * `rm` takes one entry: in between, and after a kill there, stands a step of the same rotation.
 */
export function caConfigCommands(key: string, now: CaArgs, wanted: CaArgs): readonly (readonly string[])[] {
  const shrinks = wanted.trust.every((generation) => now.trust.includes(generation));
  const trust = shrinks ? now.trust : wanted.trust;
  const pairs = [
    `${key}.issue=${String(wanted.issue)}`,
    ...trust.map((generation, index) => `${key}.trust[${String(index)}]=${String(generation)}`),
  ];
  const surplus = shrinks
    ? now.trust.flatMap((generation, index) =>
        wanted.trust.includes(generation) && now.trust.indexOf(generation) === index ? [] : [index],
      )
    : now.trust.map((_, index) => index).slice(trust.length);
  return [
    ["config", "set-all", "--path", ...pairs.flatMap((pair) => ["--plaintext", pair])],
    // From the end on, so that no index moves.
    ...surplus.toReversed().map((index) => ["config", "rm", "--path", `${key}.trust[${String(index)}]`]),
  ];
}
