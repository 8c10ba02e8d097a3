// The header fields of a message, with the reading API of Python's email.message.Message:
// ordered, with duplicates, names case-insensitive. Web `Headers` would sort, merge and
// reject. A message made from a block keeps it as one string: looking up a name searches
// it, and only methods that need all fields split it, once. (Parameters are in
// parameters.ts.)

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

/** The type of a message without a valid Content-Type (RFC 2045 §5.2). */
const DEFAULT_TYPE = "text/plain";

/**
 * The header fields of a message.
 *
 * Values are without the white space at either end, which is not part of a value
 * (RFC 9112 §5.1). CPython keeps trailing white space.
 *
 * @example Read fields
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
  /** The block, until a field is added. */
  #block: string | undefined;
  #fields: (readonly [name: string, value: string])[] | undefined;

  /**
   * Creates a message from fields.
   *
   * @param fields Names and values, in order.
   */
  constructor(fields?: Iterable<readonly [string, string]>) {
    if (fields !== undefined) {
      this.#fields = Array.from(fields, ([name, value]) => [name, value]);
    }
  }

  /**
   * Creates a message from a header block, which is parsed only when needed.
   *
   * Check the block with `checkHeaderBlock()` first: this method ignores lines without a
   * colon.
   *
   * @param block The lines with their line ends, as Latin-1 text.
   * @returns The message.
   */
  static fromBlock(block: string): HTTPMessage {
    // Creates the subclass if called on one.
    const message = new this();
    message.#block = block;
    return message;
  }

  /**
   * Whether the fields are still those of the block that the message was created from.
   *
   * @internal
   */
  get unchanged(): boolean {
    return this.#block !== undefined;
  }

  /** The number of fields, including duplicates. */
  get length(): number {
    return this.#parsed().length;
  }

  /**
   * Returns the value of the first field with a name.
   *
   * @param name The name, in any case.
   * @returns The value, `null` if there is no such field.
   */
  get(name: string): string | null;
  /**
   * Returns the value of the first field with a name.
   *
   * @typeParam T The type of the substitute.
   * @param name The name, in any case.
   * @param failobj The value to return if there is no such field.
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
   * Returns the values of all fields with a name, in order.
   *
   * @param name The name, in any case.
   * @returns The values, `null` if there is no such field.
   */
  get_all(name: string): string[] | null;
  /**
   * Returns the values of all fields with a name, in order.
   *
   * @typeParam T The type of the substitute.
   * @param name The name, in any case.
   * @param failobj The value to return if there is no such field.
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
   * Whether there is a field with a name, like Python's `name in headers`.
   *
   * @param name The name, in any case.
   * @returns Whether there is one.
   */
  has(name: string): boolean {
    return this.get(name) !== null;
  }

  /**
   * Returns the names of all fields as sent, in order.
   *
   * @returns A new array.
   */
  keys(): string[] {
    return this.#parsed().map(([name]) => name);
  }

  /**
   * Returns the values of all fields, in order.
   *
   * @returns A new array.
   */
  values(): string[] {
    return this.#parsed().map(([, value]) => value);
  }

  /**
   * Returns the names and values of all fields, in order.
   *
   * @returns A new array.
   */
  items(): [name: string, value: string][] {
    return this.#parsed().map(([name, value]) => [name, value]);
  }

  /**
   * Iterates over names and values. (Python iterates over the names: see `keys()`.)
   *
   * @returns An iterator.
   */
  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.items()[Symbol.iterator]();
  }

  /**
   * Appends a field, even if the name exists.
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
   * Returns the media type of Content-Type without its parameters.
   *
   * @returns The type in lower case, `"text/plain"` if absent or malformed.
   */
  get_content_type(): string {
    const value = this.get("content-type");
    if (value === null) return DEFAULT_TYPE;
    const type = beforeSemicolon(value);
    return type.split("/", 3).length === 2 ? type : DEFAULT_TYPE;
  }

  /**
   * Returns the media type before its slash.
   *
   * @returns For example, `"text"`.
   */
  get_content_maintype(): string {
    return this.get_content_type().split("/")[0]!;
  }

  /**
   * Returns the media type after its slash.
   *
   * @returns For example, `"plain"`.
   */
  get_content_subtype(): string {
    return this.get_content_type().split("/")[1]!;
  }

  /**
   * Returns the charset parameter of Content-Type.
   *
   * @returns The charset in lower case, `null` if absent or not ASCII.
   */
  get_content_charset(): string | null;
  /**
   * Returns the charset parameter of Content-Type.
   *
   * @typeParam T The type of the substitute.
   * @param failobj The value to return if absent or not ASCII.
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
   * Returns the disposition of Content-Disposition without its parameters.
   *
   * @returns The disposition in lower case, such as `"attachment"`; `null` if absent.
   */
  get_content_disposition(): string | null {
    const value = this.get("content-disposition");
    return value === null ? null : beforeSemicolon(value);
  }

  /**
   * Returns a parameter of Content-Type.
   *
   * @param name The name of the parameter, in any case.
   * @returns The value without quotation marks, `null` if absent. One in RFC 2231 format
   * has three parts: see {@linkcode collapse_rfc2231_value}.
   */
  get_param(name: string): ParameterValue | null;
  /**
   * Returns a parameter of a field.
   *
   * @typeParam T The type of the substitute.
   * @param name The name of the parameter, in any case.
   * @param failobj The value to return if absent.
   * @param header The field. Default: Content-Type.
   * @param unquote Whether to remove quotation marks. Default: `true`.
   * @returns The value, or `failobj`. One in RFC 2231 format has three parts: see
   * {@linkcode collapse_rfc2231_value}.
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
   * Returns all parameters of Content-Type. The first is the media type with the value
   * `""`.
   *
   * @returns Names and values, `null` if there is no such field.
   */
  get_params(): Parameter[] | null;
  /**
   * Returns all parameters of a field. The first is the part before the first semicolon.
   *
   * @typeParam T The type of the substitute.
   * @param failobj The value to return if there is no such field.
   * @param header The field. Default: Content-Type.
   * @param unquote Whether to remove quotation marks. Default: `true`.
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
   * Returns the filename parameter of Content-Disposition, or else the name parameter of
   * Content-Type.
   *
   * @returns The decoded name, `null` if absent.
   */
  get_filename(): string | null;
  /**
   * Returns the filename parameter of Content-Disposition, or else the name parameter of
   * Content-Type.
   *
   * @typeParam T The type of the substitute.
   * @param failobj The value to return if absent.
   * @returns The decoded name, or `failobj`.
   */
  get_filename<T>(failobj: T): string | T;
  get_filename<T>(failobj: T | null = null): string | T | null {
    const value = this.get_param("filename", null, "content-disposition") ??
      this.get_param("name");
    return value === null ? failobj : strip(collapse_rfc2231_value(value));
  }

  /**
   * Returns the boundary parameter of Content-Type.
   *
   * @returns The boundary, `null` if absent.
   */
  get_boundary(): string | null;
  /**
   * Returns the boundary parameter of Content-Type.
   *
   * @typeParam T The type of the substitute.
   * @param failobj The value to return if absent.
   * @returns The boundary, or `failobj`.
   */
  get_boundary<T>(failobj: T): string | T;
  get_boundary<T>(failobj: T | null = null): string | T | null {
    const value = this.get_param("boundary");
    // A boundary may begin, but not end, with white space (RFC 2046 §5.1.1).
    return value === null ? failobj : stripEnd(collapse_rfc2231_value(value));
  }

  /**
   * Converts the fields to web `Headers`.
   *
   * `Headers` doesn't preserve order or spelling, and joins duplicates with `", "`, except
   * Set-Cookie. It contains every field of a checked block.
   *
   * @returns New `Headers`.
   * @throws {TypeError} If a field added by `add_header()` has an invalid name or value.
   */
  toHeaders(): Headers {
    const headers = new Headers();
    for (const [name, value] of this.#parsed()) headers.append(name, value);
    return headers;
  }

  /**
   * Formats the fields as one `name: value` per line, then a blank line.
   *
   * Lines end with LF as in Python, so the text is not suitable for sending.
   *
   * @returns The text.
   */
  as_string(): string {
    return this.#parsed().map(([name, value]) => `${name}: ${value}\n`).join(
      "",
    ) + "\n";
  }

  /**
   * Formats the fields like Python's `str(headers)`; used by template literals and `%s`.
   *
   * @returns The result of `as_string()`.
   */
  toString(): string {
    return this.as_string();
  }

  /**
   * Formats the message for `console.log()`.
   *
   * @param _depth The nesting depth.
   * @param options The options of `inspect`.
   * @param inspect The function that formats a value.
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

/** Returns the part before the first semicolon, in lower case. */
function beforeSemicolon(value: string): string {
  const semicolon = value.indexOf(";");
  return strip(semicolon < 0 ? value : value.slice(0, semicolon)).toLowerCase();
}
