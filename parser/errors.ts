// Parse errors. Each carries the HTTP status to respond with, so no caller has to
// guess it from a message. "Not yet" is never an error: the readers return `undefined`.

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
  /**
   * The method, where the request line was good enough to have one.
   *
   * @default {""}
   */
  command?: string;
  /** What led to this error. */
  cause?: unknown;
}

/**
 * A message that breaks the protocol, with the HTTP status to respond with.
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
  /** The HTTP status of the response. */
  readonly status: number;
  /** A longer explanation for the body of the error page, if there is one. */
  readonly explain: string | undefined;
  /**
   * Whether the request line was of the HTTP/0.9 form (two words): only then
   * may the response go out without a status line.
   */
  readonly simple: boolean;
  /**
   * The method, `""` if the request line had none. A response to HEAD has no body,
   * whatever its status (RFC 9110 §9.3.2).
   */
  readonly command: string;

  /**
   * Makes an error.
   *
   * @param status The HTTP status of the response.
   * @param message The reason, as it goes on the wire.
   * @param options The explanation, what is known of the request line, and the cause.
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
