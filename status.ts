/**
 * The HTTP status codes, like Python's `http.HTTPStatus`.
 *
 * All phrases and descriptions are in one frozen table; the class names each code.
 *
 * @example Name a status
 * ```ts
 * import { HTTPStatus } from "@x/httpserver/status";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(HTTPStatus.NOT_FOUND.value, 404);
 * assertEquals(HTTPStatus.from(404).phrase, "Not Found");
 * ```
 *
 * @example Look up a phrase in the table
 * ```ts
 * import { RESPONSES } from "@x/httpserver/status";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(RESPONSES[410]?.[0], "Gone");
 * ```
 *
 * @module
 */

import { RESPONSES } from "./text/responses.ts";

export { RESPONSES };

/**
 * One HTTP status, like a member of Python's `HTTPStatus`.
 *
 * Members are frozen singletons, so compare them with `===`. In arithmetic and in text, a
 * member converts to its number.
 *
 * @example Use a member as a number and as text
 * ```ts
 * import { HTTPStatus } from "@x/httpserver/status";
 * import { assert, assertEquals } from "@std/assert";
 *
 * assertEquals(`${HTTPStatus.NOT_MODIFIED}`, "304");
 * assertEquals(HTTPStatus.OK.valueOf() + 4, 204);
 * assert(HTTPStatus.BAD_GATEWAY.is_server_error);
 * ```
 */
export class HTTPStatus {
  // The first static field, since each #add() below writes to it.
  static readonly #byValue: Map<number, HTTPStatus> = new Map();

  /** 100 (RFC 9110 §15.2.1). */
  static readonly CONTINUE: HTTPStatus = HTTPStatus.#add(100, "CONTINUE");
  /** 101 (RFC 9110 §15.2.2). */
  static readonly SWITCHING_PROTOCOLS: HTTPStatus = HTTPStatus.#add(
    101,
    "SWITCHING_PROTOCOLS",
  );
  /** 102 (RFC 2518 §10.1). */
  static readonly PROCESSING: HTTPStatus = HTTPStatus.#add(102, "PROCESSING");
  /** 103 (RFC 8297 §2). */
  static readonly EARLY_HINTS: HTTPStatus = HTTPStatus.#add(103, "EARLY_HINTS");
  /** 200 (RFC 9110 §15.3.1). */
  static readonly OK: HTTPStatus = HTTPStatus.#add(200, "OK");
  /** 201 (RFC 9110 §15.3.2). */
  static readonly CREATED: HTTPStatus = HTTPStatus.#add(201, "CREATED");
  /** 202 (RFC 9110 §15.3.3). */
  static readonly ACCEPTED: HTTPStatus = HTTPStatus.#add(202, "ACCEPTED");
  /** 203 (RFC 9110 §15.3.4). */
  static readonly NON_AUTHORITATIVE_INFORMATION: HTTPStatus = HTTPStatus.#add(
    203,
    "NON_AUTHORITATIVE_INFORMATION",
  );
  /** 204 (RFC 9110 §15.3.5). */
  static readonly NO_CONTENT: HTTPStatus = HTTPStatus.#add(204, "NO_CONTENT");
  /** 205 (RFC 9110 §15.3.6). */
  static readonly RESET_CONTENT: HTTPStatus = HTTPStatus.#add(
    205,
    "RESET_CONTENT",
  );
  /** 206 (RFC 9110 §15.3.7). */
  static readonly PARTIAL_CONTENT: HTTPStatus = HTTPStatus.#add(
    206,
    "PARTIAL_CONTENT",
  );
  /** 207 (RFC 4918 §11.1). */
  static readonly MULTI_STATUS: HTTPStatus = HTTPStatus.#add(
    207,
    "MULTI_STATUS",
  );
  /** 208 (RFC 5842 §7.1). */
  static readonly ALREADY_REPORTED: HTTPStatus = HTTPStatus.#add(
    208,
    "ALREADY_REPORTED",
  );
  /** 226 (RFC 3229 §10.4.1). */
  static readonly IM_USED: HTTPStatus = HTTPStatus.#add(226, "IM_USED");
  /** 300 (RFC 9110 §15.4.1). */
  static readonly MULTIPLE_CHOICES: HTTPStatus = HTTPStatus.#add(
    300,
    "MULTIPLE_CHOICES",
  );
  /** 301 (RFC 9110 §15.4.2). */
  static readonly MOVED_PERMANENTLY: HTTPStatus = HTTPStatus.#add(
    301,
    "MOVED_PERMANENTLY",
  );
  /** 302 (RFC 9110 §15.4.3). */
  static readonly FOUND: HTTPStatus = HTTPStatus.#add(302, "FOUND");
  /** 303 (RFC 9110 §15.4.4). */
  static readonly SEE_OTHER: HTTPStatus = HTTPStatus.#add(303, "SEE_OTHER");
  /** 304 (RFC 9110 §15.4.5). */
  static readonly NOT_MODIFIED: HTTPStatus = HTTPStatus.#add(
    304,
    "NOT_MODIFIED",
  );
  /** 305 (RFC 9110 §15.4.6). */
  static readonly USE_PROXY: HTTPStatus = HTTPStatus.#add(305, "USE_PROXY");
  /** 307 (RFC 9110 §15.4.8). */
  static readonly TEMPORARY_REDIRECT: HTTPStatus = HTTPStatus.#add(
    307,
    "TEMPORARY_REDIRECT",
  );
  /** 308 (RFC 9110 §15.4.9). */
  static readonly PERMANENT_REDIRECT: HTTPStatus = HTTPStatus.#add(
    308,
    "PERMANENT_REDIRECT",
  );
  /** 400 (RFC 9110 §15.5.1). */
  static readonly BAD_REQUEST: HTTPStatus = HTTPStatus.#add(400, "BAD_REQUEST");
  /** 401 (RFC 9110 §15.5.2). */
  static readonly UNAUTHORIZED: HTTPStatus = HTTPStatus.#add(
    401,
    "UNAUTHORIZED",
  );
  /** 402 (RFC 9110 §15.5.3). */
  static readonly PAYMENT_REQUIRED: HTTPStatus = HTTPStatus.#add(
    402,
    "PAYMENT_REQUIRED",
  );
  /** 403 (RFC 9110 §15.5.4). */
  static readonly FORBIDDEN: HTTPStatus = HTTPStatus.#add(403, "FORBIDDEN");
  /** 404 (RFC 9110 §15.5.5). */
  static readonly NOT_FOUND: HTTPStatus = HTTPStatus.#add(404, "NOT_FOUND");
  /** 405 (RFC 9110 §15.5.6). */
  static readonly METHOD_NOT_ALLOWED: HTTPStatus = HTTPStatus.#add(
    405,
    "METHOD_NOT_ALLOWED",
  );
  /** 406 (RFC 9110 §15.5.7). */
  static readonly NOT_ACCEPTABLE: HTTPStatus = HTTPStatus.#add(
    406,
    "NOT_ACCEPTABLE",
  );
  /** 407 (RFC 9110 §15.5.8). */
  static readonly PROXY_AUTHENTICATION_REQUIRED: HTTPStatus = HTTPStatus.#add(
    407,
    "PROXY_AUTHENTICATION_REQUIRED",
  );
  /** 408 (RFC 9110 §15.5.9). */
  static readonly REQUEST_TIMEOUT: HTTPStatus = HTTPStatus.#add(
    408,
    "REQUEST_TIMEOUT",
  );
  /** 409 (RFC 9110 §15.5.10). */
  static readonly CONFLICT: HTTPStatus = HTTPStatus.#add(409, "CONFLICT");
  /** 410 (RFC 9110 §15.5.11). */
  static readonly GONE: HTTPStatus = HTTPStatus.#add(410, "GONE");
  /** 411 (RFC 9110 §15.5.12). */
  static readonly LENGTH_REQUIRED: HTTPStatus = HTTPStatus.#add(
    411,
    "LENGTH_REQUIRED",
  );
  /** 412 (RFC 9110 §15.5.13). */
  static readonly PRECONDITION_FAILED: HTTPStatus = HTTPStatus.#add(
    412,
    "PRECONDITION_FAILED",
  );
  /** 413 (RFC 9110 §15.5.14). */
  static readonly CONTENT_TOO_LARGE: HTTPStatus = HTTPStatus.#add(
    413,
    "CONTENT_TOO_LARGE",
  );
  /** The former name of CONTENT_TOO_LARGE. */
  static readonly REQUEST_ENTITY_TOO_LARGE: HTTPStatus =
    HTTPStatus.CONTENT_TOO_LARGE;
  /** 414 (RFC 9110 §15.5.15). */
  static readonly URI_TOO_LONG: HTTPStatus = HTTPStatus.#add(
    414,
    "URI_TOO_LONG",
  );
  /** The former name of URI_TOO_LONG. */
  static readonly REQUEST_URI_TOO_LONG: HTTPStatus = HTTPStatus.URI_TOO_LONG;
  /** 415 (RFC 9110 §15.5.16). */
  static readonly UNSUPPORTED_MEDIA_TYPE: HTTPStatus = HTTPStatus.#add(
    415,
    "UNSUPPORTED_MEDIA_TYPE",
  );
  /** 416 (RFC 9110 §15.5.17). */
  static readonly RANGE_NOT_SATISFIABLE: HTTPStatus = HTTPStatus.#add(
    416,
    "RANGE_NOT_SATISFIABLE",
  );
  /** The former name of RANGE_NOT_SATISFIABLE. */
  static readonly REQUESTED_RANGE_NOT_SATISFIABLE: HTTPStatus =
    HTTPStatus.RANGE_NOT_SATISFIABLE;
  /** 417 (RFC 9110 §15.5.18). */
  static readonly EXPECTATION_FAILED: HTTPStatus = HTTPStatus.#add(
    417,
    "EXPECTATION_FAILED",
  );
  /** 418 (RFC 2324 §2.3.2). */
  static readonly IM_A_TEAPOT: HTTPStatus = HTTPStatus.#add(418, "IM_A_TEAPOT");
  /** 421 (RFC 9110 §15.5.20). */
  static readonly MISDIRECTED_REQUEST: HTTPStatus = HTTPStatus.#add(
    421,
    "MISDIRECTED_REQUEST",
  );
  /** 422 (RFC 9110 §15.5.21). */
  static readonly UNPROCESSABLE_CONTENT: HTTPStatus = HTTPStatus.#add(
    422,
    "UNPROCESSABLE_CONTENT",
  );
  /** The former name of UNPROCESSABLE_CONTENT. */
  static readonly UNPROCESSABLE_ENTITY: HTTPStatus =
    HTTPStatus.UNPROCESSABLE_CONTENT;
  /** 423 (RFC 4918 §11.3). */
  static readonly LOCKED: HTTPStatus = HTTPStatus.#add(423, "LOCKED");
  /** 424 (RFC 4918 §11.4). */
  static readonly FAILED_DEPENDENCY: HTTPStatus = HTTPStatus.#add(
    424,
    "FAILED_DEPENDENCY",
  );
  /** 425 (RFC 8470 §5.2). */
  static readonly TOO_EARLY: HTTPStatus = HTTPStatus.#add(425, "TOO_EARLY");
  /** 426 (RFC 9110 §15.5.22). */
  static readonly UPGRADE_REQUIRED: HTTPStatus = HTTPStatus.#add(
    426,
    "UPGRADE_REQUIRED",
  );
  /** 428 (RFC 6585 §3). */
  static readonly PRECONDITION_REQUIRED: HTTPStatus = HTTPStatus.#add(
    428,
    "PRECONDITION_REQUIRED",
  );
  /** 429 (RFC 6585 §4). */
  static readonly TOO_MANY_REQUESTS: HTTPStatus = HTTPStatus.#add(
    429,
    "TOO_MANY_REQUESTS",
  );
  /** 431 (RFC 6585 §5). */
  static readonly REQUEST_HEADER_FIELDS_TOO_LARGE: HTTPStatus = HTTPStatus.#add(
    431,
    "REQUEST_HEADER_FIELDS_TOO_LARGE",
  );
  /** 451 (RFC 7725 §3). */
  static readonly UNAVAILABLE_FOR_LEGAL_REASONS: HTTPStatus = HTTPStatus.#add(
    451,
    "UNAVAILABLE_FOR_LEGAL_REASONS",
  );
  /** 500 (RFC 9110 §15.6.1). */
  static readonly INTERNAL_SERVER_ERROR: HTTPStatus = HTTPStatus.#add(
    500,
    "INTERNAL_SERVER_ERROR",
  );
  /** 501 (RFC 9110 §15.6.2). */
  static readonly NOT_IMPLEMENTED: HTTPStatus = HTTPStatus.#add(
    501,
    "NOT_IMPLEMENTED",
  );
  /** 502 (RFC 9110 §15.6.3). */
  static readonly BAD_GATEWAY: HTTPStatus = HTTPStatus.#add(502, "BAD_GATEWAY");
  /** 503 (RFC 9110 §15.6.4). */
  static readonly SERVICE_UNAVAILABLE: HTTPStatus = HTTPStatus.#add(
    503,
    "SERVICE_UNAVAILABLE",
  );
  /** 504 (RFC 9110 §15.6.5). */
  static readonly GATEWAY_TIMEOUT: HTTPStatus = HTTPStatus.#add(
    504,
    "GATEWAY_TIMEOUT",
  );
  /** 505 (RFC 9110 §15.6.6). */
  static readonly HTTP_VERSION_NOT_SUPPORTED: HTTPStatus = HTTPStatus.#add(
    505,
    "HTTP_VERSION_NOT_SUPPORTED",
  );
  /** 506 (RFC 2295 §8.1). */
  static readonly VARIANT_ALSO_NEGOTIATES: HTTPStatus = HTTPStatus.#add(
    506,
    "VARIANT_ALSO_NEGOTIATES",
  );
  /** 507 (RFC 4918 §11.5). */
  static readonly INSUFFICIENT_STORAGE: HTTPStatus = HTTPStatus.#add(
    507,
    "INSUFFICIENT_STORAGE",
  );
  /** 508 (RFC 5842 §7.2). */
  static readonly LOOP_DETECTED: HTTPStatus = HTTPStatus.#add(
    508,
    "LOOP_DETECTED",
  );
  /** 510 (RFC 2774 §7). */
  static readonly NOT_EXTENDED: HTTPStatus = HTTPStatus.#add(
    510,
    "NOT_EXTENDED",
  );
  /** 511 (RFC 6585 §6). */
  static readonly NETWORK_AUTHENTICATION_REQUIRED: HTTPStatus = HTTPStatus.#add(
    511,
    "NETWORK_AUTHENTICATION_REQUIRED",
  );

  /** The status code, such as 404. */
  readonly value: number;
  /** The name in upper case, such as "NOT_FOUND". */
  readonly name: string;
  /** The reason phrase, such as "Not Found". */
  readonly phrase: string;
  /** A sentence on what the status means, as error pages show it. */
  readonly description: string;

  private constructor(value: number, name: string) {
    const [phrase, description] = RESPONSES[value]!;
    this.value = value;
    this.name = name;
    this.phrase = phrase;
    this.description = description;
    Object.freeze(this);
  }

  static #add(value: number, name: string): HTTPStatus {
    const status = new HTTPStatus(value, name);
    HTTPStatus.#byValue.set(value, status);
    return status;
  }

  /**
   * Returns the member with the given code.
   *
   * @example Turn a code into a member
   * ```ts
   * import { HTTPStatus } from "@x/httpserver/status";
   * import { assertEquals, assertThrows } from "@std/assert";
   *
   * assertEquals(HTTPStatus.from(200), HTTPStatus.OK);
   * assertThrows(() => HTTPStatus.from(999), RangeError);
   * ```
   *
   * @param code The status code.
   * @returns The member.
   * @throws {RangeError} If no member has this code.
   */
  static from(code: number): HTTPStatus {
    const status = HTTPStatus.#byValue.get(code);
    if (status === undefined) {
      throw new RangeError(`Cannot find an HTTP status with the code ${code}`);
    }
    return status;
  }

  /**
   * Iterates over the members by code. Former names are not listed.
   *
   * @example List the codes
   * ```ts
   * import { HTTPStatus } from "@x/httpserver/status";
   * import { assertEquals } from "@std/assert";
   *
   * const codes = [...HTTPStatus.members()].map((status) => status.value);
   * assertEquals(codes.slice(0, 3), [100, 101, 102]);
   * ```
   *
   * @returns An iterator over the members.
   */
  static members(): IterableIterator<HTTPStatus> {
    return HTTPStatus.#byValue.values();
  }

  /** Whether the code is 100 to 199 (RFC 9110 §15.2). */
  get is_informational(): boolean {
    return this.value >= 100 && this.value <= 199;
  }

  /** Whether the code is 200 to 299 (RFC 9110 §15.3). */
  get is_success(): boolean {
    return this.value >= 200 && this.value <= 299;
  }

  /** Whether the code is 300 to 399 (RFC 9110 §15.4). */
  get is_redirection(): boolean {
    return this.value >= 300 && this.value <= 399;
  }

  /** Whether the code is 400 to 499 (RFC 9110 §15.5). */
  get is_client_error(): boolean {
    return this.value >= 400 && this.value <= 499;
  }

  /** Whether the code is 500 to 599 (RFC 9110 §15.6). */
  get is_server_error(): boolean {
    return this.value >= 500 && this.value <= 599;
  }

  /**
   * Converts the member to its code.
   *
   * @returns The code.
   */
  valueOf(): number {
    return this.value;
  }

  /**
   * Returns the code as text, like Python's `str()`.
   *
   * @returns The code in decimal digits.
   */
  toString(): string {
    return String(this.value);
  }

  /**
   * Makes `JSON.stringify()` write the code.
   *
   * @returns The code.
   */
  toJSON(): number {
    return this.value;
  }
}

/**
 * Returns the code of a status given as number or member.
 *
 * @example Accept a number or a member
 * ```ts
 * import { HTTPStatus, statusCode } from "@x/httpserver/status";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(statusCode(404), statusCode(HTTPStatus.NOT_FOUND));
 * ```
 *
 * @param code A code or a member; unknown codes are allowed.
 * @returns The code.
 */
export function statusCode(code: number | HTTPStatus): number {
  return typeof code === "number" ? code : code.value;
}
