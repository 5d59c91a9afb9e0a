/** What a process in the container may do, and what a leap out of it would meet. */
import {
  type Family,
  type Grade,
  neutral,
  NO,
  NONE,
  type Note,
  type Property,
  required,
  unwanted,
} from "../../model/fact";
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

export const HARDENING: Family = {
  "container/user": hardening(
    "user of the process",
    "Root in a container is one mistake from root on the host; a uid that a login has lets that login read its keys.",
    { text: "the image's own", rank: 3 },
    ["runAsUid"],
  ),
  "container/group": hardening("group of the process", leap, neutral("none"), ["runAsUid"]),
  "container/extra-group": hardening("in group %", leap, NO),
  "container/read-only": hardening("read-only root file system", leap, required(false)),
  "container/capabilities-dropped": hardening("all capabilities dropped", leap, required(false)),
  "container/capability": hardening("capability %", leap, NONE),
  "container/privileged": hardening("privileged", "A privileged container is root on the host.", unwanted(false)),
  "container/no-new-privileges": hardening("no new privileges", leap, required(false)),
  "container/security-option": hardening("security option %", leap, NONE),
  "container/confinement-off": hardening("confinement switched off by %", leap, NO),
  "container/device": hardening("device %", "It reaches past the container to the host's hardware.", NONE),
  "container/namespace": hardening(
    "% namespace of the host",
    "It sees and reaches what is outside the container.",
    NONE,
  ),
  "container/network-mode": {
    ...hardening("network mode", "Its own network keeps neighbours and the host's services away.", neutral("bridge")),
    promise: 1,
  },
  "container/sysctl": hardening("kernel setting %", leap, NONE),
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
    if (/^(host|container:)/.test(mode)) note("container/namespace", { text: mode, rank: 1 }, key.replace(/Mode$/, ""));
  }
  const mode = inputs["networkMode"];
  note("container/network-mode", isUnknown(mode) ? null : networkMode(text(mode) || "bridge"));
  for (const [name, value] of Object.entries(record(inputs["sysctls"]))) {
    note("container/sysctl", neutral(String(value)), name);
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
  const uid = Number(user);
  if (!Number.isInteger(uid) || uid < 1000) return { text: `${user} (a system user)`, rank: 2 };
  return uid <= LAST_LOGIN ? { text: `${user} (a uid that logins have)`, rank: 1 } : { text: user, rank: 0 };
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
  for (const option of others) note("container/security-option", neutral("set"), option);
}

function networkMode(mode: string): Grade {
  if (mode === "none") return neutral(mode);
  if (mode === "host") return { text: mode, rank: 2 };
  return mode.startsWith("container:") ? { text: "another container's", rank: 1 } : { text: mode, rank: 0 };
}
