/** Serves the component to programs in every language of Pulumi: the plugin `rethinkdb`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { RethinkdbClusterArgs } from "../args/args";
import { judgeArgs, normalArgs } from "../components/checkedArgs";
import { RethinkdbCluster } from "../components/cluster";
import { asPlugin } from "../components/hosting";
import { knownInputs, plainInputs } from "./inputs";

const TOKEN = "rethinkdb:index:RethinkdbCluster";

class RethinkdbProvider implements pulumi.provider.Provider {
  readonly schema = readFileSync(join(__dirname, "..", "schema.json"), "utf8");
  readonly version = (JSON.parse(this.schema) as { readonly version: string }).version;

  async construct(
    name: string,
    type: string,
    inputs: pulumi.Inputs,
    options: pulumi.ComponentResourceOptions,
  ): Promise<pulumi.provider.ConstructResult> {
    if (type !== TOKEN) throw new Error(`${type} is no resource of rethinkdb; there is ${TOKEN}`);
    // Secrets, too, are judged before anything is declared: later, each that uses one would fail with words of its own.
    const { errors } = judgeArgs(normalArgs(await knownInputs<RethinkdbClusterArgs>(inputs)));
    if (errors.length > 0) throw new Error(errors.join("\n"));
    const args = await plainInputs<RethinkdbClusterArgs>(inputs);
    const cluster = asPlugin(() => new RethinkdbCluster(name, args, options));
    const { clusterName, servers, driverCaPem, connect, certificates, driverClientCertificates } = cluster;
    return {
      urn: cluster.urn,
      state: { clusterName, servers, driverCaPem, connect, certificates, driverClientCertificates },
    };
  }
}

void pulumi.provider.main(new RethinkdbProvider(), process.argv.slice(2));
