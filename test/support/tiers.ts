/** What a run of the tests may leave out, and what of the caller's environment reaches it. */

/**
 * Whether a run fails when anything is skipped, by the variable REQUIRE_E2E: `1` always, `auto` where everything is there
 * that the real tiers need.
 * @param missing what is missing of that.
 */
export function mustRunAll(env: NodeJS.ProcessEnv, missing: readonly string[]): boolean {
  const wanted = env["REQUIRE_E2E"] ?? "";
  if (wanted === "" || wanted === "0") return false;
  if (wanted === "1") return true;
  if (wanted === "auto") return missing.length === 0;
  throw new Error(`REQUIRE_E2E is "${wanted}"; it is 1, 0 or auto`);
}

/** Where an engine or a stack is, and what an engine hands to a program: nothing for tests that need neither. */
const OTHERS = /^(DOCKER_|PULUMI_|BUILDKIT_|COMPOSE_)/;

/** For tests that must not depend on who runs them. */
export function unitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([key]) => !OTHERS.test(key) || key === "PULUMI_HOME"));
}
