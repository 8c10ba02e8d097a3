// What a user may do. Pure.

/** What a user may do: see files, upload files, or both. */
export type Rights = "read" | "write" | "read+write";

const AT_END = /^(.+):(read|write|read\+write)$/s;

/**
 * Splits the rights off the end of a user's password.
 *
 * @param text The password or its hash, and perhaps a colon and the rights.
 * @returns The password, and the rights if there are any.
 *
 * @example A user who may only upload files
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(splitRights("hunter2:write"), {
 *   password: "hunter2",
 *   rights: "write",
 * });
 * ```
 */
export function splitRights(
  text: string,
): { readonly password: string; readonly rights: Rights | undefined } {
  const [, password = text, rights] = AT_END.exec(text) ?? [];
  return { password, rights: rights as Rights | undefined };
}
