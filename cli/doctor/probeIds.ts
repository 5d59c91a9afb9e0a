/** Reads lists of probes: their ids, or the ids of lines of the threat table for all probes of a line. */
import { meant } from "../../args/shape/shape";
import { THREATS } from "../../core/decide/audit/threats";
import { PROBES } from "../../ops/doctor/probes/all";
import { Failure } from "../../ops/lib/failure";

export function readProbeIds(option: string, options: ReadonlyMap<string, string>): readonly string[] {
  const words = (options.get(option) ?? "").split(",").map((word) => word.trim());
  const wanted = words.filter((word) => word !== "");
  return [...new Set(wanted.flatMap((word) => idsOf(option, word)))];
}

function idsOf(option: string, word: string): readonly string[] {
  if (PROBES.some(({ id }) => id === word)) return [word];
  const ofLine = PROBES.filter(({ line }) => line === word).map(({ id }) => id);
  if (ofLine.length > 0) return ofLine;
  const known = [...PROBES.map(({ id }) => id), ...THREATS.map(({ id }) => id)];
  throw new Failure(`${option}: "${word}" is no probe and no line of docs/security.md; ${meant(word, known)}`);
}
