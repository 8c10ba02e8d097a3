// Python's % operator for strings. Parsed templates are cached, since a server formats the
// same few lines for every request. A template of only %s, such as that of the log line, is
// simply joined.

import { BoundedMap } from "../cache/bounded_map.ts";
import { fixedDigits, generalDigits, powerDigits } from "./float_digits.ts";
import { type Conversion, parseTemplate, type Template } from "./template.ts";
import { escapeCharacter, repr } from "./repr.ts";

// Limits of the cache: a caller may use a new template for each call.
const MAX_KEPT = 64;
const MAX_KEPT_LENGTH = 2048;
// A wider field is a mistake or an attack.
const MAX_FIELD = 65_535;

const BEYOND_ASCII = /[\u0080-\u{10ffff}]/gu;

const kept = new BoundedMap<Template>(MAX_KEPT, MAX_KEPT_LENGTH);

/** The arguments, and how many of a list have been used. */
interface Arguments {
  readonly list: readonly unknown[] | undefined;
  readonly mapping: Readonly<Record<string, unknown>> | undefined;
  used: number;
}

/** Width, precision and alignment of a field, with "*" resolved. */
interface Field {
  width: number;
  precision: number | undefined;
  left: boolean;
}

/** Returns the parsed template, from the cache if possible. */
function lookUp(text: string): Template {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const template = parseTemplate(text);
  kept.set(text, template);
  return template;
}

/** Takes the next argument of a list. */
function next(args: Arguments): unknown {
  if (args.list === undefined) {
    throw new TypeError(
      "Cannot format: a conversion without a name needs an array of arguments",
    );
  }
  if (args.used >= args.list.length) {
    throw new TypeError(
      `Cannot format: more conversions than the ${args.list.length} arguments`,
    );
  }
  return args.list[args.used++];
}

/** Looks up the argument of a conversion such as %(name)s. */
function named(args: Arguments, key: string): unknown {
  if (args.mapping === undefined) {
    throw new TypeError(
      `Cannot format: %(${key}) needs an object, not an array of arguments`,
    );
  }
  if (!Object.hasOwn(args.mapping, key)) {
    throw new RangeError(`Cannot format: no argument is named ${repr(key)}`);
  }
  return args.mapping[key];
}

/** Takes the width or precision of a "*" from the arguments. */
function star(args: Arguments): number {
  const value = next(args);
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new TypeError("Cannot format: the argument of * must be an integer");
  }
  return value;
}

/** Resolves the size of a field. */
function sizeOf(conversion: Conversion, args: Arguments): Field {
  let { width, precision } = conversion;
  let left = conversion.flags.includes("-");
  if (width === "*") {
    const given = star(args);
    left ||= given < 0;
    width = Math.abs(given);
  }
  if (precision === "*") precision = Math.max(star(args), 0);
  const size = Math.max(width ?? 0, precision ?? 0);
  if (size > MAX_FIELD) {
    throw new RangeError(`Cannot format: a field of ${size} is too large`);
  }
  return { width: width ?? 0, precision, left };
}

/** Counts characters like Python: a surrogate pair is one. */
function countCharacters(text: string): number {
  let count = 0;
  for (const _character of text) count++;
  return count;
}

/** Fills a field with spaces. */
function pad(text: string, { width, left }: Field): string {
  const missing = width - countCharacters(text);
  if (missing <= 0) return text;
  const spaces = " ".repeat(missing);
  return left ? text + spaces : spaces + text;
}

/** Pads sign, prefix and digits to a field's width, with zeros if the flags say so. */
function padNumber(
  sign: string,
  digits: string,
  conversion: Conversion,
  field: Field,
): string {
  const { flags } = conversion;
  let before = sign;
  if (before === "") {
    before = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  }
  if (flags.includes("#") && "xXo".includes(conversion.type)) {
    before += "0" + conversion.type;
  }
  const zeros = flags.includes("0") && !field.left
    ? Math.max(field.width - before.length - digits.length, 0)
    : 0;
  return pad(before + "0".repeat(zeros) + digits, field);
}

/** Converts a value to a number, by `valueOf()` if it is an object such as an HTTPStatus. */
function toNumber(value: unknown, type: string): number | bigint {
  const plain = typeof value === "object" && value !== null
    ? value.valueOf()
    : value;
  if (typeof plain === "number" || typeof plain === "bigint") return plain;
  if (typeof plain === "boolean") return plain ? 1 : 0;
  throw new TypeError(
    `Cannot format: %${type} needs a number, not a value of type ${typeof value}`,
  );
}

/** Converts a value to an integer. %d drops a fraction; the others reject it. */
function toInteger(value: unknown, type: string): bigint {
  const number = toNumber(value, type);
  if (typeof number === "bigint") return number;
  if (!Number.isFinite(number)) {
    throw new RangeError(`Cannot format: %${type} of ${number}`);
  }
  if (!Number.isInteger(number) && "xXoc".includes(type)) {
    throw new TypeError(`Cannot format: %${type} needs an integer`);
  }
  return BigInt(Math.trunc(number));
}

/** Formats %d, %i, %u, %x, %X and %o. */
function formatInteger(
  value: unknown,
  conversion: Conversion,
  field: Field,
): string {
  const { type } = conversion;
  const number = toInteger(value, type);
  const base = type === "o" ? 8 : type === "x" || type === "X" ? 16 : 10;
  let digits = (number < 0n ? -number : number).toString(base);
  if (type === "X") digits = digits.toUpperCase();
  digits = digits.padStart(field.precision ?? 0, "0");
  return padNumber(number < 0n ? "-" : "", digits, conversion, field);
}

/** Formats %f, %F, %e, %E, %g and %G. */
function formatFloat(
  value: unknown,
  conversion: Conversion,
  field: Field,
): string {
  const number = Number(toNumber(value, conversion.type));
  const size = Math.abs(number);
  const type = conversion.type.toLowerCase();
  const precision = field.precision ?? 6;
  const alternate = conversion.flags.includes("#");
  let digits: string;
  if (Number.isNaN(size)) digits = "nan";
  else if (size === Infinity) digits = "inf";
  else if (type === "f") digits = fixedDigits(size, precision, alternate);
  else if (type === "e") digits = powerDigits(size, precision, alternate);
  else digits = generalDigits(size, precision, alternate);
  if (conversion.type !== type) digits = digits.toUpperCase();
  const negative = number < 0 || Object.is(number, -0);
  return padNumber(negative ? "-" : "", digits, conversion, field);
}

/** Formats %c: a character, or the code of one. */
function formatCharacter(value: unknown): string {
  if (typeof value === "string") {
    if (countCharacters(value) === 1) return value;
    throw new TypeError("Cannot format: %c needs a single character");
  }
  const code = toInteger(value, "c");
  if (code < 0n || code > 0x10ffffn) {
    throw new RangeError(`Cannot format: %c of ${code} is not a character`);
  }
  return String.fromCodePoint(Number(code));
}

/** Formats %s, %r and %a. A precision limits the length. */
function formatText(value: unknown, type: string, field: Field): string {
  let text = String(value);
  if (type !== "s" && typeof value === "string") text = repr(value);
  if (type === "a") text = text.replace(BEYOND_ASCII, escapeCharacter);
  if (field.precision !== undefined) {
    text = [...text].slice(0, field.precision).join("");
  }
  return pad(text, field);
}

/** Formats one conversion. */
function convert(conversion: Conversion, args: Arguments): string {
  const { key, type } = conversion;
  const field = sizeOf(conversion, args);
  const value = key === undefined ? next(args) : named(args, key);
  if ("diuxXo".includes(type)) return formatInteger(value, conversion, field);
  if ("fFeEgG".includes(type)) return formatFloat(value, conversion, field);
  if (type === "c") return pad(formatCharacter(value), field);
  return formatText(value, type, field);
}

/** Joins a template of bare %s with its arguments. */
function join(
  literals: readonly string[],
  args: readonly unknown[],
): string {
  let text = literals[0]!;
  for (let index = 0; index < args.length; index++) {
    const value = args[index];
    text += typeof value === "string" ? value : String(value);
    text += literals[index + 1]!;
  }
  return text;
}

/**
 * Formats a string like Python's `template % args`. Values are converted by
 * `String(value)`; %r and %a show a string as a Python literal.
 *
 * @param template Text with conversions: %s %r %a %d %i %u %x %X %o %f %F %e %E %g %G %c
 * and %%, with Python's flags, width, precision and `*`.
 * @param args An array of arguments in order, or an object for named conversions such as
 * `%(name)s`. Unused names are allowed; unused array items are not.
 * @returns The formatted text.
 * @throws {TypeError} If there are too few or too many arguments, or one has the wrong
 * type.
 * @throws {RangeError} If a conversion is unknown, a name is missing, or a number is out of
 * range.
 */
export function format(
  template: string,
  args: readonly unknown[] | Readonly<Record<string, unknown>>,
): string {
  const { literals, conversions, plain } = lookUp(template);
  const list = Array.isArray(args) ? args as readonly unknown[] : undefined;
  if (plain && list !== undefined && list.length === conversions.length) {
    return join(literals, list);
  }
  const mapping = list === undefined
    ? args as Readonly<Record<string, unknown>>
    : undefined;
  const state: Arguments = { list, mapping, used: 0 };
  let text = literals[0]!;
  for (const [index, conversion] of conversions.entries()) {
    text += convert(conversion, state) + literals[index + 1]!;
  }
  if (list !== undefined && state.used < list.length) {
    throw new TypeError(
      `Cannot format: only ${state.used} of ${list.length} arguments are used`,
    );
  }
  return text;
}
