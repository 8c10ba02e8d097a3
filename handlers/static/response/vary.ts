// The Vary field (RFC 9110 §12.5.5): the request fields that a response depends on. It must
// be on every possible response to a request, whichever is chosen.

import { listMembers } from "../../../parser/syntax.ts";

/**
 * Adds names to a Vary field. Each name occurs once, whatever its case.
 *
 * @param value The value so far, `null` or empty for none.
 * @param names The field names to add.
 * @returns The value; `"*"` if that is among the names.
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
