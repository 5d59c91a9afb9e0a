/** What a process in the container may do, and what a leap out of it would meet. */
import { type Grade, neutral, NO, NONE, type Note, required, unwanted } from "../../model/fact";
import { type Family, held, type Property } from "../../model/property";
import { CONTAINERS, mandatory } from "../../model/rule";
import { readSecurityOptions } from "../../model/securityOptions";
import { hasUnknown, type Inputs, isUnknown, list, record, text } from "../../model/resources";

const leap = "A server process that was taken over has that much more to work with.";

const hardening = (title: string, why: string, absent: Grade, args: readonly string[] = []): Property => ({
  title,
  why,
  anchor: "the-container",
  args,
  absent,
  promise: 0,
});

const HIGH_UID = mandatory("high-uid", "Servers run with a numeric uid that no login has, never as root.", {
  lowest: 2000,
});
const READ_ONLY_ROOT = mandatory("read-only-root", "The root file system of a server is read-only.");
const NO_CAPABILITIES = mandatory(
  "no-capabilities",
  "Every capability is dropped, none added, and nothing is privileged.",
);
const NO_NEW_PRIVILEGES = mandatory(
  "no-new-privileges",
  "No process gains privileges, and no confinement is switched off.",
);
const NO_HOST_NAMESPACES = mandatory("no-host-namespaces", "Servers see no processes, devices or groups of the host.");
export const OWN_NETWORK = mandatory(
  "own-network",
  "Servers stand on a network of their cluster, with a fixed address.",
);
const of = CONTAINERS;

export const HARDENING: Family = {
  "container/user": held(
    hardening(
      "user of the process",
      "Root in a container is one mistake from root on the host; a uid that a login has lets that login read its keys.",
      { text: "the image's own", rank: 3 },
      ["runAsUid"],
    ),
    {
      ...{ rule: HIGH_UID, of },
      keeps: ({ grade, config: { lowest = 2000 } }) => (grade.amount ?? -1) >= lowest,
      says: ({ config: { lowest = 2000 } }) =>
        `it does not run with a numeric uid of ${String(lowest)} or higher; root is one mistake from root on the host, and a login with its uid reads its keys. Set runAsUid.`,
    },
  ),
  "container/group": hardening("group of the process", leap, neutral("none"), ["runAsUid"]),
  "container/extra-group": held(hardening("in group %", leap, NO), {
    ...{ rule: NO_HOST_NAMESPACES, of },
    says: "groupAdds reaches out of the container. Take it out.",
  }),
  "container/read-only": held(hardening("read-only root file system", leap, required(false)), {
    ...{ rule: READ_ONLY_ROOT, of },
    says: "its root file system can be written. Set readOnly.",
  }),
  "container/capabilities-dropped": held(hardening("all capabilities dropped", leap, required(false)), {
    ...{ rule: NO_CAPABILITIES, of },
    says: "it keeps capabilities. Drop ALL of them.",
  }),
  "container/capability": held(hardening("capability %", leap, NONE), {
    ...{ rule: NO_CAPABILITIES, of },
    says: "capabilities are added. Take them out: RethinkDB needs none.",
  }),
  "container/privileged": held(
    hardening("privileged", "A privileged container is root on the host.", unwanted(false)),
    { ...{ rule: NO_CAPABILITIES, of }, says: "it is privileged, which is root on the host. Take privileged out." },
  ),
  "container/no-new-privileges": held(hardening("no new privileges", leap, required(false)), {
    ...{ rule: NO_NEW_PRIVILEGES, of },
    says: "its processes may gain privileges. Add no-new-privileges to securityOpts.",
  }),
  "container/security-option": { ...hardening("security option %", leap, NONE), ungraded: true },
  "container/confinement-off": held(hardening("confinement switched off by %", leap, NO), {
    ...{ rule: NO_NEW_PRIVILEGES, of },
    says: "a confinement is switched off in securityOpts. Take that out.",
  }),
  "container/device": held(hardening("device %", "It reaches past the container to the host's hardware.", NONE), {
    ...{ rule: NO_HOST_NAMESPACES, of },
    says: "a device reaches out of the container. Take devices out.",
  }),
  "container/namespace": held(
    {
      ...hardening("% namespace", "It sees and reaches what is outside the container.", neutral("its own")),
      ungraded: true,
    },
    {
      ...{ rule: NO_HOST_NAMESPACES, of },
      says: ({ fact: { detail } }) => `${detail}Mode reaches out of the container. Take it out.`,
    },
  ),
  "container/network-mode": held(
    {
      ...hardening("network mode", "Its own network keeps neighbours and the host's services away.", neutral("bridge")),
      promise: 1,
    },
    {
      ...{ rule: OWN_NETWORK, of: ["server"] },
      keeps: ({ grade }) => grade.rank === 0,
      says: "it shares a network with what is not its cluster. Put it on the cluster's own network.",
    },
  ),
  "container/sysctl": { ...hardening("kernel setting %", leap, NONE), ungraded: true },
};

/** uids below 1000 are the system's, those just above are people's logins. */
const LAST_LOGIN = 1999;

export function readHardening(inputs: Inputs, note: Note): void {
  readUser(inputs["user"], note);
  for (const group of list(inputs["groupAdds"])) note("container/extra-group", { text: "yes", rank: 1 }, String(group));
  const flag = (key: string, property: string, grade: (value: boolean) => Grade): void => {
    note(property, isUnknown(inputs[key]) ? null : grade(inputs[key] === true));
  };
  flag("readOnly", "container/read-only", required);
  flag("privileged", "container/privileged", unwanted);
  readCapabilities(inputs["capabilities"], note);
  noteSecurityOptions(inputs["securityOpts"], note);
  for (const device of list(inputs["devices"]).map(record)) {
    note("container/device", { text: text(device["permissions"]) || "rwm", rank: 1 }, text(device["hostPath"]));
  }
  for (const key of ["pidMode", "ipcMode", "usernsMode", "cgroupnsMode"]) {
    const mode = text(inputs[key]);
    if (!/^(|private|none)$/.test(mode)) note("container/namespace", { text: mode, rank: 1 }, key.replace(/Mode$/, ""));
  }
  const mode = inputs["networkMode"];
  note("container/network-mode", isUnknown(mode) ? null : networkMode(text(mode) || "bridge"));
  for (const [name, value] of Object.entries(record(inputs["sysctls"]))) {
    note("container/sysctl", { text: String(value), rank: 1 }, name);
  }
}

function readUser(value: unknown, note: Note): void {
  if (isUnknown(value)) {
    note("container/user", null);
    return;
  }
  const [user = "", group = ""] = text(value).split(":");
  note("container/user", userGrade(user));
  note(
    "container/group",
    group === "" ? neutral("none") : { text: group, rank: group === "0" || group === "root" ? 1 : 0 },
  );
}

function userGrade(user: string): Grade {
  if (user === "") return { text: "the image's own", rank: 3 };
  if (user === "root" || Number(user) === 0) return { text: `${user} (root)`, rank: 3 };
  const uid = /^\d+$/.test(user) ? Number(user) : 0;
  if (uid < 1000) return { text: `${user} (a system user)`, rank: 2, amount: uid };
  const [text, rank] = uid <= LAST_LOGIN ? [`${user} (a uid that logins have)`, 1] : [user, 0];
  return { text, rank, amount: uid };
}

function readCapabilities(value: unknown, note: Note): void {
  if (hasUnknown(value)) {
    note("container/capabilities-dropped", null);
    return;
  }
  const plain = (key: string): readonly string[] =>
    list(record(value)[key]).map((name) => String(name).toUpperCase().replace(/^CAP_/, ""));
  note("container/capabilities-dropped", required(plain("drops").includes("ALL")));
  for (const name of plain("adds")) note("container/capability", { text: "added", rank: 1 }, name);
}

function noteSecurityOptions(value: unknown, note: Note): void {
  if (hasUnknown(value)) {
    note("container/no-new-privileges", null);
    return;
  }
  const { noNewPrivileges, unconfined, others } = readSecurityOptions(list(value));
  note("container/no-new-privileges", required(noNewPrivileges));
  for (const option of unconfined) note("container/confinement-off", { text: "yes", rank: 1 }, option);
  for (const option of others) note("container/security-option", { text: "set", rank: 1 }, option);
}

function networkMode(mode: string): Grade {
  if (mode === "none") return neutral(mode);
  if (mode === "host") return { text: mode, rank: 2 };
  if (mode.startsWith("container:")) return { text: "another container's", rank: 1 };
  // A network by its name is one beside those that the container is put on.
  return { text: mode, rank: mode === "bridge" ? 0 : 1 };
}
