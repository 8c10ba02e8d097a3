// Header fields as the policies see them: plain pairs, and something to ask.

/** A header field: its name and its value. */
export type Field = readonly [name: string, value: string];

/** How a request's header fields are read; an `HTTPMessage` is one, web `Headers` too. */
export interface FieldReader {
  /** The value of a field by its name in any case, `null` where it is absent. */
  get(name: string): string | null;
  /** The values of all its lines, where `get()` gives only the first. */
  get_all?(name: string): string[] | null;
}

/**
 * The value of a field that is a list, over all its lines (RFC 9110, 5.3).
 *
 * @param fields The header fields.
 * @param name The field's name.
 * @returns The value, `null` where it is absent.
 *
 * @example Two lines
 * ```ts
 * import { HTTPMessage } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * const fields = new HTTPMessage([["If-Match", '"a"'], ["If-Match", '"b"']]);
 * assertEquals(listField(fields, "If-Match"), '"a", "b"');
 * ```
 */
export function listField(fields: FieldReader, name: string): string | null {
  const first = fields.get(name);
  if (first === null || fields.get_all === undefined) return first;
  return fields.get_all(name)?.join(", ") ?? first;
}
