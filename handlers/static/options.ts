// The options of `StaticFileHandler`, each with its default.

import type { SimpleHTTPRequestHandlerOptions } from "../simple.ts";
import type { LogFormat } from "./access/access_log.ts";
import type { Types } from "./representation/content_type.ts";
import type { CorsOptions } from "./response/cors.ts";
import type { HeaderRule, RedirectRule } from "./rules/interfaces.ts";
import type { HiddenPolicy } from "./lookup/hidden.ts";
import type { SymlinkPolicy } from "./lookup/served_folder.ts";
import type { UploadOptions } from "./upload/options.ts";

/** Options of `StaticFileHandler`. */
export interface StaticFileOptions extends SimpleHTTPRequestHandlerOptions {
  /**
   * Serve only this file of the directory, at `/` and under its name. Everything else is
   * 404, except `mounts`.
   *
   * @default {all files}
   */
  readonly file?: string;
  /**
   * The URL path of the directory: with `"/app"`, `/app/a.txt` is its `a.txt`.
   *
   * @default {"/"}
   */
  readonly base?: string;
  /**
   * Further directories by URL path, such as `{ "/docs": "manual" }`, or by host and path, such
   * as `{ "docs.localhost/": "manual" }`. Those of the request's host come first; then the
   * longest matching path wins.
   *
   * @default {{}}
   */
  readonly mounts?: Readonly<Record<string, string | URL>>;
  /**
   * List directories without an index page. Otherwise they are 404.
   *
   * @default {true}
   */
  readonly listing?: boolean;
  /**
   * Send a directory with everything in it as a zip archive at `?zip`, and as a tar archive
   * at `?tar`. Listings get a button for that.
   *
   * @default {false}
   */
  readonly archive?: boolean;
  /**
   * Serve this file for page loads that match no file; `true` is `index.html`. A missing
   * script or image stays 404.
   *
   * @default {false}
   */
  readonly spa?: boolean | string;
  /**
   * Serve `about.html` at `/about`, and redirect `/about.html` to it.
   *
   * @default {false}
   */
  readonly cleanUrls?: boolean;
  /**
   * Apply the rules in `_redirects` and `_headers` of each directory as this host does. The
   * two files are not served.
   *
   * @default {the files are served like others}
   */
  readonly rules?: "netlify" | "cloudflare";
  /**
   * Redirects and rewrites, such as `{ from: "/old/*", to: "/new/:splat" }`. They are tried
   * before those of `rules`, whose patterns they have; without it, those of Netlify.
   *
   * @default {[]}
   */
  readonly redirects?: readonly RedirectRule[];
  /**
   * Header fields by path, such as `{ for: "/fonts/*", set: { "X-A": "1" } }`, in addition to
   * those of `rules`.
   *
   * @default {[]}
   */
  readonly headers?: readonly HeaderRule[];
  /**
   * Send the directory's `404.html` with 404, and `50x.html` with 500 and above.
   *
   * @default {true}
   */
  readonly errorPages?: boolean;
  /**
   * Whether dotfiles are served. `.well-known` always is.
   *
   * @default {"deny"}
   */
  readonly dotFiles?: HiddenPolicy;
  /**
   * Which symlinks are followed: those that stay inside the directory, all, or none.
   *
   * @default {"inside"}
   */
  readonly symlinks?: SymlinkPolicy;
  /**
   * Files that are never served, such as that of the users, if they are in one of the
   * directories, and directories of which nothing is. They need not exist yet. Uploads don't
   * replace them.
   *
   * @default {[]}
   */
  readonly privateFiles?: readonly (string | URL)[];
  /**
   * Compress text on the fly with zstd, br or gzip.
   *
   * @default {true}
   */
  readonly compress?: boolean;
  /**
   * The size of the smallest file that is compressed on the fly, in bytes.
   *
   * @default {1024}
   */
  readonly compressMinSize?: number;
  /**
   * Send `a.js.br`, `a.js.zst` or `a.js.gz` in place of `a.js`, unless it is older. An
   * incomplete `.gz` or `.zst` is not sent; a `.br` is not checked.
   *
   * @default {true, but false with `upload`}
   */
  readonly precompressed?: boolean;
  /**
   * How the `ETag` of a file over 256 KiB is made: from size and modification time, or
   * from a hash of the content, which is read before its first response. Smaller files
   * always get a hash. Use `"content"` if a file may be replaced by another of the same
   * size and time.
   *
   * @default {"stat"}
   */
  readonly etag?: "stat" | "content";
  /**
   * How many bytes of files, their compressed forms, responses and listings are kept in
   * memory; 0 keeps nothing. All sites of a process share them, so the largest size counts.
   *
   * @default {134217728}
   */
  readonly cacheSize?: number;
  /**
   * Media types by extension, such as `{ ".mdx": "text/mdx" }`, or by file name, such as
   * `{ "apple-app-site-association": "application/json" }`. With `coding`, files requested
   * by such a name are sent with that `Content-Encoding`: `{ ".wasm.br": { coding: "br" } }`
   * serves the builds of game engines.
   *
   * @default {{}}
   */
  readonly types?: Types;
  /**
   * Let pages of other origins read the files: `true` is all origins.
   *
   * @default {false}
   */
  readonly cors?: boolean | CorsOptions;
  /**
   * Send `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy`, as
   * `SharedArrayBuffer` and wasm threads require; `true` is `"require-corp"`.
   *
   * @default {false}
   */
  readonly isolation?: boolean | "require-corp" | "credentialless";
  /**
   * Send `Referrer-Policy: same-origin`, `X-Frame-Options: SAMEORIGIN` and
   * `Content-Security-Policy: frame-ancestors 'self'`.
   *
   * @default {false}
   */
  readonly security?: boolean;
  /**
   * Rules for `Cache-Control`, such as `"assets/**=immutable"` or `"*.html=no-cache"`. The
   * first match counts.
   *
   * @default {[]}
   */
  readonly cache?: readonly string[];
  /**
   * Rules for `CDN-Cache-Control` (RFC 9213), which CDNs follow instead of `Cache-Control`:
   * `"**=max-age=3600, stale-while-revalidate=60"`. The first match counts.
   *
   * @default {[]}
   */
  readonly cdnCache?: readonly string[];
  /**
   * The users who may see the files, one `user:password` per line. The password can be
   * hashed; see `hashPassword()`. A line may end with the user's rights: `:read`, `:write` or
   * `:read+write`.
   *
   * @default {no password}
   */
  readonly users?: string;
  /**
   * The name in the browser's password prompt. Needs `users`.
   *
   * @default {"Restricted"}
   */
  readonly realm?: string;
  /**
   * Accept only these values of `Host`, and respond with 421 to others; `*.example.com`
   * allows subdomains. IP addresses, localhost and requests without `Host` always pass.
   *
   * @default {all}
   */
  readonly hosts?: readonly string[];
  /**
   * Serve only clients with these addresses or in these networks, such as `192.168.0.0/16`,
   * and respond with 403 to others. `localhost` is this machine, which isn't included
   * otherwise; `unix:` is a client that connects through a Unix socket. The health page is
   * for all clients.
   *
   * @default {all}
   */
  readonly allow?: readonly string[];
  /**
   * Serve everything below this name, such as `crypto.randomUUID()`, as the first of every
   * path, and 404 elsewhere. It has 16 to 128 letters, digits, `-` and `_`. Pages get
   * `Referrer-Policy: no-referrer`, and the log masks it.
   *
   * @default {none}
   */
  readonly secret?: string;
  /**
   * The proxies whose `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`,
   * `X-Request-Id` and `traceparent` are trusted, as addresses or networks; `unix:` is a
   * proxy that connects through a Unix socket.
   *
   * @default {[]}
   */
  readonly trustProxy?: readonly string[];
  /**
   * Forward requests to other servers: `"/api=http://localhost:3000"` for a URL path, before any
   * file is looked up, or `"http://localhost:3000"` for what no file matches. A URL's path takes
   * the place of the prefix. `unix:/run/app.sock` is a Unix socket.
   *
   * @default {[]}
   */
  readonly proxy?: readonly string[];
  /**
   * How long an upstream of `proxy` may take to respond, and to read or send the next bytes, in
   * seconds. Responses without a length, such as events, may pause for any time.
   *
   * @default {60}
   */
  readonly proxyTimeout?: number;
  /**
   * Certificates of authorities that sign those of `https:` upstreams, in PEM, besides those that
   * Deno trusts.
   *
   * @default {none}
   */
  readonly proxyCa?: string;
  /**
   * Append a script to pages that reloads them when files change, and swaps styles and images
   * without a reload. Everything is sent with `Cache-Control: no-cache` or `no-store`. Not with
   * `upload`.
   *
   * @default {false}
   */
  readonly live?: boolean;
  /**
   * Receive files, with PUT and from the listing page. Every HTML, SVG and XML document is
   * then sent with `Content-Security-Policy: sandbox`, and `errorPages` and `precompressed` are
   * off.
   *
   * @default {false}
   */
  readonly upload?: boolean | UploadOptions;
  /**
   * Send `ok` and 200 at a path, and 503 once the server is about to close; `true` is
   * `/.httpserver/health`. It needs no password, and is not logged.
   *
   * @default {false}
   */
  readonly health?: boolean | string;
  /**
   * Send metrics for Prometheus at a path; `true` is `/.httpserver/metrics`.
   *
   * @default {false}
   */
  readonly metrics?: boolean | string;
  /**
   * How long a connection may be idle between requests, in seconds, at least 1. It is
   * announced as `Keep-Alive: timeout=N`.
   *
   * @default {a minute, not announced}
   */
  readonly idleTimeout?: number;
  /**
   * How requests are logged: `"python"` is CPython's line, written when the response
   * begins; the others are written when it has ended.
   *
   * @default {"python"}
   */
  readonly log?: LogFormat | "python" | "none";
}

/** No options. It is one object because compiled sites are cached by options object. */
export const DEFAULTS: StaticFileOptions = Object.freeze({});
