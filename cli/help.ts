// The texts of `--help` and `--help-all`. Pure; loaded only for them.

import { type Option, OPTION_GROUPS, OPTIONS, usage } from "./options.ts";

const SUMMARY = "Serve a directory, or a single file, over HTTP.";

const PATH_HELP =
  "Serve this directory, or only this file (default: the current directory)";

const PORT_HELP = "Listen on this port, 0 for a free one (default: 8000)";

/** The width of the help, in characters. */
const WIDTH = 79;

/** Where the explanations begin. */
const COLUMN = 26;

/**
 * The text of `--help`: the everyday options on one screen.
 *
 * @returns The text, with a line end.
 */
export function help(): string {
  const lines = OPTIONS.filter(({ brief }) => brief !== undefined)
    .map((option) =>
      entry(spellings({ ...option, repeatable: false }), option.brief!)
    );
  return `${usage()}
${SUMMARY}

${entry("path", "Directory or file (default: the current directory)")}
${entry("port", PORT_HELP)}
${lines.join("\n")}
`;
}

/**
 * The text of `--help-all`: every option by theme.
 *
 * @returns The text, with a line end.
 */
export function helpAll(): string {
  const sections = [
    section("Arguments", [entry("path", PATH_HELP), entry("port", PORT_HELP)]),
    ...OPTION_GROUPS.map(({ title, options }) =>
      section(
        title,
        options.map((option) => entry(spellings(option), option.help)),
      )
    ),
  ];
  return `${usage()}
${SUMMARY}
Options marked with + may be repeated.

${sections.join("\n")}`;
}

function section(title: string, lines: readonly string[]): string {
  return `${title}:\n${lines.join("\n")}\n`;
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
