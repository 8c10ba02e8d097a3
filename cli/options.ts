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
    help: "speak HTTP/1.0 or HTTP/1.1 (default: HTTP/1.0)",
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
    name: "cgi",
    help: "run the scripts in /cgi-bin and /htbin (RFC 3875)",
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
