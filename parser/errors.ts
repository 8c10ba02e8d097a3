// What "malformed" is. A parse error carries the answer it deserves from birth,
// so no caller has to guess a status from a message. "Not yet" is never an
// error: the readers say `undefined` for it.

/** What a {@linkcode ParseError} may carry besides its status and message. */
export interface ParseErrorOptions {
  /** A longer explanation for the body of the error page. */
  explain?: string;
  /**
   * Whether the request line was of the HTTP/0.9 form (two words).
   *
   * @default {false}
   */
  simple?: boolean;
  /** What led to this error. */
  cause?: unknown;
}

/**
 * A message that breaks the protocol, with the HTTP status to answer it with.
 *
 * @example A fault and its status
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
  /** The HTTP status of the answer. */
  readonly status: number;
  /** A longer explanation for the body of the error page, if there is one. */
  readonly explain: string | undefined;
  /**
   * Whether the request line was of the HTTP/0.9 form (two words): only then
   * may the answer go out without a status line.
   */
  readonly simple: boolean;

  /**
   * Makes an error.
   *
   * @param status The HTTP status of the answer.
   * @param message The reason, as it goes on the wire.
   * @param options The explanation, the form of the request line and the cause.
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
  }
}
