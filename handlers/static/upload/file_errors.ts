// What the errors of the file system mean for an upload.

import { isDenied } from "../../file_stat.ts";
import type { Refused } from "./interfaces.ts";
import { NO_SPACE } from "./plan.ts";

/** The responses, by the system's error code. Deno has no class for most of them. */
const REFUSALS: ReadonlyMap<
  unknown,
  readonly [status: number, reason: string]
> = new Map([
  ["EFBIG", [413, "The file is too large for the file system"]],
  ["EILSEQ", [400, "The file system doesn't allow this name"]],
  ["EINVAL", [400, "The file system doesn't allow this name"]],
  ["EISDIR", [409, "There is a folder of this name"]],
  ["ENAMETOOLONG", [400, "A name is too long"]],
  ["ENOTDIR", [409, "A folder of the path is a file"]],
  ["EROFS", [403, "The folder is read-only"]],
]);

/** The codes of a file system that is full. */
const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

/**
 * Runs a step of an upload.
 *
 * @typeParam T The step's result.
 * @param step The step.
 * @returns Its result; the refusal if the file system refuses.
 * @throws {Error} Any other error, such as that the system is out of descriptors.
 */
export async function refuseError<T>(
  step: () => Promise<T>,
): Promise<T | Refused> {
  try {
    return await step();
  } catch (error) {
    const refused = refusalOf(error);
    if (refused === undefined) throw error;
    return refused;
  }
}

function refusalOf(error: unknown): Refused | undefined {
  if (error instanceof Deno.errors.NotCapable || isDenied(error)) {
    return refused(403, "The server may not write to this folder");
  }
  if (error instanceof Deno.errors.NotFound) {
    return refused(409, "The folder was removed");
  }
  if (!(error instanceof Error && "code" in error)) return undefined;
  const { code } = error;
  if (FULL.has(code)) return NO_SPACE;
  const known = REFUSALS.get(code);
  return known && refused(...known);
}

function refused(status: number, reason: string): Refused {
  return { kind: "refused", status, reason };
}
