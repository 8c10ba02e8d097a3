// Fields that tell a browser to be careful with what it gets.

import type { Field } from "./fields.ts";

/** Options of `securityHeaders()`. */
export interface SecurityOptions {
  /**
   * Whether to send what no site is the worse for: no guessing of types, no framing by
   * other sites, no paths in a Referer to other sites. Default: `false`.
   */
  readonly preset?: boolean;
  /**
   * Cross-origin isolation, which SharedArrayBuffer, and so wasm with threads, needs.
   * `true` is `"require-corp"`: what comes of other origins must allow it by its own
   * fields. `"credentialless"` loads that without cookies instead; Safari does not know
   * it. Default: `false`.
   */
  readonly isolation?: boolean | "require-corp" | "credentialless";
}

/** What `nosniff` is sent as; StaticFileHandler sends it always, with a type by the name. */
export const NO_SNIFF: Field = Object.freeze(
  ["X-Content-Type-Options", "nosniff"] as const,
);

const PRESET: readonly Field[] = Object.freeze([
  NO_SNIFF,
  ["Referrer-Policy", "same-origin"] as const,
  // The old field for the old browsers: frame-ancestors has taken its place.
  ["X-Frame-Options", "SAMEORIGIN"] as const,
  ["Content-Security-Policy", "frame-ancestors 'self'"] as const,
]);

/**
 * Gives the security fields that an answer carries.
 *
 * @param options Which of them.
 * @returns The fields, the same for every answer.
 *
 * @example A page that runs wasm with threads
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(securityHeaders({ isolation: true }), [
 *   ["Cross-Origin-Opener-Policy", "same-origin"],
 *   ["Cross-Origin-Embedder-Policy", "require-corp"],
 * ]);
 * ```
 */
export function securityHeaders(
  options: SecurityOptions,
): Field[] {
  const { preset = false, isolation = false } = options;
  const fields: Field[] = preset ? [...PRESET] : [];
  if (isolation !== false) {
    fields.push(
      ["Cross-Origin-Opener-Policy", "same-origin"],
      [
        "Cross-Origin-Embedder-Policy",
        isolation === true ? "require-corp" : isolation,
      ],
    );
  }
  return fields;
}
