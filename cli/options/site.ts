// The options of the site: its files, and how they are sent.

import type { OptionGroup } from "./option.ts";

/** The options under "Directories and URLs". */
export const DIRECTORIES_AND_URLS: OptionGroup = Object.freeze({
  title: "Directories and URLs",
  options: [
    {
      name: "directory",
      short: "d",
      value: "DIRECTORY",
      help: "Serve this directory (default: the current directory)",
    },
    {
      name: "base",
      value: "PATH",
      help: "Serve the directory at this URL path (default: /)",
    },
    {
      name: "mount",
      value: "PATH=DIRECTORY",
      repeatable: true,
      help:
        "Serve another directory at this URL path, or at this host and path, such as docs.localhost/",
    },
    {
      name: "no-listing",
      help: "Send 404 for a directory without an index page",
    },
    {
      name: "archive",
      brief: "Let directories be downloaded as .zip",
      help: "Send directories as .zip at ?zip, and as .tar at ?tar",
    },
    {
      name: "spa",
      brief: "Serve index.html for page loads that match no file",
      help: "Serve index.html for page loads that match no file",
    },
    {
      name: "spa-page",
      value: "PAGE",
      help: "Like --spa, with this page",
    },
    {
      name: "live",
      brief: "Reload pages when their files change",
      help: "Reload pages when their files change",
    },
    {
      name: "clean-urls",
      help: "Serve about.html at /about, and redirect /about.html to it",
    },
    {
      name: "rules",
      value: "HOST",
      help:
        "Apply the rules in _redirects and _headers as this host does: netlify or cloudflare",
    },
    {
      name: "redirect",
      value: "FROM=TO[ STATUS]",
      repeatable: true,
      help:
        "Redirect this path with 302 or another status, such as '/old/*=/new/:splat 301'",
    },
    {
      name: "rewrite",
      value: "FROM=TO",
      repeatable: true,
      help: "Send the file at TO for this path, such as '/app/*=/app.html'",
    },
    {
      name: "no-error-pages",
      help: "Don't use the directory's 404.html and 50x.html",
    },
    {
      name: "dot-files",
      help: "Serve dotfiles (default: only .well-known)",
    },
    {
      name: "symlinks",
      value: "POLICY",
      help:
        "Follow symlinks: inside (those that stay in the directory, the default), follow (all) or deny (none)",
    },
  ],
});

/** The options under "Forwarding to other servers". */
export const FORWARDING: OptionGroup = Object.freeze({
  title: "Forwarding to other servers",
  options: [
    {
      name: "proxy",
      value: "[PATH=]URL",
      repeatable: true,
      brief: "Forward PATH, or what no file matches, to a server",
      help:
        "Forward requests for PATH, or without PATH for what no file matches, to http://, https:// or unix:SOCKET",
    },
    {
      name: "proxy-timeout",
      value: "SECONDS",
      help: "Wait this long for a response of --proxy (default: 60)",
    },
    {
      name: "proxy-ca",
      value: "FILE",
      help:
        "Trust https:// servers of --proxy that these authorities vouch for (PEM)",
    },
  ],
});

/** The options under "Headers, types and caching". */
export const HEADERS_TYPES_AND_CACHING: OptionGroup = Object.freeze({
  title: "Headers, types and caching",
  options: [
    {
      name: "header",
      short: "H",
      value: "'NAME: VALUE'",
      repeatable: true,
      help: "Send this header with every file and listing",
    },
    {
      name: "content-type",
      value: "TYPE",
      help:
        "Media type of files with an unknown extension (default: application/octet-stream)",
    },
    {
      name: "type",
      value: "NAME=TYPE[,CODING]",
      repeatable: true,
      help:
        "Media type, and content coding, by extension or file name, such as .wasm.br=application/wasm,br",
    },
    {
      name: "cache",
      value: "GLOB=VALUE",
      repeatable: true,
      help:
        "Cache-Control by path, such as 'assets/**=immutable' or '*.html=60'; the first match counts",
    },
    {
      name: "no-cache",
      brief: "Make browsers revalidate every file",
      help: "Send Cache-Control: no-cache, so browsers revalidate every file",
    },
    {
      name: "cdn-cache",
      value: "GLOB=VALUE",
      repeatable: true,
      help: "Like --cache, for CDN-Cache-Control, which only CDNs follow",
    },
    {
      name: "etag",
      value: "KIND",
      help:
        "Make the ETag of files over 256 KiB from stat (size and time, the default) or content (a hash)",
    },
  ],
});

/** The options under "Memory and compression". */
export const MEMORY_AND_COMPRESSION: OptionGroup = Object.freeze({
  title: "Memory and compression",
  options: [
    {
      name: "cache-size",
      value: "SIZE",
      help:
        "Keep this much in memory: files, compressed forms, responses and listings (default: 128m); 0 keeps nothing",
    },
    {
      name: "no-compress",
      help: "Don't compress text on the fly with zstd, br or gzip",
    },
    {
      name: "compress-min-size",
      value: "SIZE",
      help: "Compress files of at least this size (default: 1024)",
    },
    {
      name: "no-precompressed",
      help: "Don't send app.js.br, .zst or .gz in place of app.js",
    },
  ],
});

/** The options under "Cross-origin and browser security". */
export const CROSS_ORIGIN_AND_BROWSER_SECURITY: OptionGroup = Object.freeze({
  title: "Cross-origin and browser security",
  options: [
    {
      name: "cors",
      brief: "Let pages of any origin read the files",
      help:
        "Send Access-Control-Allow-Origin: *, so pages of any origin can read the files",
    },
    {
      name: "cors-origin",
      value: "ORIGIN",
      repeatable: true,
      help: "Let pages of this origin read the files",
    },
    {
      name: "cors-credentials",
      help: "Allow cookies and passwords from --cors-origin",
    },
    {
      name: "cors-method",
      value: "METHOD",
      repeatable: true,
      help: "Allow this method (default: GET and HEAD)",
    },
    {
      name: "cors-header",
      value: "NAME",
      repeatable: true,
      help: "Allow this request header (default: any)",
    },
    {
      name: "cors-expose",
      value: "NAME",
      repeatable: true,
      help:
        "Expose this response header to scripts (default: Accept-Ranges, Content-Encoding, Content-Range, ETag)",
    },
    {
      name: "cors-max-age",
      value: "SECONDS",
      help: "Let browsers cache a preflight this long (default: 600)",
    },
    {
      name: "coop-coep",
      help:
        "Isolate pages (COOP, COEP), as SharedArrayBuffer and wasm threads require",
    },
    {
      name: "credentialless",
      help:
        "With --coop-coep: load cross-origin resources without cookies instead of blocking them",
    },
    {
      name: "security",
      help: "Send Referrer-Policy, X-Frame-Options and CSP frame-ancestors",
    },
  ],
});
