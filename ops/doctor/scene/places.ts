/** Starts what attacks come from, and ends it: one throw-away container for each network, one command in each server. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Declared } from "../../../core/decide/audit/declared";
import { LABELS } from "../../../core/render/labels";
import type { Engine } from "../../docker/engine";
import { Dialer } from "../wire/dialer";
import { DIALER_SCRIPT } from "../wire/dialerScript";
import { Vantage } from "../wire/vantage";

export class Places {
  readonly here = Vantage.here();
  helpers = 0;
  execs = 0;
  private readonly all: Vantage[] = [this.here];

  constructor(private readonly declared: Pick<Declared, "image">) {}

  get connections(): number {
    return this.all.reduce((sum, vantage) => sum + vantage.connections, 0);
  }

  async onNetwork(engine: Engine, network: string, title: string): Promise<Vantage> {
    this.helpers++;
    const child = engine.spawn([
      ...["run", "--rm", "-i", "--pull", "never", "--network", network, "--read-only", "--user", "65534:65534"],
      ...["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "128m"],
      // The image declares /data a volume: without this, every run leaves an anonymous one for Docker to make.
      ...["--label", `${LABELS.helper}=doctor`, "--tmpfs", "/data"],
      ...["--entrypoint", "perl", this.declared.image, "-e", DIALER_SCRIPT],
    ]);
    return this.keep(child, title);
  }

  async inside(engine: Engine, container: string, title: string): Promise<Vantage> {
    this.execs++;
    return this.keep(engine.spawn(["exec", "-i", container, "perl", "-e", DIALER_SCRIPT]), title);
  }

  close(): void {
    for (const vantage of this.all) vantage.close();
  }

  private async keep(child: ChildProcessWithoutNullStreams, title: string): Promise<Vantage> {
    const dialer = new Dialer(child, title);
    const vantage = Vantage.through(dialer, title);
    this.all.push(vantage);
    await dialer.ready();
    return vantage;
  }
}
