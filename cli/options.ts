// The options of the command: parsing, the help (`help.ts`) and the checks of docs/cli.md use them.

/** An option of the command. */
export interface Option {
  /** Its long name, without dashes. */
  readonly name: string;
  /** Its one-letter name. */
  readonly short?: string;
  /** The placeholder for its value in the help; without one it is a switch. */
  readonly value?: string;
  /** Whether it may be given more than once, and every value counts. */
  readonly repeatable?: boolean;
  /** The line for it in `--help`; only everyday options have one. */
  readonly brief?: string;
  /** What it does, and its default. */
  readonly help: string;
}

/** Options that belong together. */
export interface OptionGroup {
  /** The heading, in `--help` and in docs/cli.md. */
  readonly title: string;
  readonly options: readonly Option[];
}

/** The program's name in messages. */
export const PROGRAM = "httpserver";

/** Every option by theme. */
export const OPTION_GROUPS: readonly OptionGroup[] = Object.freeze([
  {
    title: "Address and protocol",
    options: [
      {
        name: "bind",
        short: "b",
        value: "ADDRESS",
        brief: "Listen on this address only, such as 127.0.0.1",
        help:
          "Listen on this address (default: all interfaces; 127.0.0.1 with --cgi)",
      },
      {
        name: "protocol",
        short: "p",
        value: "VERSION",
        help: "Speak HTTP/1.0 or HTTP/1.1 (default: HTTP/1.1)",
      },
      {
        name: "port-fallback",
        brief: "Take the next free port if the port is in use",
        help: "Take the next free port if the port is in use",
      },
      {
        name: "workers",
        value: "N",
        help: "Serve in N threads, or auto for one per core (default: 1)",
      },
      {
        name: "listen-fd",
        value: "NUMBER",
        help:
          "Listen on this inherited descriptor, 3 with systemd, instead of an address",
      },
    ],
  },
  {
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
        help: "Serve another directory at this URL path",
      },
      {
        name: "no-listing",
        help: "Send 404 for a directory without an index page",
      },
      {
        name: "spa",
        brief: "Serve index.html for page loads that match no file",
        help: "Serve index.html for page loads that match no file",
      },
      {
        name: "spa-page",
        value: "FILE",
        help: "Like --spa, with this file",
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
  },
  {
    title: "Headers, types and caching",
    options: [
      {
        name: "header",
        short: "H",
        value: "'NAME: VALUE'",
        repeatable: true,
        brief: "Send this header with every file and listing",
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
  },
  {
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
  },
  {
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
  },
  {
    title: "Access",
    options: [
      {
        name: "users",
        value: "FILE",
        brief: "Ask for a password; FILE has lines user:password",
        help: "Ask for a password; FILE has a line user:password for each user",
      },
      {
        name: "users-env",
        value: "VARIABLE",
        help: "Like --users, from this environment variable",
      },
      {
        name: "hash-password",
        help: "Read a password, print a hash for the --users file, and exit",
      },
      {
        name: "realm",
        value: "TEXT",
        help: "Name in the password prompt (default: Restricted)",
      },
      {
        name: "host",
        value: "NAME",
        repeatable: true,
        help:
          "Accept only this Host (IP addresses and localhost always pass); *.NAME allows subdomains. Others get 421",
      },
      {
        name: "trust-proxy",
        value: "ADDRESS",
        repeatable: true,
        help:
          "Trust X-Forwarded-For, -Proto and -Host and X-Request-Id from this address or network",
      },
    ],
  },
  {
    title: "HTTPS",
    options: [
      {
        name: "tls-cert",
        value: "FILE",
        brief: "Serve over HTTPS with this certificate chain (PEM)",
        help: "Serve over HTTPS with this certificate chain (PEM)",
      },
      {
        name: "tls-key",
        value: "FILE",
        help:
          "Private key of the certificate (default: in the --tls-cert file)",
      },
      {
        name: "tls-password-file",
        value: "FILE",
        help: "File with the password of an encrypted key",
      },
    ],
  },
  {
    title: "Development",
    options: [
      {
        name: "open",
        brief: "Open the site in a browser",
        help: "Open the site in a browser: $BROWSER, or the system's default",
      },
      {
        name: "qr",
        brief: "Print a QR code of the URL for phones",
        help: "Print a QR code of the URL for other devices in the network",
      },
      {
        name: "slow",
        value: "SPEED",
        brief: "Imitate a slow network: 3g, 4g or RATE[,LATENCY]",
        help:
          "Imitate a slow network: 3g, 4g, or RATE[,LATENCY] in bytes per second and connection (with k or m) and milliseconds",
      },
    ],
  },
  {
    title: "Log",
    options: [
      {
        name: "quiet",
        short: "q",
        brief: "Log nothing",
        help: "Log nothing",
      },
      {
        name: "log-format",
        value: "FORMAT",
        help: "Log as python, common, combined or json (default: python)",
      },
      {
        name: "log-file",
        value: "FILE",
        help:
          "Append the log to this file; SIGHUP reopens it (default: standard error)",
      },
    ],
  },
  {
    title: "For programs",
    options: [
      {
        name: "json",
        brief: "Print the URLs and each request as JSON, for programs",
        help:
          "Print one JSON object per line: first the URLs and the port, then each request",
      },
      {
        name: "exit-with-parent",
        help:
          "Exit when the process that started the command ends, or standard input is a pipe and closes",
      },
    ],
  },
  {
    title: "Proxies and orchestrators",
    options: [
      {
        name: "health",
        help:
          "Send 200 at /.httpserver/health, and 503 after a signal, while running responses end",
      },
      {
        name: "health-path",
        value: "PATH",
        help: "Like --health, at this path",
      },
      {
        name: "metrics",
        help: "Send metrics for Prometheus at /.httpserver/metrics",
      },
      {
        name: "metrics-path",
        value: "PATH",
        help: "Like --metrics, at this path",
      },
      {
        name: "drain",
        value: "SECONDS",
        help:
          "Let running responses take this long after a signal (default: 1)",
      },
      {
        name: "idle-timeout",
        value: "SECONDS",
        help:
          "Keep idle connections this long, and announce it (default: 60, not announced)",
      },
    ],
  },
  {
    title: "Other",
    options: [
      {
        name: "cgi",
        help:
          "Run scripts in /cgi-bin and /htbin (RFC 3875), and serve files as CPython does",
      },
      {
        name: "help",
        short: "h",
        brief: "Show this help and exit",
        help: "Show the everyday options and exit",
      },
      {
        name: "help-all",
        brief: "Show all options by theme and exit",
        help: "Show all options and exit",
      },
    ],
  },
]);

/** Every option. */
export const OPTIONS: readonly Option[] = Object.freeze(
  OPTION_GROUPS.flatMap(({ options }) => options),
);

/**
 * The line that shows how the command is called.
 *
 * @returns The text, with a line end.
 */
export function usage(): string {
  return `usage: ${PROGRAM} [options] [path] [port]\n`;
}
