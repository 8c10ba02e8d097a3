// One recorded request, and the log of them. Pure: the time comes from the caller.

import type { Address } from "../connection/connection.ts";
import type { HTTPMessage } from "../parser/headers.ts";
import { withoutAuthority } from "../text/target.ts";

/** The most requests that are kept. */
export const MAX_REQUESTS = 1_000;

/** The most memory that all kept requests take, in bytes. */
export const MAX_LOG = 64 * 1024 * 1024;

/** About how much a request takes beside its head and body, in bytes. */
const REQUEST_COST = 1_024;

/** The head of a request, and its circumstances. */
export interface RecordedHead {
  /** The method, such as "GET". */
  readonly method: string;
  /** The target as it was sent, such as "/a?b=1". */
  readonly target: string;
  /** The HTTP version, such as "HTTP/1.1". */
  readonly version: string;
  /** The header fields. */
  readonly headers: HTTPMessage;
  /** The client's host and port. */
  readonly client: Address;
  /** When the head had arrived. */
  readonly time: Date;
}

/** A request that a `TestSite` has received. */
export class RecordedRequest {
  /** The method, such as "GET". */
  readonly method: string;
  /** The target as it was sent, such as "/a?b=1". */
  readonly target: string;
  /** The target's path, still percent-encoded. */
  readonly path: string;
  /** The target's query without its "?", still percent-encoded. */
  readonly search: string;
  /** The HTTP version, such as "HTTP/1.1". */
  readonly version: string;
  /** The header fields, in order, with duplicates. */
  readonly headers: HTTPMessage;
  /** The client's host and port. */
  readonly client: Address;
  /** When the head had arrived. */
  readonly time: Date;
  #body: Uint8Array<ArrayBuffer> = new Uint8Array();
  #complete = false;
  #status: number | undefined;
  #fault: string | undefined;

  /**
   * Records a head.
   *
   * @param head The head.
   */
  constructor(head: RecordedHead) {
    this.method = head.method;
    this.target = head.target;
    const [path, search] = splitTarget(head.target);
    this.path = path;
    this.search = search;
    this.version = head.version;
    this.headers = head.headers;
    this.client = head.client;
    this.time = head.time;
  }

  /** The parameters of the query. */
  get query(): URLSearchParams {
    return new URLSearchParams(this.search);
  }

  /** The body, without transfer coding. Empty if bodies are not recorded. */
  get body(): Uint8Array<ArrayBuffer> {
    return this.#body;
  }

  /** Whether `body` is the whole body. It is not if the client disconnected, or the body was too long. */
  get complete(): boolean {
    return this.#complete;
  }

  /** The status of the response; `undefined` before it, and if a fault replaced it. */
  get status(): number | undefined {
    return this.#status;
  }

  /** The kind of fault that was applied to the response, if any. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * Decodes the body as UTF-8.
   *
   * @returns The text.
   */
  text(): string {
    return new TextDecoder().decode(this.#body);
  }

  /**
   * Parses the body as JSON.
   *
   * @typeParam T The type that the caller expects; it is not checked.
   * @returns The value.
   * @throws {SyntaxError} If the body is not JSON.
   */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }

  /**
   * Sets the body.
   *
   * @internal
   * @param body The body.
   * @param complete Whether it is the whole body.
   */
  received(body: Uint8Array<ArrayBuffer>, complete: boolean): void {
    this.#body = body;
    this.#complete = complete;
  }

  /**
   * Sets the status of the response.
   *
   * @internal
   * @param status The status code.
   */
  responded(status: number): void {
    this.#status = status;
  }

  /**
   * Sets the fault of the response.
   *
   * @internal
   * @param kind The kind of fault.
   */
  faulted(kind: string): void {
    this.#fault = kind;
  }

  /**
   * The request in a message.
   *
   * @returns Its method and target.
   */
  toString(): string {
    return `${this.method} ${this.target}`;
  }
}

/** The received requests, oldest first. Beyond the limits, the oldest are forgotten. */
export class RequestLog {
  #entries: { request: RecordedRequest; size: number }[] = [];
  #size = 0;
  #count = 0;

  /** The number of requests since the start or `clear()`, including forgotten ones. */
  get count(): number {
    return this.#count;
  }

  /** The requests that are kept. */
  get requests(): RecordedRequest[] {
    return this.#entries.map(({ request }) => request);
  }

  /**
   * Adds a request whose body has arrived.
   *
   * @param request The request.
   */
  add(request: RecordedRequest): void {
    const size = sizeOf(request);
    this.#entries.push({ request, size });
    this.#count++;
    this.#size += size;
    while (this.#size > MAX_LOG || this.#entries.length > MAX_REQUESTS) {
      this.#size -= this.#entries.shift()!.size;
    }
  }

  /** Forgets all requests. */
  clear(): void {
    this.#entries = [];
    this.#size = this.#count = 0;
  }
}

function splitTarget(target: string): [path: string, search: string] {
  const origin = withoutAuthority(target);
  const at = origin.indexOf("?");
  return at < 0 ? [origin, ""] : [origin.slice(0, at), origin.slice(at + 1)];
}

function sizeOf({ target, headers, body }: RecordedRequest): number {
  let size = REQUEST_COST + target.length + body.length;
  for (const [name, value] of headers) size += name.length + value.length;
  return size;
}
