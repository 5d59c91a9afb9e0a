/** The image a container is made from, and whether anyone can move it. */
import { judgeImage } from "../../../args/values/image";
import { type Family, type Grade, neutral, NONE, type Note, type Property } from "../../model/fact";
import { type Inputs, isUnknown, SECRET, text } from "../../model/resources";

const image = (title: string, why: string, promise: number): Property => ({
  title,
  why,
  anchor: "the-image",
  args: ["image"],
  absent: NONE,
  promise,
});

export const IMAGE: Family = {
  "image/reference": image("image", "Everything in the container comes from it, RethinkDB's own security too.", 0),
  "image/pinned": image("image pinned", "A tag can be moved by its owner to other contents; a digest can not.", 1),
  "image/version": image("image's version", "Versions before 2.4.3 cannot be secured the way this project does.", 0),
};

export function readImage(inputs: Inputs, note: Note, isRethinkdb: boolean): void {
  const value = inputs["image"];
  if (isUnknown(value) || value === SECRET) {
    note("image/reference", null);
    return;
  }
  const reference = text(value);
  note("image/reference", neutral(reference));
  note("image/pinned", pinned(reference));
  if (isRethinkdb) note("image/version", version(reference));
}

function pinned(reference: string): Grade {
  if (reference.includes("@sha256:")) return { text: "by digest", rank: 0 };
  const tag = /:([^/:]+)$/.exec(reference)?.[1];
  if (tag === undefined) return { text: "not at all, it has no tag", rank: 3 };
  // A tag that names a full version is moved only for new builds of that version.
  return /^v?\d+\.\d+\.\d+/.test(tag)
    ? { text: "by the tag of a version", rank: 1 }
    : { text: `by a moving tag, ${tag}`, rank: 2 };
}

function version(reference: string): Grade {
  const { error } = judgeImage(reference);
  return error === undefined ? { text: "supported", rank: 0 } : { text: "not supported", rank: 1 };
}
