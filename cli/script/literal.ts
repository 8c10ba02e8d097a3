// TypeScript source of values, as `deno fmt` formats it. Pure.

/** Source that is printed as it is, such as a call. */
export class Code {
  /** The source. */
  readonly text: string;

  /**
   * Stores the source.
   *
   * @param text An expression on one line.
   */
  constructor(text: string) {
    this.text = text;
  }
}

/** The longest line. */
const WIDTH = 80;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * Formats a value.
 *
 * @param value A string, number, boolean, `Code`, or an array or plain object of such.
 * @param start The text before it on its line.
 * @param end The text after it on its last line.
 * @returns `start`, the value and `end`, on several lines if one is too long.
 */
export function statement(value: unknown, start: string, end: string): string {
  const line = start + onOneLine(value) + end;
  return line.length <= WIDTH
    ? line
    : start + onSeveralLines(value, indentOf(start)) + end;
}

/**
 * Formats a string.
 *
 * @param text The string.
 * @returns Its literal, in the quotes that take fewer escapes.
 */
export function stringLiteral(text: string): string {
  const double = JSON.stringify(text);
  const [doubles, singles] = [count(text, '"'), count(text, "'")];
  if (doubles <= singles) return double;
  const inner = double.slice(1, -1).replaceAll('\\"', '"');
  return `'${inner.replaceAll("'", "\\'")}'`;
}

function onOneLine(value: unknown): string {
  if (value instanceof Code) return value.text;
  if (typeof value === "string") return stringLiteral(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(", ")}]`;
  if (value === null || typeof value !== "object") return String(value);
  const entries = Object.entries(value);
  return entries.length === 0
    ? "{}"
    : `{ ${
      entries.map((entry) => keyOf(entry) + onOneLine(entry[1])).join(", ")
    } }`;
}

function onSeveralLines(value: unknown, indent: string): string {
  if (value === null || typeof value !== "object" || value instanceof Code) {
    return onOneLine(value);
  }
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const starts = Array.isArray(value)
    ? value.map((each) => [each, inner] as const)
    : Object.entries(value).map((entry) =>
      [entry[1], inner + keyOf(entry)] as const
    );
  const lines = starts.map(([each, start]) => statement(each, start, ","));
  return `${open}\n${lines.join("\n")}\n${indent}${close}`;
}

function keyOf([name]: [string, unknown]): string {
  return `${IDENTIFIER.test(name) ? name : stringLiteral(name)}: `;
}

function indentOf(line: string): string {
  return line.slice(0, line.length - line.trimStart().length);
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
