/** Docker's security options of a container, as the engine reads them: of options that contradict each other the last wins. */

export interface SecurityOptions {
  /** Whether no process of it gains privileges. */
  readonly noNewPrivileges: boolean;
  /** Those that switch a confinement off. */
  readonly unconfined: readonly string[];
  readonly others: readonly string[];
}

const NO_NEW_PRIVILEGES = "no-new-privileges";

export function readSecurityOptions(given: readonly unknown[]): SecurityOptions {
  const options = given.map((option) => String(option).replace(":", "="));
  const isPrivilege = (option: string): boolean => option.split("=")[0] === NO_NEW_PRIVILEGES;
  const last = options.filter(isPrivilege).at(-1);
  const rest = options.filter((option) => !isPrivilege(option));
  const isOff = (option: string): boolean => /=(unconfined|disable|disabled)$/.test(option);
  return {
    // What the engine takes for true; it refuses a container with anything else that is no boolean.
    noNewPrivileges: last !== undefined && /^[^=]*(=(1|t|T|true|True|TRUE))?$/.test(last),
    unconfined: rest.filter(isOff),
    others: rest.filter((option) => !isOff(option)),
  };
}
