// What `--help` shows.

import { type Option, OPTION_GROUPS, OPTIONS, PROGRAM } from "./options.ts";

/** What the help says first. */
const SUMMARY = "Serve a directory over HTTP.";

/** The width of the help, in characters. */
const WIDTH = 79;

/** Where the explanations of the help begin. */
const COLUMN = 26;

const PORT_HELP = "Listen on this port, 0 for a free one (default: 8000)";

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
