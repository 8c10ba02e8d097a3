// Fields that restrict what browsers may do with a response.

import type { Field } from "./fields.ts";

/** Options of `securityHeaders()`. */
export interface SecurityOptions {
  /**
   * Send `Referrer-Policy`, `X-Frame-Options` and CSP `frame-ancestors`, which hardly any
   * site has to avoid. Default: `false`.
   */
  readonly preset?: boolean;
  /**
   * Send the fields for cross-origin isolation, which SharedArrayBuffer and wasm threads
   * require. `true` is `"require-corp"`: other origins must allow embedding by their own
   * fields. `"credentialless"` loads their resources without cookies instead; Safari
   * doesn't support it. Default: `false`.
   */
  readonly isolation?: boolean | "require-corp" | "credentialless";
}

/** Always sent by StaticFileHandler, which determines types by file name. */
export const NO_SNIFF: Field = Object.freeze(
  ["X-Content-Type-Options", "nosniff"] as const,
);

/** Sent by a site with a secret path: `same-origin` would still put it in the log of a proxy. */
export const NO_REFERRER: Field = Object.freeze(
  ["Referrer-Policy", "no-referrer"] as const,
);

const PRESET: readonly Field[] = Object.freeze([
  NO_SNIFF,
  ["Referrer-Policy", "same-origin"] as const,
  // For old browsers: frame-ancestors has replaced it.
  ["X-Frame-Options", "SAMEORIGIN"] as const,
  ["Content-Security-Policy", "frame-ancestors 'self'"] as const,
]);

/**
 * Returns the security fields for every response.
 *
 * @param options Which fields to send.
 * @returns The fields.
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
