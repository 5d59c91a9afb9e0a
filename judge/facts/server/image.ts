/** The image a container is made from, and whether anyone can move it. */
import { judgeImage } from "../../../args/values/image";
import { type Grade, neutral, NONE, type Note } from "../../model/fact";
import { type Family, held, type Property } from "../../model/property";
import { advisory, CONTAINERS, mandatory, RETHINKDB } from "../../model/rule";
import { type Inputs, isUnknown, SECRET, text } from "../../model/resources";

const image = (title: string, why: string, promise: number): Property => ({
  title,
  why,
  anchor: "the-image",
  args: ["image"],
  absent: NONE,
  promise,
});

const SUPPORTED_IMAGE = mandatory(
  "supported-image",
  "The image names RethinkDB 2.4.3 or newer, and no tag that moves to other versions.",
);
const IMAGE_BY_DIGEST = advisory("image-by-digest", "The image is pinned by digest: a tag can be moved by its owner.");

export const IMAGE: Family = {
  "image/reference": image("image", "Everything in the container comes from it, RethinkDB's own security too.", 0),
  "image/repository": {
    ...image("image's repository", "Images of another repository are made by others.", 0),
    ungraded: true,
  },
  "image/pinned": held(
    image("image pinned", "A tag can be moved by its owner to other contents; a digest can not.", 1),
    {
      ...{ rule: IMAGE_BY_DIGEST, of: CONTAINERS },
      keeps: ({ grade }) => grade.rank === 0,
      says: "its image is named by a tag, which its owner can move. Run npx pulumi-rethinkdb pin.",
    },
  ),
  "image/version": held(
    image("image's version", "Versions before 2.4.3 cannot be secured the way this project does.", 0),
    {
      ...{ rule: SUPPORTED_IMAGE, of: RETHINKDB },
      says: "its image is no fixed version of RethinkDB from 2.4.3 on. Use rethinkdb:2.4.4-bookworm-slim, if possible by digest.",
    },
  ),
};

export function readImage(inputs: Inputs, note: Note, isRethinkdb: boolean): void {
  const value = inputs["image"];
  if (isUnknown(value) || value === SECRET) {
    note("image/reference", null);
    return;
  }
  const reference = text(value);
  note("image/reference", neutral(reference));
  note("image/repository", neutral(repositoryOf(reference)));
  note("image/pinned", pinned(reference));
  if (isRethinkdb) note("image/version", version(reference));
}

/** Docker Hub is what a name without a host means. */
function repositoryOf(reference: string): string {
  const name = reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  return name.replace(/^(index\.)?docker\.io\//, "").replace(/^library\/(?=[^/]+$)/, "");
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
  const { error, warning } = judgeImage(reference);
  if (error !== undefined) return { text: "not supported", rank: 2 };
  return warning === undefined ? { text: "supported", rank: 0 } : { text: "open, since the tag moves", rank: 1 };
}
