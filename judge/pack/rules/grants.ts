/** What people are let do: rights that equal admin, and guards that are switched off. */
import { isOverride, OVERRIDES } from "../../../args/overrides";
import { record, text } from "../../../core/render/previewValues";
import { COMMAND } from "../reading";
import { perResource, type Rule } from "../rule";

export const noAdminByGrant: Rule = {
  name: "no-admin-by-grant",
  description: "No user may write to or configure the database rethinkdb: that equals admin.",
  level: "mandatory",
  config: {},
  check: perResource(COMMAND, ({ name, inputs }) => {
    if (!name.endsWith("-accounts")) return undefined;
    return Object.entries(record(inputs["environment"])).flatMap(([key, value]) => {
      const user = /^USER_(.+)$/.exec(key)?.[1];
      const found = user === undefined ? [] : adminRights(text(value));
      return found.length === 0
        ? []
        : [
            `${name}: user ${user ?? ""} has ${found.join(" and ")} on RethinkDB's own database, and so is admin. Grant read there at most, and make admins log in as admin.`,
          ];
    });
  }),
};

/** Of `rethinkdb: read, write; shop: write`, what equals admin. */
function adminRights(shown: string): readonly string[] {
  const rights = shown.split("; ").flatMap((grant) => {
    const [scope = "", words = ""] = grant.split(": ");
    return scope.split(".")[0] === "rethinkdb" ? words.split(", ") : [];
  });
  return ["write", "config"].filter((right) => rights.includes(right));
}

export const noOverride: Rule = {
  name: "no-override",
  description: "No guard is overridden for longer than it takes.",
  level: "advisory",
  config: {},
  check: perResource(COMMAND, ({ name, inputs }) => {
    if (!name.endsWith("-fleet")) return undefined;
    const names = text(record(inputs["environment"])["ALLOW"]).split(" ").filter(isOverride);
    return names.map(
      (override) =>
        `${name}: allow has "${override}", which ${OVERRIDES[override]}, at every run. Take it out as soon as it is done.`,
    );
  }),
};
