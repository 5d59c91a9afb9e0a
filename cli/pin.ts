/** `npm run pin`: replaces the image's tag by what it means today, in the local stack's config. */
import { DEFAULTS } from "../core/defaults";
import { Engine, firstLine } from "../ops/engine";
import { Failure } from "../ops/failure";
import { LocalStack } from "./localStack";
import { parseOptions } from "./options";

export async function pin(words: readonly string[]): Promise<number> {
  parseOptions("pin", words, {});
  const engine = new Engine(null);
  const stack = new LocalStack();
  await stack.ensure();
  const { code, stdout } = await stack.run(["config", "get", "image"]);
  const image = (code === 0 && stdout.trim()) || DEFAULTS.image;
  const pinned = await resolveDigest(engine, image);
  await stack.must(["config", "set", "image", pinned]);
  process.stdout.write(`image: ${pinned}\n`);
  return 0;
}

/** @returns `repository:tag@sha256:…` as the engine knows it, after a pull where it has no digest. */
export async function resolveDigest(engine: Engine, image: string): Promise<string> {
  const tagged = image.replace(/@sha256:.*$/, "");
  const pulled = await engine.try(["pull", "--quiet", tagged]);
  const local = await engine.inspect<{ readonly RepoDigests: readonly string[] | null }>("image", tagged);
  if (local === undefined) throw new Failure(`image: ${tagged} cannot be pulled: ${firstLine(pulled.stderr)}`);
  const digest = (local.RepoDigests ?? []).find((entry) => entry.startsWith(`${withoutTag(tagged)}@`));
  if (digest === undefined) {
    throw new Failure(
      `image: ${tagged} has no digest on this engine: it was built here or loaded from a file, and no registry has it ` +
        `(${firstLine(pulled.stderr) || "pulled"}); push it to a registry and name it as there`,
    );
  }
  return `${tagged}@${digest.slice(digest.indexOf("@") + 1)}`;
}

/** A colon after the last slash begins a tag; before it, a port. */
function withoutTag(image: string): string {
  const slash = image.lastIndexOf("/");
  const colon = image.indexOf(":", slash + 1);
  return colon < 0 ? image : image.slice(0, colon);
}
