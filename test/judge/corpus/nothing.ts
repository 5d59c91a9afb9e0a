import { RethinkdbCluster } from "../../../components/index";
import { cluster, PASSWORD } from "../../support/recorded";
import { args, type Change, hand, type Side } from "../change";

const head = (declare: () => unknown): Side => ({ declare });

/** What changes the program and nothing that it makes. */
export const nothing: readonly Change[] = [
  { name: "the same program", head: head(cluster()), expect: [] },
  {
    name: "a default is written out",
    head: args({ nodes: 3, driverPublish: "127.0.0.1", memoryMib: 1024, allow: [] }),
    expect: [],
  },
  { name: "a calculated default is written out", head: args({ cacheSizeMib: 512 }), expect: [] },
  {
    name: "names stand in another order, and twice",
    base: args({ driverSans: ["a.example.com", "b.example.com"] }),
    head: args({ driverSans: ["b.example.com", "a.example.com", "b.example.com"] }),
    expect: [],
  },
  {
    name: "args come from a function",
    head: head(() => {
      const sizes = (): { memoryMib: number } => ({ memoryMib: 2 ** 10 });
      return new RethinkdbCluster("db", { ...sizes(), adminPassword: PASSWORD, clusterName: ["or", "ders"].join("") });
    }),
    expect: [],
  },
  {
    name: "resources are declared in another order",
    head: hand((s) => ({ ...s, resources: [...s.resources].reverse() })),
    expect: [],
  },
  {
    name: "inputs stand in another order",
    head: hand((s) => ({
      ...s,
      resources: s.resources.map((r) => ({ ...r, inputs: Object.fromEntries(Object.entries(r.inputs).reverse()) })),
    })),
    expect: [],
  },
  {
    name: "the cluster is renamed with an alias",
    head: head(
      () =>
        new RethinkdbCluster(
          "store",
          { clusterName: "orders", adminPassword: PASSWORD },
          { aliases: [{ name: "db" }] },
        ),
    ),
    expect: [],
  },
  {
    name: "the program finds its lines elsewhere",
    head: hand((s) => ({ ...s, resources: s.resources.map((r) => ({ ...r, source: "other.ts:9" })) })),
    expect: [],
  },
];
