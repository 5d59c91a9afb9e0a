/** Objects that a killed run made and never wrote down: `pulumi destroy` knows nothing of them. */
import { LABELS } from "../../core/render/labels";
import type { Engine } from "../../ops/docker/engine";
import { leftover } from "../../ops/programs/leftover";
import { releaseVolume } from "../../ops/docker/volumes";
import { type ExportedState, identitiesIn, namesIn } from "../stack/state";

/** Before the destroy: they would keep the network busy. */
export async function removeLeftoverContainers(engine: Engine, state: ExportedState): Promise<void> {
  const known = namesIn(state, "docker:index/container:Container");
  for (const identity of identitiesIn(state)) {
    const servers = await engine.servers(identity);
    const unknown = servers.map(({ container }) => container).filter((name) => !known.includes(name));
    await Promise.all(unknown.map((name) => leftover({ kind: "container", name, identity, dockerHost: null })));
  }
  for (const volume of namesIn(state, "docker:index/volume:Volume")) await releaseVolume(engine, volume);
}

/** After the destroy: whatever is left with our identity is not in the state. */
export async function removeLeftoverNetworks(engine: Engine, identities: readonly string[]): Promise<void> {
  for (const identity of identities) {
    const filter = `label=${LABELS.identity}=${identity}`;
    for (const name of await engine.lines(["network", "ls", "--filter", filter, "--format", "{{.Name}}"])) {
      await leftover({ kind: "network", name, identity, dockerHost: null });
    }
  }
}
