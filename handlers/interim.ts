// Checks what `send_interim()` is given. Pure.

import { type HTTPStatus, statusCode } from "../status.ts";

/**
 * The fields of an interim response: names with one value or several, or pairs of name and
 * value.
 */
export type InterimFields =
  | Readonly<Record<string, string | number | readonly string[]>>
  | Iterable<readonly [name: string, value: string | number]>;

/** Fields about the message's end and the connection, which only the final response decides. */
const FINAL_ONLY = /^(?:connection|content-length|transfer-encoding)$/i;

/**
 * Checks the status code of an interim response.
 *
 * @param code The status code.
 * @returns It, as a number.
 * @throws {TypeError} If it is not the code of an interim response.
 */
export function interimStatus(code: number | HTTPStatus): number {
  const status = statusCode(code);
  // 101 ends HTTP on the connection, so no final response follows it (RFC 9110 §15.2.2).
  if (
    Number.isInteger(status) && status >= 100 && status < 200 && status !== 101
  ) return status;
  throw new TypeError(
    `Cannot send interim status ${status}: the code must be an integer from 100 to 199, and not 101`,
  );
}

/**
 * Lists the fields of an interim response.
 *
 * @param fields The fields.
 * @returns Pairs of name and value, in order.
 * @throws {TypeError} If a field is only allowed in the final response.
 */
export function interimFields(
  fields: InterimFields,
): [name: string, value: string][] {
  const listed: [string, string][] = [];
  const entries = Symbol.iterator in fields
    ? fields as Iterable<readonly [string, string | number]>
    : Object.entries(fields);
  for (const [name, values] of entries) {
    if (FINAL_ONLY.test(name)) {
      throw new TypeError(
        `Cannot send the header "${name}" in an interim response: send it with the final one`,
      );
    }
    const all = typeof values === "object" ? values : [String(values)];
    for (const value of all) listed.push([name, value]);
  }
  return listed;
}
