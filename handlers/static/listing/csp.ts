// What a listing may do in a browser: nothing but show itself, its own style and
// script, and pictures and videos of this server.

/** The SHA-256 of the style; a test compares it with the text. */
export const STYLE_HASH = "sha256-54FN422pp9PGioodEhyQzrbfN2j95LgRg7To/9khHn0=";

/** The SHA-256 of the script; a test compares it with the text. */
export const SCRIPT_HASH =
  "sha256-8AaNUzuioYLGFmj1RgDW+ZCTCCi6NAwPVbs2aXb0xwM=";

/**
 * The value of a listing's Content-Security-Policy field. `data:` lets the page bring its
 * icons along, that of its tab too: no request for `/favicon.ico` that ends in a 404.
 */
export const LISTING_CSP: string = [
  "default-src 'none'",
  `style-src '${STYLE_HASH}'`,
  `script-src '${SCRIPT_HASH}'`,
  "img-src 'self' data:",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join("; ");
