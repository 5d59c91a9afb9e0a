/** Declares clusters in this process and reviews what changes between two of them. */
import * as pulumi from "@pulumi/pulumi";
import * as settings from "@pulumi/pulumi/runtime/settings";
import * as state from "@pulumi/pulumi/runtime/state";
import { type MadeUp, type Recording, recordProgram, type Sdk } from "../../cli/offline/recorder";
import { RethinkdbCluster, type RethinkdbClusterArgs } from "../../components";

const SDK = { ...pulumi, settings, state } as unknown as Sdk;

export const PASSWORD = "correct horse battery staple";

export type Declare = () => unknown;

export async function recordHere(declare: Declare, previous?: MadeUp): Promise<Recording> {
  // The SDK keeps a stack trace of every promise, which is most of the time of a recording and tells nothing here.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await recordProgram(SDK, declare, {
      project: "rethinkdb",
      stack: "test",
      // The passwords of the tests stand for those of a config.
      secrets: [`${PASSWORD} two`],
      ...(previous === undefined ? {} : { previous }),
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

export function cluster(args: Partial<RethinkdbClusterArgs> = {}, opts?: pulumi.ComponentResourceOptions): Declare {
  return () => new RethinkdbCluster("db", { clusterName: "orders", adminPassword: PASSWORD, ...args }, opts);
}
