// The options of the command in one table, from which usage, help and parsing follow.

/** An option of the command. */
export interface Option {
  /** Its long name, without dashes. */
  readonly name: string;
  /** Its one-letter name. */
  readonly short?: string;
  /** What stands for its value in the help; without one it is a switch. */
  readonly value?: string;
  /** Whether it may be given more than once. */
  readonly multiple?: boolean;
  /** What it does, and its default. */
  readonly help: string;
}

/** The program's name in messages. */
export const PROGRAM = "httpserver";

/** What the help says first. */
const SUMMARY = "Serve a folder over HTTP.";

/** The width of the help, in characters. */
const WIDTH = 79;

/** Where the explanations of the help begin. */
const COLUMN = 24;

const PORT_HELP = "listen at this port; 0 takes a free one (default: 8000)";

/** Every option. */
export const OPTIONS: readonly Option[] = Object.freeze([
  { name: "help", short: "h", help: "show this help message and exit" },
  {
    name: "bind",
    short: "b",
    value: "ADDRESS",
    help:
      "listen at this address (default: all interfaces; with --cgi this machine alone)",
  },
  {
    name: "directory",
    short: "d",
    value: "DIRECTORY",
    help: "serve this folder (default: current folder)",
  },
  {
    name: "protocol",
    short: "p",
    value: "VERSION",
    help: "speak HTTP/1.0 or HTTP/1.1 (default: HTTP/1.1)",
  },
  {
    name: "base",
    value: "PATH",
    help: "find the folder at this path of the server (default: /)",
  },
  {
    name: "mount",
    value: "PATH=DIRECTORY",
    multiple: true,
    help: "serve one more folder, at this path; may be repeated",
  },
  {
    name: "no-listing",
    help: "answer 404 for a folder without an index page, and list none",
  },
  {
    name: "spa",
    help: "answer navigations to what is not there with index.html",
  },
  {
    name: "spa-page",
    value: "FILE",
    help: "as --spa, with this page",
  },
  {
    name: "clean-urls",
    help: "find about.html as /about, and lead /about.html there",
  },
  {
    name: "no-error-pages",
    help: "do not send the folder's 404.html and 50x.html for errors",
  },
  {
    name: "dot-files",
    help: "serve names that begin with a dot (default: .well-known alone)",
  },
  {
    name: "symlinks",
    value: "POLICY",
    help:
      "follow symbolic links that stay inside the folder (inside), all (follow) or none (deny) (default: inside)",
  },
  {
    name: "header",
    short: "H",
    value: "'NAME: VALUE'",
    multiple: true,
    help: "send this header with every file; may be repeated",
  },
  {
    name: "content-type",
    value: "TYPE",
    help:
      "media type of files whose name tells none (default: application/octet-stream)",
  },
  {
    name: "type",
    value: "NAME=TYPE[,CODING]",
    multiple: true,
    help:
      "media type, and content coding, of files with this extension or name, such as .wasm.br=application/wasm,br; may be repeated",
  },
  {
    name: "cache",
    value: "GLOB=VALUE",
    multiple: true,
    help:
      "Cache-Control for files, such as 'assets/**=immutable' or '*.html=60'; may be repeated, the first that fits counts",
  },
  {
    name: "no-cache",
    help: "let browsers ask again for every file, as development needs",
  },
  {
    name: "no-compress",
    help: "do not compress text with br, zstd or gzip",
  },
  {
    name: "compress-min-size",
    value: "BYTES",
    help: "compress files from this size on (default: 1024)",
  },
  {
    name: "no-precompressed",
    help: "do not look for .br, .zst and .gz files beside a file",
  },
  {
    name: "etag",
    value: "KIND",
    help:
      "make the ETag of files over 256 KiB of size and time (stat, the default) or content",
  },
  {
    name: "cors",
    help: "let pages of all other origins read",
  },
  {
    name: "cors-origin",
    value: "ORIGIN",
    multiple: true,
    help: "let pages of this origin read; may be repeated",
  },
  {
    name: "cors-credentials",
    help: "let cookies and passwords go with requests of --cors-origin",
  },
  {
    name: "cors-method",
    value: "METHOD",
    multiple: true,
    help:
      "let pages of other origins use this method; may be repeated (default: GET and HEAD)",
  },
  {
    name: "cors-header",
    value: "NAME",
    multiple: true,
    help:
      "let pages of other origins send this header; may be repeated (default: those they ask for)",
  },
  {
    name: "cors-expose",
    value: "NAME",
    multiple: true,
    help:
      "let pages of other origins read this header; may be repeated (default: those of ranges and validators)",
  },
  {
    name: "cors-max-age",
    value: "SECONDS",
    help: "how long browsers remember what CORS allows (default: 600)",
  },
  {
    name: "coop-coep",
    help:
      "isolate pages from other origins, for SharedArrayBuffer and wasm threads",
  },
  {
    name: "credentialless",
    help:
      "with --coop-coep: load what is of other origins without cookies, rather than refuse it",
  },
  {
    name: "security",
    help:
      "tell browsers to be careful: no frames in other sites, no Referer to them",
  },
  {
    name: "users",
    value: "FILE",
    help:
      "ask for a password; a line 'user:password' each, which may be hashed (default: everybody may read)",
  },
  {
    name: "users-env",
    value: "VARIABLE",
    help: "as --users, with the lines in this variable of the environment",
  },
  {
    name: "hash-password",
    help:
      "ask for a password, print what may stand for it in the file of --users, and exit",
  },
  {
    name: "realm",
    value: "TEXT",
    help: "what a password is asked for (default: Restricted)",
  },
  {
    name: "host",
    value: "NAME",
    multiple: true,
    help:
      "answer for this name alone, besides addresses and localhost; may be repeated, *.NAME is all below (default: all)",
  },
  {
    name: "trust-proxy",
    value: "ADDRESS",
    multiple: true,
    help: "believe X-Forwarded-For of this address or network; may be repeated",
  },
  {
    name: "log-format",
    value: "FORMAT",
    help: "log as python, common, combined or json (default: python)",
  },
  {
    name: "log-file",
    value: "FILE",
    help:
      "append the log to this file; SIGHUP opens it again (default: standard error)",
  },
  {
    name: "quiet",
    short: "q",
    help: "log nothing",
  },
  {
    name: "cgi",
    help:
      "run the scripts in /cgi-bin and /htbin (RFC 3875), and serve files as CPython does",
  },
  {
    name: "tls-cert",
    value: "FILE",
    help: "serve over HTTPS with this certificate chain, in PEM",
  },
  {
    name: "tls-key",
    value: "FILE",
    help: "the certificate's key, in PEM (default: in the file of --tls-cert)",
  },
  {
    name: "tls-password-file",
    value: "FILE",
    help: "a file with the password of the key",
  },
]);

/**
 * The lines that show how the command is called.
 *
 * @returns The text, with a line end.
 */
export function usage(): string {
  const start = `usage: ${PROGRAM} `;
  const words = [...OPTIONS.map((option) => `[${shortest(option)}]`), "[port]"];
  return wrap(words, start, " ".repeat(start.length)) + "\n";
}

/**
 * What `--help` shows.
 *
 * @returns The text, with a line end.
 */
export function help(): string {
  const options = OPTIONS.map((option) =>
    entry(spellings(option), option.help)
  );
  return `${usage()}
${SUMMARY}

positional arguments:
${entry("port", PORT_HELP)}

options:
${options.join("\n")}
`;
}

function shortest({ name, short, value }: Option): string {
  return withValue(short === undefined ? `--${name}` : `-${short}`, value);
}

function spellings({ name, short, value }: Option): string {
  const long = withValue(`--${name}`, value);
  return short === undefined ? long : `-${short}, ${long}`;
}

function withValue(spelling: string, value: string | undefined): string {
  return value === undefined ? spelling : `${spelling} ${value}`;
}

/** One option with what it does, on the same line where there is room. */
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
