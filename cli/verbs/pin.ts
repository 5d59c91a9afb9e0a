/** `npx pulumi-rethinkdb pin`: writes the digest of the configured image to the stack's config, so that its tag cannot be moved. */
import type { Engine } from "../../ops/docker/engine";
import { Failure } from "../../ops/lib/failure";
import { readStackConfig } from "../stack/config";
import { answeringEngine } from "../engine/check";
import { LocalStack, STACK } from "../stack/localStack";
import { byHand, isOwnProject } from "../stack/project";
import { parseOptions } from "../options";
import { PulumiCli } from "../stack/pulumiCli";
import { STACK_OPTION, type Verb } from "../verb";

export const verb: Verb = {
  name: "pin",
  does: "Writes the digest of the configured image into the config, so that its tag cannot be moved.",
  options: STACK_OPTION,
  examples: ["npx pulumi-rethinkdb pin", "npx pulumi-rethinkdb pin --stack dev"],
  run: pin,
};

export async function pin(project: string, argv: readonly string[]): Promise<number> {
  const named = parseOptions(verb, argv).get("--stack");
  const engine = await answeringEngine();
  const pulumi = named === undefined ? await localPulumi(project) : new PulumiCli(project, process.env);
  const { image } = await readStackConfig(pulumi, named ?? STACK);
  if (image.includes("@")) {
    const tag = image.slice(0, image.indexOf("@"));
    console.log(
      `image is pinned already: ${image}\nTo pin again, first set it to a tag: pulumi config set image ${tag}`,
    );
    return 0;
  }
  const pinned = `${image}@${await digestOf(engine, image)}`;
  if (!isOwnProject(project)) {
    console.log(byHand({ image: pinned }));
    return 0;
  }
  await pulumi.read(["config", "set", "image", pinned, "--stack", named ?? STACK]);
  console.log(`image: ${pinned}\nThe next up restarts a running cluster on it, one server at a time.`);
  return 0;
}

async function localPulumi(project: string): Promise<PulumiCli> {
  const stack = new LocalStack(project);
  await stack.ensure();
  return stack.pulumi;
}

interface ImageInspect {
  readonly RepoDigests: readonly string[] | null;
}

async function digestOf(engine: Engine, image: string): Promise<string> {
  const found = await engine.inspect<ImageInspect>("image", image);
  if (found === undefined) await engine.run(["pull", "--quiet", image]);
  const inspected = found ?? (await engine.inspect<ImageInspect>("image", image));
  const digest = chooseDigest(image, inspected?.RepoDigests ?? []);
  if (digest !== undefined) return digest;
  throw new Failure(
    `image: ${image} has no digest, it was built on this engine and never pulled or pushed; ` +
      `docker pull it from its registry, or push it to one, then run npx pulumi-rethinkdb pin again`,
  );
}

/** An image may be known under several repositories; a digest counts only in its own. */
export function chooseDigest(image: string, repoDigests: readonly string[]): string | undefined {
  const repository = familiar(image.replace(/:[^:/]*$/, ""));
  const match = repoDigests.map((entry) => entry.split("@")).find(([name]) => familiar(name ?? "") === repository);
  return match?.[1];
}

/** The name as Docker itself shortens it. */
function familiar(repository: string): string {
  return repository.replace(/^(index\.)?docker\.io\//, "").replace(/^library\//, "");
}
