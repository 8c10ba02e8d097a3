// Parse errors. Each carries the HTTP status to respond with. Incomplete input is not an
// error: readers return `undefined` for it.

/** Options of a {@linkcode ParseError}. */
export interface ParseErrorOptions {
  /** A longer explanation for the body of the error page. */
  explain?: string;
  /**
   * Whether the request line has the HTTP/0.9 form (two words).
   *
   * @default {false}
   */
  simple?: boolean;
  /**
   * The method, if the request line has one.
   *
   * @default {""}
   */
  command?: string;
  /** The error that caused this one. */
  cause?: unknown;
}

/**
 * A message that violates the protocol, with the HTTP status to respond with.
 *
 * @example An error and its status
 * ```ts
 * import { ParseError, parseRequestLine } from "@x/httpserver/parser";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(() => parseRequestLine("GET / FUBAR\r\n"), ParseError);
 * assertEquals(error.status, 400);
 * assertEquals(error.message, "Bad request version ('FUBAR')");
 * ```
 */
export class ParseError extends SyntaxError {
  /** The name of the class. */
  override readonly name: string = "ParseError";
  /** The HTTP status of the response. */
  readonly status: number;
  /** A longer explanation for the body of the error page, if there is one. */
  readonly explain: string | undefined;
  /**
   * Whether the request line has the HTTP/0.9 form (two words). Only then may the response
   * lack a status line.
   */
  readonly simple: boolean;
  /**
   * The method, `""` if the request line has none. A response to HEAD has no body
   * (RFC 9110 §9.3.2).
   */
  readonly command: string;

  /**
   * Creates an error.
   *
   * @param status The HTTP status of the response.
   * @param message The reason phrase to send.
   * @param options The explanation, details of the request line, and the cause.
   */
  constructor(
    status: number,
    message: string,
    options: ParseErrorOptions = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.status = status;
    this.explain = options.explain;
    this.simple = options.simple ?? false;
    this.command = options.command ?? "";
  }
}
