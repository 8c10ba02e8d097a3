// The digests that a client announces: Content-Digest and Repr-Digest (RFC 9530). Pure.

import type { Digest } from "./interfaces.ts";

/** The supported algorithms, and the size of their digests in bytes. The RFC calls all others insecure. */
const SIZES: ReadonlyMap<string, number> = new Map([
  ["sha-256", 32],
  ["sha-512", 64],
]);

/** The longest value that is parsed. */
const MAX_LENGTH = 2_048;

/** A member of the dictionary: a key and a byte sequence (RFC 9651 §3.2, §3.3.5), perhaps with parameters. */
const MEMBER =
  /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):(?:;[ ]*[a-z*][^,;]*)*$/;

/**
 * Parses a digest field.
 *
 * @param value The field's value, `null` if it is absent; lines joined by commas.
 * @returns The digests of supported algorithms, or `undefined` if the value is malformed.
 * Other algorithms are ignored (RFC 9530 §2).
 *
 * @example The digest of the empty content
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const digests = parseDigests(
 *   "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
 * );
 * assertEquals(digests?.map(({ algorithm }) => algorithm), ["sha-256"]);
 * ```
 */
export function parseDigests(value: string | null): Digest[] | undefined {
  if (value === null) return [];
  if (value.length > MAX_LENGTH) return undefined;
  const digests: Digest[] = [];
  for (const member of value.split(",")) {
    const found = MEMBER.exec(member.trim());
    const [, key = "", encoded = ""] = found ?? [];
    if (found === null || encoded.length % 4 !== 0) return undefined;
    const size = SIZES.get(key);
    if (size === undefined) continue;
    const bytes = Uint8Array.fromBase64(encoded);
    if (bytes.length !== size) return undefined;
    digests.push({ algorithm: key as Digest["algorithm"], value: bytes });
  }
  return digests;
}
