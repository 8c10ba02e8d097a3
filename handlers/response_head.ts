// Builds a response head as text and validates each part. Its fields decide how much body may
// follow and whether the connection can be kept open. No I/O.

import type { BodyLimit } from "../connection/files.ts";
import { TOKEN, UNSENDABLE } from "../parser/syntax.ts";

const DIGITS = /^[0-9]{1,16}$/;

/** The head of the current response. It is reused for each response. */
export class ResponseHead {
  /** The lines that are not sent yet, each with CRLF. */
  text = "";
  /** Whether any of the final head was sent. No other response can be sent then. */
  sent = false;
  /** Whether the final head is complete. Later writes are the body. */
  ended = false;
  /** Whether there is no request to respond to. Calls are then ignored: a client would take a late response for the next one. */
  idle = false;
  /** Whether a 100 was sent. */
  continued = false;
  #code = 0;
  #contentLength: number | undefined;
  #transferEncoding = false;
  #chunked = false;
  #connection = false;
  #switches = false;

  /** The current status code; 0 before `begin()`. */
  get code(): number {
    return this.#code;
  }

  /** Whether the response is an interim one, before the final response (RFC 9110 §15.2). */
  get interim(): boolean {
    return this.#code >= 100 && this.#code < 200 && this.#code !== 101;
  }

  /** Whether the connection becomes raw bytes after this head: 101, or 2xx to CONNECT (RFC 9110 §9.3.6). */
  get switches(): boolean {
    return this.#switches;
  }

  /** Resets all state for the next request. */
  clear(): void {
    this.text = "";
    this.sent =
      this.ended =
      this.idle =
      this.continued =
        false;
    this.#code = 0;
    this.#resetFields();
    this.#switches = false;
  }

  /**
   * Starts a head. Replaces a head of which nothing was sent.
   *
   * @param version The version for the status line; `undefined` for HTTP/0.9, which has none.
   * @param code The status code.
   * @param reason The reason phrase.
   * @param command The request method.
   * @throws {TypeError} If the code or reason is invalid, or a response was already sent.
   */
  begin(
    version: string | undefined,
    code: number,
    reason: string,
    command: string = "",
  ): void {
    if (this.idle) return;
    if (UNSENDABLE.test(reason)) {
      throw new TypeError(
        "Cannot send the reason phrase: it must not contain CR, LF, NUL or characters outside latin-1",
      );
    }
    if (!Number.isInteger(code) || code < 100 || code > 999) {
      throw new TypeError(
        `Cannot send status ${code}: the code must be an integer from 100 to 999`,
      );
    }
    // The client would take a second response for the response to its next request.
    if (this.sent) {
      throw new TypeError(
        `Cannot send status ${code}: a response with status ${this.#code} was sent already`,
      );
    }
    this.#code = code;
    this.#resetFields();
    this.#switches = code === 101 ||
      (command === "CONNECT" && code >= 200 && code < 300);
    this.text = version === undefined
      ? ""
      : version + " " + code + " " + reason + "\r\n";
  }

  /**
   * Adds a field. After a complete head it adds a line to the body, as CPython does: scripts send
   * the fields of multipart parts this way.
   *
   * @param name The field name.
   * @param value The field value.
   * @param send Whether to add the line to `text`. For HTTP/0.9, only its meaning is recorded.
   * @throws {TypeError} If the name or value is invalid or contradicts another field.
   */
  add(name: string, value: string, send: boolean): void {
    if (this.idle) return;
    if (!TOKEN.test(name)) throw unsendable(name, "the name must be a token");
    if (UNSENDABLE.test(value)) {
      throw unsendable(
        name,
        "the value must not contain CR, LF, NUL or characters outside latin-1",
      );
    }
    const line = name + ": " + value + "\r\n";
    if (this.ended) {
      if (send) this.text += line;
      return;
    }
    if (name.length === 14 && name.toLowerCase() === "content-length") {
      if (!this.#addContentLength(name, value)) return;
    } else if (
      name.length === 17 && name.toLowerCase() === "transfer-encoding"
    ) {
      // Not allowed when a tunnel follows (RFC 9110 §9.3.6).
      if (this.#switches) return;
      if (this.#contentLength !== undefined) throw contradiction(name);
      this.#transferEncoding = true;
      // Only a final chunked coding delimits the body (RFC 9112 §6.3).
      this.#chunked = /(?:^|,)[ \t]*chunked[ \t]*$/i.test(value);
    } else if (name.length === 10 && name.toLowerCase() === "connection") {
      this.#connection = true;
    }
    if (send) this.text += line;
  }

  /** The value of `Content-Length`, if one was added. */
  get contentLength(): number | undefined {
    return this.#contentLength;
  }

  /**
   * Takes a complete head that was built before.
   *
   * @param code The status code.
   * @param contentLength The value of `Content-Length`, if it has one.
   */
  repeat(code: number, contentLength: number | undefined): void {
    this.#code = code;
    this.#contentLength = contentLength;
    this.text = "";
    this.sent = this.ended = true;
  }

  /** Whether nothing of a response was made yet, not even of an interim one. */
  get untouched(): boolean {
    return this.#code === 0 && this.text === "" && !this.idle;
  }

  /** Whether a `Connection` field was added. */
  get hasConnection(): boolean {
    return this.#connection;
  }

  /** Ends the head. After an interim head, another one may begin. */
  end(): void {
    this.sent = this.ended = !this.interim;
    if (this.#code === 100) this.continued = true;
  }

  /** Whether the method or status rules out a body (RFC 9112 §6.3, item 1). */
  bodyless(command: string): boolean {
    const code = this.#code;
    return command === "HEAD" || code === 204 || code === 304 || this.interim;
  }

  /**
   * Returns how much body may follow.
   *
   * @param command The request method.
   * @returns The limit; `Infinity` if the head doesn't delimit the body.
   */
  bodyLimit(command: string): BodyLimit {
    if (this.#switches) return Infinity;
    // A 205 has no content, but still needs framing (RFC 9110 §15.3.6).
    if (this.bodyless(command) || this.#code === 205) return 0;
    return this.#contentLength ?? (this.#chunked ? "framed" : Infinity);
  }

  /**
   * Whether the client can see the end of the response while the connection stays open.
   *
   * @param command The request method.
   * @returns `false` if only closing the connection ends the response.
   */
  delimited(command: string): boolean {
    if (this.#switches) return false;
    return this.bodyless(command) || this.#chunked ||
      this.#contentLength !== undefined;
  }

  #resetFields(): void {
    this.#contentLength = undefined;
    this.#transferEncoding = this.#chunked = this.#connection = false;
  }

  /** Records a length. Returns `false` if the field must not be sent. */
  #addContentLength(name: string, value: string): boolean {
    if (!DIGITS.test(value)) {
      throw unsendable(
        name,
        `the value must be a number of bytes, not ${JSON.stringify(value)}`,
      );
    }
    // Not allowed with 1xx, 204 or a tunnel (RFC 9110 §8.6). A 205 has no content (§15.3.6).
    const code = this.#code;
    const length = Number(value);
    if ((code >= 100 && code < 200) || code === 204) return false;
    if (this.#switches || (code === 205 && length > 0)) return false;
    const known = this.#contentLength;
    if (this.#transferEncoding || (known ?? length) !== length) {
      throw contradiction(name);
    }
    this.#contentLength = length;
    return known === undefined;
  }
}

function unsendable(name: string, reason: string): TypeError {
  return new TypeError(
    `Cannot send the header ${JSON.stringify(name)}: ${reason}`,
  );
}

/** With two different lengths, clients could disagree on the end of the body (RFC 9112 §6.3). */
function contradiction(name: string): TypeError {
  return unsendable(
    name,
    "it contradicts another Content-Length or Transfer-Encoding field",
  );
}
