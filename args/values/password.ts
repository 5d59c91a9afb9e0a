/** What can be a password. It is never part of a message. */
import type { Verdict } from "../report";

/** @param how the command that sets it; by default the one for a key of its own. */
export function checkPassword(path: string, value: string, how = `pulumi config set --secret ${path}`): Verdict {
  if (value === "") return { error: `${path}: is empty; set one, for example with: ${how}` };
  if (!/^[\x20-\x7e]*$/.test(value)) {
    return {
      error:
        `${path}: has a character that is not printable ASCII; ` +
        `the official Python driver encodes passwords as latin-1 and could never log in; use letters, digits and ASCII signs`,
    };
  }
  if (value.length > 1024) {
    return { error: `${path}: has ${String(value.length)} characters; use 1024 or fewer` };
  }
  if (value.length < 12) {
    return {
      warning: `${path}: has fewer than 12 characters; RethinkDB does not slow down guessing, use a longer one`,
    };
  }
  return {};
}
