// The bytes that a connection has received: one buffer, and one pending read at a time,
// which every reader of the connection waits for. The deadline of a read is the deadline of
// the connection's state.

import { LineReader } from "../parser/line_reader.ts";
import { isTimeout, markDisconnect } from "./errors.ts";
import { Event, Lifecycle, State } from "./lifecycle.ts";
import { HEAD_READ_SIZE, IDLE_READ_SIZE, READ_SIZE } from "./limits.ts";

/** Where the bytes come from: a connection, or anything that reads like one. */
export interface ByteSource {
  /**
   * Reads what has come.
   *
   * @param into The buffer to fill.
   * @param until The moment on the `performance.now()` clock at which to give up.
   * @returns The number of bytes, or `null` at the end of the stream.
   */
  read(into: Uint8Array<ArrayBuffer>, until?: number): Promise<number | null>;
  /** How long a head may take from its first byte, in seconds; `null` or absent for no limit. */
  readonly timeout?: number | null;
  /**
   * Reads like `read()`, without a deadline until `limitRead()` sets one.
   *
   * @param into The buffer to fill.
   * @returns The number of bytes, or `null` at the end of the stream.
   */
  lookAhead?(into: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /**
   * Gives a pending `lookAhead()` the deadline of a `read()` that starts now.
   *
   * @param until As for `read()`.
   */
  limitRead?(until?: number): void;
  /**
   * The state of the connection. A source without one gets its own.
   *
   * @internal
   */
  readonly life?: Lifecycle;
  /** Whether no further request is to be read. */
  readonly stopping?: boolean;
}

/** What has been received from a source and not yet taken. */
export class Input {
  /** Where the bytes come from. */
  readonly source: ByteSource;
  /** The state of the connection. */
  readonly life: Lifecycle;
  /** The bytes that were received and not taken. */
  readonly buffer: LineReader = new LineReader(0);
  /** How many bytes are read at a time beyond those asked for: a handler's `rbufsize`. */
  readAhead = Infinity;
  /** How many bytes were ever received. */
  received = 0;
  #filling: Promise<void> | undefined;
  #idleSize = IDLE_READ_SIZE;
  #lastCount = 0;

  /**
   * Starts with an empty buffer.
   *
   * @param source Where the bytes come from.
   */
  constructor(source: ByteSource) {
    this.source = source;
    this.life = source.life ?? new Lifecycle();
  }

  /**
   * Puts bytes into the buffer, for a source in memory.
   *
   * @param bytes The bytes.
   */
  feed(bytes: Uint8Array): void {
    this.buffer.feed(bytes);
    this.received += bytes.length;
  }

  /**
   * Waits for more bytes. Callers that wait at the same time share one read: two reads
   * must never fill the same buffer.
   *
   * @param wanted How many bytes the caller can use.
   * @param needed How many of them it is certain to take, for handlers that don't read ahead.
   */
  fill(wanted: number, needed: number): Promise<void> {
    const until = this.#deadline();
    if (this.#filling !== undefined) {
      this.source.limitRead?.(until);
      return this.#filling;
    }
    const room = this.#room(this.#readSize(wanted, needed));
    return this.#filling = this.source.read(room, until)
      .then(this.#arrived, this.#failed);
  }

  /** Waits for more bytes without a deadline, to notice a client that leaves. */
  lookAhead(): Promise<void> {
    if (this.#filling !== undefined) return this.#filling;
    const { source } = this;
    const room = this.#room(
      Math.min(HEAD_READ_SIZE, Math.max(1, this.readAhead)),
    );
    return this.#filling = (source.lookAhead?.(room) ?? source.read(room))
      .then(this.#arrived, this.#failed);
  }

  /** The deadline of the present state. A head has one timeout in all, from its first byte. */
  #deadline(): number {
    const { life, source: { timeout } } = this;
    if (
      life.state === State.Head && life.until === Infinity &&
      typeof timeout === "number"
    ) life.until = performance.now() + timeout * 1000;
    return life.until;
  }

  /** How much to read at once: little while idle, then more the more comes, so that a stalled upload holds no large buffer. */
  #readSize(wanted: number, needed: number): number {
    if (this.readAhead !== Infinity) return Math.max(needed, this.readAhead);
    if (this.life.state === State.Idle) return this.#idleSize;
    const usual = Math.min(this.#lastCount * 4, READ_SIZE);
    return Math.max(HEAD_READ_SIZE, Math.min(wanted, usual));
  }

  #room(size: number): Uint8Array<ArrayBuffer> {
    const room = this.buffer.reserve(size);
    return size < room.length && this.readAhead !== Infinity
      ? room.subarray(0, size)
      : room;
  }

  readonly #arrived = (count: number | null): void => {
    this.#filling = undefined;
    if (count === null) return this.buffer.end();
    this.received += count;
    this.#lastCount = count;
    this.buffer.commit(count);
    if (this.life.state !== State.Idle) return;
    if (count === this.#idleSize && count < HEAD_READ_SIZE) this.#idleSize *= 2;
    this.life.on(Event.Byte);
  };

  readonly #failed = (error: unknown): never => {
    this.#filling = undefined;
    // The source has marked all but the errors of an idle connection.
    throw isTimeout(error) ? error : markDisconnect(error);
  };
}
