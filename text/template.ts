// Parses the templates of Python's % operator into literal text and conversions:
// "%", a name in parentheses, flags, width, precision, type.

import { repr } from "./repr.ts";

/** One conversion of a template, such as `%(name)-5.2f`. */
export interface Conversion {
  /** The name of the argument, if it has one. */
  readonly key: string | undefined;
  /** The flags as written: any of "-", "+", " ", "0" and "#". */
  readonly flags: string;
  /** The minimum width; "*" takes it from the arguments. */
  readonly width: number | "*" | undefined;
  /** The precision; "*" takes it from the arguments. */
  readonly precision: number | "*" | undefined;
  /** The conversion's letter. */
  readonly type: string;
}

/** A parsed template. */
export interface Template {
  /** The text around the conversions: always one more item than `conversions`. */
  readonly literals: readonly string[];
  /** The conversions in their order. */
  readonly conversions: readonly Conversion[];
  /** Whether all conversions are bare %s. */
  readonly plain: boolean;
}

// The part after the name. C's length modifiers are ignored.
const REST = /([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([a-zA-Z])/y;
const TYPES = "srdiuxXofFeEgGca";

/** Returns the end of a name, which may contain nested parentheses. */
function endOfKey(text: string, start: number): number {
  let depth = 1;
  for (let index = start; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === "(") depth++;
    else if (character === ")" && --depth === 0) return index;
  }
  throw new RangeError(
    `Cannot parse the template ${repr(text, 80)}: a name lacks its ")"`,
  );
}

/** Parses a width or a precision. */
function readSize(text: string | undefined): number | "*" | undefined {
  if (text === undefined || text === "*") return text;
  return Number(text);
}

/** Parses one conversion, and returns it with its end. */
function parseConversion(
  text: string,
  start: number,
): { conversion: Conversion; end: number } {
  let key: string | undefined;
  REST.lastIndex = start;
  if (text.charAt(start) === "(") {
    const end = endOfKey(text, start + 1);
    key = text.slice(start + 1, end);
    REST.lastIndex = end + 1;
  }
  const found = REST.exec(text);
  const type = found?.[4] ?? "";
  if (found === null || !TYPES.includes(type)) {
    throw new RangeError(
      `Cannot parse the template ${repr(text, 80)}: ` +
        `unknown conversion at position ${start - 1}`,
    );
  }
  const conversion: Conversion = {
    key,
    flags: found[1]!,
    width: readSize(found[2]),
    precision: readSize(found[3]),
    type,
  };
  return { conversion, end: REST.lastIndex };
}

/** Whether a conversion is a bare %s. */
function isPlain({ key, width, precision, type }: Conversion): boolean {
  return type === "s" && key === undefined && width === undefined &&
    precision === undefined;
}

/**
 * Parses a template of the % operator.
 *
 * @param text The template.
 * @returns The literals and conversions.
 * @throws {RangeError} If a conversion is unknown.
 */
export function parseTemplate(text: string): Template {
  const literals: string[] = [];
  const conversions: Conversion[] = [];
  let literal = "";
  let start = 0;
  for (;;) {
    const percent = text.indexOf("%", start);
    if (percent < 0) break;
    literal += text.slice(start, percent);
    if (text.charAt(percent + 1) === "%") {
      literal += "%";
      start = percent + 2;
      continue;
    }
    const { conversion, end } = parseConversion(text, percent + 1);
    conversions.push(conversion);
    literals.push(literal);
    literal = "";
    start = end;
  }
  literals.push(literal + text.slice(start));
  return { literals, conversions, plain: conversions.every(isPlain) };
}
