/** The official Python driver as an independent client: what it sees is not our own code's opinion. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

const VENV = resolve(__dirname, "..", "..", ".venv", "bin", "python");
export const PYTHON = existsSync(VENV) ? VENV : "python3";

/** From 3.12 on, the driver compares host names by rules of its own. */
const NEWER = ["python3.15", "python3.14", "python3.13", "python3.12"];

/** `python3`, and the newest one on the PATH where that is another one. */
export function installedPythons(): readonly string[] {
  const versionOf = (command: string): string => {
    // A name may be there and lead to nothing, as those of pyenv.
    const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
    return status === 0 ? stdout.trim() : "";
  };
  const newest = NEWER.find((command) => versionOf(command) !== "");
  return newest === undefined || versionOf(newest) === versionOf("python3") ? ["python3"] : ["python3", newest];
}

/** @returns why nothing is known of newer Pythons; false when one of them is tried. */
export function missingNewerPython(): string | false {
  const found = installedPythons().some((command) => {
    const { stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
    return Number(/3\.(\d+)/.exec(stdout)?.[1]) >= 12;
  });
  return found ? false : `there is no Python 3.12 or newer on the PATH (${NEWER.toReversed().join(", ")})`;
}

export interface Target {
  readonly host?: string;
  readonly port: number;
  readonly user?: string;
  readonly password: string;
  /** PEM; without it the driver speaks plain TCP. */
  readonly ca?: string;
  /** Network namespace in which the client runs; the machine's own by default. */
  readonly netns?: string | undefined;
}

export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

const PROLOGUE = `
import json, sys, tempfile
from rethinkdb import r
t = json.load(sys.stdin)
def connect():
    o = dict(host=t.get("host", "localhost"), port=t["port"], user=t.get("user", "admin"), password=t["password"], timeout=10)
    if t.get("ca"):
        f = tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False); f.write(t["ca"]); f.close()
        o["ssl"] = {"ca_certs": f.name}
    return r.connect(**o)
def main(c):
`;

const EPILOGUE = `
try:
    c = connect()
    print(json.dumps({"ok": True, "value": main(c)}))
except Exception as e:
    print(json.dumps({"ok": False, "error": type(e).__name__ + ": " + str(e)}))
`;

/** Command and first arguments that run Python, in a network namespace of its own where one is named. */
export function pythonIn(netns: string | undefined): readonly [string, ...string[]] {
  return netns === undefined ? [PYTHON] : ["nsenter", `--net=/run/netns/${netns}`, PYTHON];
}

/** @param body Python lines that use the connection \`c\` and return something that JSON can say. */
export function python(target: Target, body: string): Answer {
  const indented = body
    .trim()
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
  const { netns, ...asked } = target;
  const [command, ...first] = pythonIn(netns);
  const result = spawnSync(command, [...first, "-c", PROLOGUE + indented + EPILOGUE], {
    encoding: "utf8",
    input: JSON.stringify(asked),
  });
  if (result.status !== 0) {
    throw new Error(
      `Python with the driver "rethinkdb" is needed (pip install -r test/requirements.txt): ${result.stderr}`,
    );
  }
  return JSON.parse(result.stdout) as Answer;
}

/** Runs and returns the value; throws what the driver said otherwise. */
export function mustPython(target: Target, body: string): unknown {
  const answer = python(target, body);
  if (!answer.ok) throw new Error(answer.error);
  return answer.value;
}
