// The Content Security Policy of readable pages: their own style, and images of this server. A
// fault in the sanitising of Markdown would still run no script.

/** The SHA-256 of the style; a test checks it. */
export const VIEW_STYLE_HASH =
  "sha256-ecKU9onjoZKZc5Z2AjvP+i+u2pFdqn6TXrMQWOZvQwM=";

/** The value of Content-Security-Policy. */
export const VIEW_CSP: string = [
  "default-src 'none'",
  `style-src '${VIEW_STYLE_HASH}'`,
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** The policy of a page with the script of live reload, which connects to this server. */
export const LIVE_VIEW_CSP: string = VIEW_CSP +
  "; script-src 'self'; connect-src 'self'; worker-src 'self'";
