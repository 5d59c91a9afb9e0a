/** What a helper prints of a volume that it looked into. */

export interface VolumeSketch {
  /** Text of the identity beside the data. */
  readonly says?: string;
  /** Names at the top; the identity's own where it has one, unless said. */
  readonly names?: readonly string[];
  readonly hasData?: boolean;
}

/** The line that `showVolume` prints. */
export function lookLine({ says = "", names, hasData = says !== "" }: VolumeSketch): string {
  const all = names ?? (says === "" ? [] : ["identity", "rethinkdb"]);
  const encode = (text: string): string => (text === "" ? "-" : Buffer.from(text).toString("base64"));
  return `${encode(says)} ${encode(all.map((name) => `${name}\n`).join(""))} ${hasData ? "data" : "none"}\n`;
}
