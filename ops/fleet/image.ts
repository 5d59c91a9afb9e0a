/** Whether the image is on the engine, and whether the servers can go from theirs to it one after the other. */
import { DEFAULT_IMAGE } from "../../args/constants";
import { judgeVersionChange, parseVersion, type Version } from "../../core/decide/version";
import { type Engine, firstLine } from "../docker/engine";
import { Failure } from "../lib/failure";
import { Progress } from "../lib/progress";

/**
 * @param which engine, in words.
 * @returns its id, after it was pulled where it was missing.
 */
export async function ensureImage(engine: Engine, image: string, which: string): Promise<string> {
  const found = await idOf(engine, image);
  if (found !== undefined) return found;
  const progress = new Progress("image");
  progress.say(`pulling ${image}`);
  const outcome = await engine.try(["pull", "--quiet", image]);
  const pulled = outcome.code === 0 ? await idOf(engine, image) : undefined;
  if (pulled !== undefined) return pulled;
  throw new Failure(
    `image: ${image} is not on ${which} and cannot be pulled: ${outcome.stderr.trim().split("\n")[0] ?? ""}`,
  );
}

async function idOf(engine: Engine, image: string): Promise<string | undefined> {
  return (await engine.inspect<{ readonly Id: string }>("image", image))?.Id;
}

/** @param containers of this cluster. */
export async function checkVersion(
  engine: Engine,
  image: string,
  id: string,
  containers: readonly { readonly name: string }[],
): Promise<readonly string[]> {
  const live = await Promise.all(
    containers.map(({ name }) => engine.inspect<{ readonly Image: string }>("container", name)),
  );
  const others = [...new Set(live.flatMap((container) => (container ? [container.Image] : [])))].filter(
    (i) => i !== id,
  );
  // The default is known; what every server runs already was judged when it came.
  if (others.length === 0 && (live.length > 0 || image === DEFAULT_IMAGE)) return [];
  const next = await versionOf(engine, image);
  const now = await Promise.all(others.map(async (other) => versionOf(engine, other)));
  const verdicts = (now.length === 0 ? [undefined] : now).map((version) => judgeVersionChange(image, next, version));
  return [...new Set(verdicts.filter((verdict) => verdict !== undefined))];
}

async function versionOf(engine: Engine, image: string): Promise<Version | undefined> {
  const outcome = await engine.runHelper({
    image,
    helper: "version",
    mounts: [],
    capabilities: [],
    script: "exec rethinkdb --version",
    args: [],
    stdin: "",
  });
  if (outcome.code !== 0) new Progress("image").say(`${image} did not run: ${firstLine(outcome.stderr)}`);
  return outcome.code === 0 ? parseVersion(outcome.stdout) : undefined;
}
