// The Vary field (RFC 9110, 12.5.5): on which fields of the request an answer depends.
// It stands on every answer that could have been another, also where it is not.

import { listMembers } from "../../../parser/syntax.ts";

/**
 * Adds names to a Vary field, each once in whatever case.
 *
 * @param value The value so far, `null` or empty where there is none.
 * @param names The names of fields to add.
 * @returns The value; `"*"` if that is among the names, since it stands for all.
 *
 * @example Two policies
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(mergeVary(null, ["Accept-Encoding"]), "Accept-Encoding");
 * assertEquals(
 *   mergeVary("accept-encoding", ["Origin", "Accept-Encoding"]),
 *   "accept-encoding, Origin",
 * );
 * ```
 */
export function mergeVary(
  value: string | null,
  names: readonly string[],
): string {
  const known = new Map<string, string>();
  for (const name of listMembers([value ?? "", ...names])) {
    if (name === "*") return "*";
    const key = name.toLowerCase();
    if (!known.has(key)) known.set(key, name);
  }
  return [...known.values()].join(", ");
}
