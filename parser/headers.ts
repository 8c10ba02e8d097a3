// The header fields of a message with the reading API of Python's
// email.message.Message: ordered, duplicates kept, names without regard to case.
// Web `Headers` would sort, merge and reject. A message made from a block keeps
// it as one string: looking a name up is a search in it, and only who asks for
// all the fields has them split, once. (Parameters are in parameters.ts.)

import { findValue, nextLine, parseFields, valueAt } from "./field_lines.ts";
import {
  collapse_rfc2231_value,
  decodeOctets,
  type Parameter,
  type ParameterValue,
  parseParameters,
  strip,
  stripEnd,
  unquoteParameter,
} from "./parameters.ts";

/** What RFC 2045 5.2 takes a message without (valid) Content-Type for. */
const DEFAULT_TYPE = "text/plain";

/**
 * The header fields of a message.
 *
 * Values are what the wire had behind the colon without the white space at
 * either end, which is no part of a value (RFC 9112 5.1). CPython keeps blanks at
 * the end.
 *
 * @example Reading fields
 * ```ts
 * import { HTTPMessage } from "@x/httpserver/parser";
 * import { assertEquals } from "@std/assert";
 *
 * const headers = HTTPMessage.fromBlock(
 *   'Accept: text/html\r\nContent-Type: text/html; charset="UTF-8"\r\naccept: image/png\r\n\r\n',
 * );
 * assertEquals(headers.get("ACCEPT"), "text/html");
 * assertEquals(headers.get_all("Accept"), ["text/html", "image/png"]);
 * assertEquals(headers.get_content_type(), "text/html");
 * assertEquals(headers.get_content_charset(), "utf-8");
 * assertEquals(headers.get("X-Absent", "-"), "-");
 * ```
 */
export class HTTPMessage implements Iterable<[name: string, value: string]> {
  /** The block, as long as it says the same as the fields. */
  #block: string | undefined;
  #fields: (readonly [name: string, value: string])[] | undefined;

  /**
   * Makes a message of given fields.
   *
   * @param fields Names and values, in order.
   */
  constructor(fields?: Iterable<readonly [string, string]>) {
    if (fields !== undefined) {
      this.#fields = Array.from(fields, ([name, value]) => [name, value]);
    }
  }

  /**
   * Makes a message of a header block, which is not looked at before it is needed.
   *
   * Check the block with `checkHeaderBlock()` first: here a line without colon
   * is passed over.
   *
   * @param block The lines with their line ends, as latin-1 text.
   * @returns The message.
   */
  static fromBlock(block: string): HTTPMessage {
    // As a subclass, where it is called on one.
    const message = new this();
    message.#block = block;
    return message;
  }

  /** How many fields there are, duplicates counted. */
  get length(): number {
    return this.#parsed().length;
  }

  /**
   * The value of the first field of a name.
   *
   * @param name The name, in any case.
   * @returns The value, `null` if there is no such field.
   */
  get(name: string): string | null;
  /**
   * The value of the first field of a name.
   *
   * @typeParam T The type of the substitute.
   * @param name The name, in any case.
   * @param failobj What to give instead if there is no such field.
   * @returns The value, or `failobj`.
   */
  get<T>(name: string, failobj: T): string | T;
  get<T>(name: string, failobj: T | null = null): string | T | null {
    const key = name.toLowerCase();
    if (this.#block === undefined) {
      const field = this.#fields?.find(([other]) =>
        other.toLowerCase() === key
      );
      return field === undefined ? failobj : field[1];
    }
    const start = findValue(this.#block, key, 0);
    return start < 0 ? failobj : valueAt(this.#block, start);
  }

  /**
   * The values of all fields of a name, in order.
   *
   * @param name The name, in any case.
   * @returns The values, `null` if there is no such field.
   */
  get_all(name: string): string[] | null;
  /**
   * The values of all fields of a name, in order.
   *
   * @typeParam T The type of the substitute.
   * @param name The name, in any case.
   * @param failobj What to give instead if there is no such field.
   * @returns The values, or `failobj`.
   */
  get_all<T>(name: string, failobj: T): string[] | T;
  get_all<T>(name: string, failobj: T | null = null): string[] | T | null {
    const key = name.toLowerCase();
    const values: string[] = [];
    if (this.#block === undefined) {
      for (const [other, value] of this.#fields ?? []) {
        if (other.toLowerCase() === key) values.push(value);
      }
    } else {
      let start = findValue(this.#block, key, 0);
      while (start >= 0) {
        values.push(valueAt(this.#block, start));
        start = findValue(this.#block, key, nextLine(this.#block, start));
      }
    }
    return values.length === 0 ? failobj : values;
  }

  /**
   * Whether there is a field of a name (Python's `name in headers`).
   *
   * @param name The name, in any case.
   * @returns Whether there is one.
   */
  has(name: string): boolean {
    return this.get(name) !== null;
  }

  /**
   * The names of all fields as they were sent, in order.
   *
   * @returns A new array.
   */
  keys(): string[] {
    return this.#parsed().map(([name]) => name);
  }

  /**
   * The values of all fields, in order.
   *
   * @returns A new array.
   */
  values(): string[] {
    return this.#parsed().map(([, value]) => value);
  }

  /**
   * The names and values of all fields, in order.
   *
   * @returns A new array.
   */
  items(): [name: string, value: string][] {
    return this.#parsed().map(([name, value]) => [name, value]);
  }

  /**
   * Goes over names and values. (Python goes over the names alone: see `keys()`.)
   *
   * @returns An iterator.
   */
  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.items()[Symbol.iterator]();
  }

  /**
   * Adds a field behind the others, whatever its name.
   *
   * @param name The name.
   * @param value The value.
   */
  add_header(name: string, value: string): void {
    const fields = this.#parsed();
    fields.push([name, value]);
    this.#fields = fields;
    this.#block = undefined;
  }

  /**
   * The media type of Content-Type without its parameters.
   *
   * @returns The type in lower case, `"text/plain"` where there is none or a malformed one.
   */
  get_content_type(): string {
    const value = this.get("content-type");
    if (value === null) return DEFAULT_TYPE;
    const type = beforeSemicolon(value);
    return type.split("/", 3).length === 2 ? type : DEFAULT_TYPE;
  }

  /**
   * The part of the media type before its slash.
   *
   * @returns Such as `"text"`.
   */
  get_content_maintype(): string {
    return this.get_content_type().split("/")[0]!;
  }

  /**
   * The part of the media type behind its slash.
   *
   * @returns Such as `"plain"`.
   */
  get_content_subtype(): string {
    return this.get_content_type().split("/")[1]!;
  }

  /**
   * The charset parameter of Content-Type.
   *
   * @returns The charset in lower case, `null` where there is none or it is not ASCII.
   */
  get_content_charset(): string | null;
  /**
   * The charset parameter of Content-Type.
   *
   * @typeParam T The type of the substitute.
   * @param failobj What to give instead where there is none or it is not ASCII.
   * @returns The charset in lower case, or `failobj`.
   */
  get_content_charset<T>(failobj: T): string | T;
  get_content_charset<T>(failobj: T | null = null): string | T | null {
    const value = this.get_param("charset");
    if (value === null) return failobj;
    const charset = typeof value === "string"
      ? value
      : decodeOctets(value[2], value[0] || "us-ascii", true) ?? value[2];
    return /[^\p{ASCII}]/u.test(charset) ? failobj : charset.toLowerCase();
  }

  /**
   * The disposition of Content-Disposition without its parameters.
   *
   * @returns Such as `"attachment"` in lower case, `null` where there is none.
   */
  get_content_disposition(): string | null {
    const value = this.get("content-disposition");
    return value === null ? null : beforeSemicolon(value);
  }

  /**
   * One parameter of a field.
   *
   * @param name The name of the parameter, in any case.
   * @returns The value without quotation marks, `null` where there is none. One written by RFC 2231 comes in three parts: see {@linkcode collapse_rfc2231_value}.
   */
  get_param(name: string): ParameterValue | null;
  /**
   * One parameter of a field.
   *
   * @typeParam T The type of the substitute.
   * @param name The name of the parameter, in any case.
   * @param failobj What to give instead where there is none.
   * @param header The field to look at, Content-Type by default.
   * @param unquote Whether to take quotation marks off, as by default.
   * @returns The value, or `failobj`. One written by RFC 2231 comes in three parts: see {@linkcode collapse_rfc2231_value}.
   */
  get_param<T>(
    name: string,
    failobj: T,
    header?: string,
    unquote?: boolean,
  ): ParameterValue | T;
  get_param<T>(
    name: string,
    failobj: T | null = null,
    header: string = "content-type",
    unquote: boolean = true,
  ): ParameterValue | T | null {
    const key = name.toLowerCase();
    const found = this.get_params(null, header, unquote)
      ?.find(([other]) => other.toLowerCase() === key);
    return found === undefined ? failobj : found[1];
  }

  /**
   * All parameters of Content-Type; the first is the media type with the value `""`.
   *
   * @returns Names and values, `null` where there is no such field.
   */
  get_params(): Parameter[] | null;
  /**
   * All parameters of a field; the first is what stands before the first semicolon.
   *
   * @typeParam T The type of the substitute.
   * @param failobj What to give instead where there is no such field.
   * @param header The field to look at, Content-Type by default.
   * @param unquote Whether to take quotation marks off, as by default.
   * @returns Names and values, or `failobj`.
   */
  get_params<T>(
    failobj: T,
    header?: string,
    unquote?: boolean,
  ): Parameter[] | T;
  get_params<T>(
    failobj: T | null = null,
    header: string = "content-type",
    unquote: boolean = true,
  ): Parameter[] | T | null {
    const value = this.get(header);
    if (value === null) return failobj;
    const parameters = parseParameters(value);
    if (!unquote) return parameters;
    return parameters.map(([name, quoted]) => [name, unquoteParameter(quoted)]);
  }

  /**
   * The filename parameter of Content-Disposition, or else the name parameter of Content-Type.
   *
   * @returns The name, decoded, `null` where there is none.
   */
  get_filename(): string | null;
  /**
   * The filename parameter of Content-Disposition, or else the name parameter of Content-Type.
   *
   * @typeParam T The type of the substitute.
   * @param failobj What to give instead where there is none.
   * @returns The name, decoded, or `failobj`.
   */
  get_filename<T>(failobj: T): string | T;
  get_filename<T>(failobj: T | null = null): string | T | null {
    const value = this.get_param("filename", null, "content-disposition") ??
      this.get_param("name");
    return value === null ? failobj : strip(collapse_rfc2231_value(value));
  }

  /**
   * The boundary parameter of Content-Type.
   *
   * @returns The boundary, `null` where there is none.
   */
  get_boundary(): string | null;
  /**
   * The boundary parameter of Content-Type.
   *
   * @typeParam T The type of the substitute.
   * @param failobj What to give instead where there is none.
   * @returns The boundary, or `failobj`.
   */
  get_boundary<T>(failobj: T): string | T;
  get_boundary<T>(failobj: T | null = null): string | T | null {
    const value = this.get_param("boundary");
    // RFC 2046 5.1.1: a boundary may begin, but not end, with white space.
    return value === null ? failobj : stripEnd(collapse_rfc2231_value(value));
  }

  /**
   * The fields as web `Headers`.
   *
   * These keep neither order nor spelling, and join duplicates: with `", "`, but
   * Set-Cookie, which stays apart. No field of a checked block is left out.
   *
   * @returns New `Headers`.
   * @throws {TypeError} If a field that was added by hand has an invalid name or value.
   */
  toHeaders(): Headers {
    const headers = new Headers();
    for (const [name, value] of this.#parsed()) headers.append(name, value);
    return headers;
  }

  /**
   * The fields as text, one `name: value` a line, then a blank line.
   *
   * Lines end with a line feed alone, as Python's do, so this is for reading and not for the wire.
   *
   * @returns The text.
   */
  as_string(): string {
    return this.#parsed().map(([name, value]) => `${name}: ${value}\n`).join(
      "",
    ) + "\n";
  }

  /**
   * The fields as text, as Python's `str(headers)`: what a template literal or `%s` shows.
   *
   * @returns The text of `as_string()`.
   */
  toString(): string {
    return this.as_string();
  }

  /**
   * What `console.log()` shows.
   *
   * @param _depth How deep it lies in what is shown.
   * @param options How to show it.
   * @param inspect The function that shows a value.
   * @returns The names and values.
   */
  [Symbol.for("nodejs.util.inspect.custom")](
    _depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    return `HTTPMessage ${inspect(this.items(), options)}`;
  }

  #parsed(): (readonly [name: string, value: string])[] {
    return this.#fields ??= this.#block === undefined
      ? []
      : parseFields(this.#block);
  }
}

/** What stands before the first semicolon, in lower case. */
function beforeSemicolon(value: string): string {
  const semicolon = value.indexOf(";");
  return strip(semicolon < 0 ? value : value.slice(0, semicolon)).toLowerCase();
}
