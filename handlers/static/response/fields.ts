// Header fields as used by the policies: name-value pairs, and an interface to read them.

/** A header field: its name and its value. */
export type Field = readonly [name: string, value: string];

/** Reads a request's header fields; `HTTPMessage` and web `Headers` implement it. */
export interface FieldReader {
  /** Returns the value of a field by its case-insensitive name, `null` if it is absent. */
  get(name: string): string | null;
  /** Returns the values of all lines, if `get()` returns only the first. */
  get_all?(name: string): string[] | null;
}

/**
 * Returns the value of a list field, over all its lines (RFC 9110 §5.3).
 *
 * @param fields The header fields.
 * @param name The field's name.
 * @returns The value, `null` if it is absent.
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
