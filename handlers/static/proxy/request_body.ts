// Sends the body of a request to the upstream while it arrives, in parallel with the response. A
// piece is read from the client only when the upstream has taken the one before.

import type { ReadableFile } from "../../../connection/files.ts";
import { encodeChunk, encodeLastChunk } from "../../../parser/chunked.ts";
import { UpstreamError } from "./failure.ts";
import type { RequestBodyFraming } from "./request_fields.ts";
import type { UpstreamConnection } from "./upstream_connection.ts";

/** How much is read from the client at once, in bytes. */
const PIECE = 65_536;

/** The body of a request, in transit. */
export class RequestBody {
  /** Whether any of it was read from the client. */
  begun = false;
  /** Whether all of it was sent. */
  sent: boolean;
  /** Why it can't be read from the client. */
  fault: { readonly reason: unknown } | undefined;
  readonly #source: ReadableFile;
  readonly #framing: RequestBodyFraming;
  #isStopped = false;

  /**
   * Sends nothing yet.
   *
   * @param source The client's body.
   * @param framing Its length, or how it ends.
   */
  constructor(source: ReadableFile, framing: RequestBodyFraming) {
    this.#source = source;
    this.#framing = framing;
    this.sent = framing === 0;
  }

  /**
   * Sends the body. If the client's part fails, closes the connection to the upstream, so that a
   * response is no longer awaited.
   *
   * @param connection The connection to the upstream.
   * @returns A promise that never rejects, of the end of sending.
   */
  async send(connection: UpstreamConnection): Promise<void> {
    try {
      await this.#pump(connection);
    } catch (error) {
      // The upstream may have sent a response, such as 413, and reads no more.
      if (error instanceof UpstreamError || this.#isStopped) return;
      this.fault = { reason: error };
      connection.close();
    }
  }

  /** Stops sending. What the client still sends is for the server to drop. */
  stop(): void {
    if (this.sent || this.#isStopped) return;
    this.#isStopped = true;
    // A read that waits for the client would delay the end of the response.
    if (this.begun) this.#source.close();
  }

  async #pump(connection: UpstreamConnection): Promise<void> {
    const chunked = this.#framing === "chunked";
    let left = this.#framing === "chunked" ? Infinity : this.#framing;
    while (left > 0 && !this.#isStopped) {
      this.begun = true;
      const piece = await this.#source.read1(Math.min(left, PIECE));
      if (piece.length === 0) break;
      left -= piece.length;
      await connection.write(chunked ? encodeChunk(piece) : piece);
    }
    if (this.#isStopped) return;
    // Its trailer fields are dropped: a server may take them for header fields.
    if (chunked) await connection.write(encodeLastChunk());
    // An assigned `rfile` may end early.
    else if (left > 0) connection.close();
    this.sent = true;
  }
}
