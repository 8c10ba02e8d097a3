// The options of the command in one table, from which parsing, `--help` and the checks of
// docs/cli.md follow.

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
  /** Whether the help shows it among the common options. */
  readonly common?: boolean;
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

/** What the help says first. */
const SUMMARY = "Serve a directory over HTTP.";

/** The width of the help, in characters. */
const WIDTH = 79;

/** Where the explanations of the help begin. */
const COLUMN = 26;

const PORT_HELP = "Listen on this port, 0 for a free one (default: 8000)";

/** Every option by theme. `--help` lists the common ones first. */
export const OPTION_GROUPS: readonly OptionGroup[] = Object.freeze([
  {
    title: "Address and protocol",
    options: [
      {
        name: "bind",
        short: "b",
        value: "ADDRESS",
        common: true,
        help:
          "Listen on this address (default: all interfaces; 127.0.0.1 with --cgi)",
      },
      {
        name: "protocol",
        short: "p",
        value: "VERSION",
        help: "Speak HTTP/1.0 or HTTP/1.1 (default: HTTP/1.1)",
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
        common: true,
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
        common: true,
        help: "Serve index.html for page loads that match no file",
      },
      {
        name: "spa-page",
        value: "FILE",
        help: "Like --spa, with this file",
      },
      {
        name: "live",
        common: true,
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
        common: true,
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
        common: true,
        help: "Send Cache-Control: no-cache, so browsers revalidate every file",
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
        common: true,
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
        common: true,
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
        help: "Trust X-Forwarded-For from this address or network",
      },
    ],
  },
  {
    title: "HTTPS",
    options: [
      {
        name: "tls-cert",
        value: "FILE",
        common: true,
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
    title: "Log",
    options: [
      {
        name: "quiet",
        short: "q",
        common: true,
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
        common: true,
        help: "Show this help and exit",
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
  return `usage: ${PROGRAM} [options] [port]\n`;
}

/**
 * What `--help` shows: the common options, then the others by theme.
 *
 * @returns The text, with a line end.
 */
export function help(): string {
  const common = OPTIONS.filter((option) => option.common);
  const groups = OPTION_GROUPS.map(({ title, options }) => ({
    title,
    options: options.filter((option) => !option.common),
  }));
  const sections = [
    section("Common options", [entry("port", PORT_HELP), ...entries(common)]),
    ...groups.filter(({ options }) => options.length > 0)
      .map(({ title, options }) => section(title, entries(options))),
  ];
  return `${usage()}
${SUMMARY} Options marked with + may be repeated.

${sections.join("\n")}`;
}

function section(title: string, lines: readonly string[]): string {
  return `${title}:\n${lines.join("\n")}\n`;
}

function entries(options: readonly Option[]): string[] {
  return options.map((option) => entry(spellings(option), option.help));
}

function spellings({ name, short, value, repeatable }: Option): string {
  const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
  const full = value === undefined ? names : `${names} ${value}`;
  return repeatable ? `${full} +` : full;
}

/** Formats an option and its explanation, on one line if they fit. */
function entry(name: string, explanation: string): string {
  const start = `  ${name}`;
  const indent = " ".repeat(COLUMN);
  const words = explanation.split(" ");
  return start.length + 2 <= COLUMN
    ? wrap(words, start.padEnd(COLUMN), indent)
    : `${start}\n${wrap(words, indent, indent)}`;
}

function wrap(words: readonly string[], start: string, indent: string): string {
  const lines: string[] = [];
  let line = start;
  for (const word of words) {
    const gap = line === start || line === indent ? "" : " ";
    if (gap !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else {
      line += gap + word;
    }
  }
  return [...lines, line].join("\n");
}
