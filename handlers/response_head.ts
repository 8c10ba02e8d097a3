// The head of a response while it is built, on plain data: its text, checked as it
// grows, and what it says about the body, from which follows what may be sent
// after it and whether the connection can go on.

import type { BodyLimit } from "../connection/files.ts";
import { TOKEN, UNSENDABLE } from "../parser/syntax.ts";

const DIGITS = /^[0-9]{1,16}$/;

/** One response head after the other, as their parts are added. */
export class ResponseHead {
  /** The lines so far, each with CRLF. */
  text = "";
  /** Whether any of the head has left; from then on there can be no other answer. */
  sent = false;
  /** Whether the head is complete, so that what follows is its body. */
  ended = false;
  /** Whether there is no request to respond to. Everything is then ignored, since a client would take it for the next response. */
  idle = false;
  /** Whether a 100 was sent before it. */
  continued = false;
  #code = 0;
  #contentLength: number | undefined;
  #transferEncoding = false;
  #chunked = false;
  #connection = false;
  #switches = false;

  /** The status code of the head that was begun last, 0 before any. */
  get code(): number {
    return this.#code;
  }

  /** Whether it is an interim response (RFC 9110 15.2), after which the final one follows. */
  get interim(): boolean {
    return this.#code >= 100 && this.#code < 200 && this.#code !== 101;
  }

  /** Whether the connection becomes raw bytes after this head: 101, or 2xx to CONNECT (RFC 9110 §9.3.6). */
  get switches(): boolean {
    return this.#switches;
  }

  /** Forgets everything, as before the response to another request. */
  clear(): void {
    this.text = "";
    this.sent =
      this.ended =
      this.idle =
      this.continued =
        false;
    this.#code = 0;
    this.#forgetFields();
    this.#switches = false;
  }

  /**
   * Begins a head, in place of one that was begun but of which nothing has left.
   *
   * @param version The version for the status line, `undefined` where HTTP/0.9 sends none.
   * @param code The status code.
   * @param reason The reason phrase.
   * @param command The request's method.
   * @throws {TypeError} If the reason holds a character that can't be sent, or a response was sent already.
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
        "Cannot send the reason phrase: it holds CR, LF, NUL or a character outside latin-1",
      );
    }
    if (!Number.isInteger(code) || code < 100 || code > 999) {
      throw new TypeError(
        `Cannot send the status code: ${code} is not a number from 100 to 999`,
      );
    }
    // A second answer to one request would be taken for the answer to the next.
    if (this.sent) {
      throw new TypeError(
        `Cannot send status ${code}: an answer with status ${this.#code} was sent already`,
      );
    }
    this.#code = code;
    this.#forgetFields();
    this.#switches = code === 101 ||
      (command === "CONNECT" && code >= 200 && code < 300);
    this.text = version === undefined
      ? ""
      : version + " " + code + " " + reason + "\r\n";
  }

  /**
   * Adds a field. After a complete head it adds a line of the body, as CPython does: the
   * fields of a part of a multipart response are sent this way.
   *
   * @param name The field's name.
   * @param value The field's value.
   * @param send Whether its line is added, or just what it says remembered, as for HTTP/0.9.
   * @throws {TypeError} Where name or value can't be sent, or contradict another field.
   */
  add(name: string, value: string, send: boolean): void {
    if (this.idle) return;
    if (!TOKEN.test(name)) throw unsendable(name, "the name is not a token");
    if (UNSENDABLE.test(value)) {
      throw unsendable(
        name,
        "the value holds CR, LF, NUL or a character outside latin-1",
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
      // A tunnel has neither this field nor a Content-Length (RFC 9110 §9.3.6).
      if (this.#switches) return;
      if (this.#contentLength !== undefined) throw contradiction(name);
      this.#transferEncoding = true;
      // RFC 9112 6.3: only a final chunked coding tells where the body ends.
      this.#chunked = /(?:^|,)[ \t]*chunked[ \t]*$/i.test(value);
    } else if (name.length === 10 && name.toLowerCase() === "connection") {
      this.#connection = true;
    }
    if (send) this.text += line;
  }

  /** Whether a Connection field was added. */
  get hasConnection(): boolean {
    return this.#connection;
  }

  /** Ends the head that was begun; after an interim one, the next may begin. */
  end(): void {
    this.sent = this.ended = !this.interim;
    if (this.#code === 100) this.continued = true;
  }

  /** Whether the message can't have a body by its status or its request (RFC 9112 6.3, step 1). */
  bodyless(command: string): boolean {
    const code = this.#code;
    return command === "HEAD" || code === 204 || code === 304 || this.interim;
  }

  /**
   * How much body may follow.
   *
   * @param command The request's method.
   * @returns The bound, `Infinity` where the head says nothing.
   */
  bodyLimit(command: string): BodyLimit {
    if (this.#switches) return Infinity;
    // RFC 9110 15.3.6: no content in a 205, though its end must be told.
    if (this.bodyless(command) || this.#code === 205) return 0;
    return this.#contentLength ?? (this.#chunked ? "framed" : Infinity);
  }

  /**
   * Whether a client can tell where the response ends while the connection stays open.
   *
   * @param command The request's method.
   * @returns `false` where only closing ends it.
   */
  delimited(command: string): boolean {
    if (this.#switches) return false;
    return this.bodyless(command) || this.#chunked ||
      this.#contentLength !== undefined;
  }

  #forgetFields(): void {
    this.#contentLength = undefined;
    this.#transferEncoding = this.#chunked = this.#connection = false;
  }

  /** Notes a length; `false` where the field is not to be sent. */
  #addContentLength(name: string, value: string): boolean {
    if (!DIGITS.test(value)) {
      throw unsendable(
        name,
        `${JSON.stringify(value)} is not a number of bytes`,
      );
    }
    // RFC 9110 8.6 forbids it here, and 15.3.6 any content that it could tell of.
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

/** Of a response with two lengths, each client would see another end (RFC 9112 6.3). */
function contradiction(name: string): TypeError {
  return unsendable(name, "the length of the body was given already");
}
