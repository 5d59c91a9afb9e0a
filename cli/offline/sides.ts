/** Both sides of an offline review: every stack that has a file, declared by the base's program and by the head's. */
import { join } from "node:path";
import { Failure } from "../../ops/lib/failure";
import { EMPTY_SET, readSet } from "../../judge/model/readSet";
import type { ResourceSet } from "../../judge/model/resources";
import type { Sides } from "../../judge/changes/review";
import { trackedFiles } from "./checkout";
import { readCode } from "./code";
import { declareOffline } from "./declare";
import { readStackProgram, stackFileOf, stacksIn } from "./stackFiles";

/** A stack that says nothing: the program with its defaults. */
export const DEFAULTS_STACK = "defaults";

export interface Folders {
  readonly base: string;
  readonly head: string;
  /** One stack instead of all that have a file. */
  readonly stack?: string | undefined;
}

export interface OfflineSides extends Sides {
  /** The head's own file of this stack, relative to its folder. */
  readonly stackFile: string | undefined;
}

export async function offlineSides(folders: Folders): Promise<readonly OfflineSides[]> {
  const sides: OfflineSides[] = [];
  for (const stack of stacksToJudge(folders)) {
    const { before, madeUp, head } = await declareBase(folders, stack);
    const after = isGone(folders, stack)
      ? EMPTY_SET(before.project, stack)
      : (await declareOffline({ side: "the head", folder: folders.head, stack, stackFile: head, previous: madeUp }))
          .set;
    const code = await readBoth(folders, stack);
    sides.push({ before, after, source: "offline", code, stackFile: head?.slice(folders.head.length + 1) });
  }
  return sides;
}

/** The code of both versions; a stack's file that git does not know is the same on both sides. */
export async function readBoth(
  { base, head }: Folders,
  stack: string,
  isClean = false,
): Promise<NonNullable<Sides["code"]>> {
  const [of, own] = [stackFileOf(head, stack), stackFileOf(base, stack)];
  const before = own ?? (of !== undefined && !isTracked(head, of) ? of : undefined);
  return { before: await readCode(base, before), after: await readCode(head, of, isClean) };
}

/** The base runs here; what the head declares was written down where it may do no harm. */
export async function sidesWithHead(folders: Folders, written: unknown): Promise<readonly OfflineSides[]> {
  const sets = readHeads(written);
  const sides: OfflineSides[] = [];
  for (const stack of stacksToJudge(folders)) {
    const after = sets.find((set) => set.stack === stack);
    if (after === undefined)
      throw new Failure(`--head-file: has nothing of the stack "${stack}"; write it again with --write-head`);
    const { before, head } = await declareBase(folders, stack);
    const code = await readBoth(folders, stack, true);
    sides.push({ before, after, source: "offline", code, stackFile: head?.slice(folders.head.length + 1) });
  }
  return sides;
}

async function declareBase(
  { base, head }: Folders,
  stack: string,
): Promise<{
  before: ResourceSet;
  madeUp: Awaited<ReturnType<typeof declareOffline>>["madeUp"];
  head: string | undefined;
}> {
  const [baseFile, headFile] = [stackFileOf(base, stack), stackFileOf(head, stack)];
  // A file that git does not know is no change: it is there before and after.
  const own = headFile !== undefined && baseFile === undefined && !isTracked(head, headFile) ? headFile : baseFile;
  if (own === undefined && headFile !== undefined) {
    const { project } = readStackProgram(head, headFile);
    return { before: EMPTY_SET(project, stack), madeUp: {}, head: headFile };
  }
  const { set, madeUp } = await declareOffline({ side: "the base", folder: base, stack, stackFile: own });
  return { before: set, madeUp, head: headFile };
}

/** A stack whose file the change takes away: of what it declared, nothing is left to be judged. */
function isGone({ base, head }: Folders, stack: string): boolean {
  return stackFileOf(base, stack) !== undefined && stackFileOf(head, stack) === undefined;
}

function isTracked(folder: string, path: string): boolean {
  return trackedFiles(folder)?.includes(path.slice(folder.length + 1)) ?? true;
}

/** @throws Failure when the stack that was asked for has no file anywhere. */
export function stacksToJudge({ base, head, stack }: Folders): readonly string[] {
  const tracked = (folder: string): readonly string[] =>
    stacksIn(folder).filter((name) => isTracked(folder, stackFileOf(folder, name) ?? ""));
  if (stack !== undefined) {
    if (stackFileOf(head, stack) !== undefined || stack === DEFAULTS_STACK) return [stack];
    throw new Failure(`--stack: ${join(head, `Pulumi.${stack}.yaml`)} is not there`);
  }
  const found = [...new Set([...tracked(base), ...tracked(head)])];
  return found.length === 0 ? [DEFAULTS_STACK] : found.sort();
}

/** One written head a stack. */
export interface WrittenHeads {
  readonly version: 1;
  readonly heads: readonly ResourceSet[];
}

function readHeads(written: unknown): readonly ResourceSet[] {
  const { version, heads } = (typeof written === "object" && written !== null ? written : {}) as Readonly<
    Record<string, unknown>
  >;
  if (version !== 1 || !Array.isArray(heads)) throw new Failure(`--head-file: was not written by --write-head`);
  try {
    return heads.map(readSet);
  } catch (error) {
    throw new Failure(`--head-file: was not written by --write-head: ${error instanceof Error ? error.message : ""}`);
  }
}
