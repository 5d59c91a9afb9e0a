/** What can be said about an image from its name alone. */
import { DEFAULT_IMAGE } from "../constants";
import type { Verdict } from "../report";

/**
 * Tags of the official image with RethinkDB 2.4.3 or newer, the first that accepts certificate chains.
 * Source: every version of https://github.com/docker-library/official-images/blob/master/library/rethinkdb
 */
const SUPPORTED_TAGS = ["2.4.4-bookworm-slim", "2.4.3-bookworm-slim", "2.4.3"];
const MOVING_TAGS = ["2.4-bookworm-slim", "2-bookworm-slim", "bookworm-slim", "2.4", "2", "latest"];
const OLD_TAGS =
  /^(1(\.1[3-6](\.\d)?)?|2\.[0-3](\.\d)?|2\.4\.[0-2]|2\.4\.[0-2]-(buster-slim|bullseye-slim|centos)|(2|2\.4)-(buster-slim|bullseye-slim|centos)|buster-slim|bullseye-slim|centos)$/;

const OFFICIAL = /^((index\.)?docker\.io\/)?(library\/)?rethinkdb$/;
const REFERENCE =
  /^(?<repository>(?:[a-zA-Z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+|\/)[a-z0-9]+)*)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

export function judgeImage(image: string): Verdict {
  const match = REFERENCE.exec(image);
  if (match?.groups === undefined) {
    return {
      error: `${JSON.stringify(image)} is not an image name; write it as ${DEFAULT_IMAGE}, if possible with @sha256:…`,
    };
  }
  const { repository = "", tag, digest } = match.groups;
  if (!OFFICIAL.test(repository)) {
    return tag === undefined && digest === undefined
      ? { error: `"${image}" names neither a tag nor a digest; add one, such as ${image}:2.4.4-bookworm-slim` }
      : {};
  }
  if (tag === undefined && digest !== undefined) return {};
  const written = tag ?? "latest";
  if (SUPPORTED_TAGS.includes(written)) return {};
  if (MOVING_TAGS.includes(written)) {
    return digest !== undefined
      ? {}
      : {
          warning: `"${image}" moves to other versions of RethinkDB; pin ${DEFAULT_IMAGE}, or run npx pulumi-rethinkdb pin`,
        };
  }
  if (OLD_TAGS.test(written)) {
    return {
      error: `"${image}" is older than RethinkDB 2.4.3, the first that this component can secure; use ${DEFAULT_IMAGE}`,
    };
  }
  return { error: `RethinkDB never had an image "${image}"; use ${DEFAULT_IMAGE}` };
}
