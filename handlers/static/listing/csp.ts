// A listing's Content Security Policy: only its own style and script, and images and videos
// of this server.

/** The SHA-256 of the style; a test checks it. */
export const STYLE_HASH = "sha256-2jAdssbHAp6GzJ3kjGyz+cbBUIMkMTQQeDVHmS0DKPo=";

/** The SHA-256 of the style of a rendered README; a test checks it. */
export const README_STYLE_HASH =
  "sha256-OjcLSoMAYGoOoG9rlXE0B4Bp+ns1O8KFFA3l4ppA6tU=";

/** The SHA-256 of the script; a test checks it. */
export const SCRIPT_HASH =
  "sha256-She9GFVR5EfPRYCmZztaM7cvxPmmCZDBrwmFjUApVbg=";

/**
 * The value of a listing's Content-Security-Policy. `data:` permits inline icons, including
 * the page's own, which avoids a request for `/favicon.ico`.
 */
export const LISTING_CSP: string = [
  "default-src 'none'",
  `style-src '${STYLE_HASH}' '${README_STYLE_HASH}'`,
  `script-src '${SCRIPT_HASH}'`,
  "img-src 'self' data:",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join("; ");

/**
 * Allows the script of live reload, which connects to this server.
 *
 * @param policy The policy of a listing.
 * @returns The policy with the script.
 */
export function allowLive(policy: string): string {
  const connect = policy.includes("connect-src ") ? "" : "; connect-src 'self'";
  return policy.replace("script-src ", "script-src 'self' ") + connect +
    "; worker-src 'self'";
}
