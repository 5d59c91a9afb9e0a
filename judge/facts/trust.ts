/** Which generations of each CA a server trusts, and which one signs what it presents. */
import { LABELS } from "../../core/render/labels";
import { neutral, NO, NONE, type Note } from "../model/fact";
import type { Family } from "../model/property";
import { type Inputs, isUnknown, list, record, text } from "../model/resources";

const args = ["clusterCa", "driverCa", "clientCa"];

export const TRUST: Family = {
  "trust/generation": {
    title: "trusts generation %",
    why: "One more key whose holder is believed.",
    ...{ anchor: "tls", args, absent: NO, promise: 1 },
  },
  "trust/issue": {
    title: "generation of the % that issues",
    why: "Others have to trust it first.",
    ...{ anchor: "tls", args, absent: NONE, promise: 0 },
  },
};

/** Which generations a server trusts and presents stands in its labels. */
export function readTrust(inputs: Inputs, note: Note): void {
  const labels = new Map(list(inputs["labels"]).map((entry) => [text(record(entry)["label"]), record(entry)["value"]]));
  for (const [purpose, issue, trust] of [
    ["cluster CA", LABELS.clusterCaIssue, LABELS.clusterCaTrust],
    ["driver CA", LABELS.driverCaIssue, LABELS.driverCaTrust],
    ["client CA", LABELS.clientCaIssue, LABELS.clientCaTrust],
  ] as const) {
    if (isUnknown(labels.get(issue)) || isUnknown(inputs["labels"])) note("trust/issue", null, purpose);
    else if (labels.has(issue)) note("trust/issue", neutral(text(labels.get(issue))), purpose);
    for (const generation of text(labels.get(trust)).split(",").filter(Boolean)) {
      // Of clients that need a password besides: what demands a certificate is a fact of its own.
      const rank = purpose === "client CA" ? 0 : 1;
      note("trust/generation", { text: "yes", rank }, `${generation} of the ${purpose}`);
    }
  }
}
