// The bytes received on a connection: one buffer, and one pending read that all its readers
// share. A read has the deadline of the connection's state.

import { LineReader } from "../parser/line_reader.ts";
import { isTimeout, markDisconnect } from "./errors.ts";
import { Event, Lifecycle, State } from "./lifecycle.ts";
import { HEAD_READ_SIZE, IDLE_READ_SIZE, READ_SIZE } from "./limits.ts";

/** Where bytes come from: a connection, or any object that reads like one. */
export interface ByteSource {
  /**
   * Reads the bytes that arrive next.
   *
   * @param into The buffer to fill.
   * @param until The deadline on the `performance.now()` clock.
   * @returns The number of bytes, or `null` at the end of the stream.
   */
  read(into: Uint8Array<ArrayBuffer>, until?: number): Promise<number | null>;
  /** How long a request head may take from its first byte, in seconds; `null` or absent for no limit. */
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
   * The state of the connection. A new one is created if absent.
   *
   * @internal
   */
  readonly life?: Lifecycle;
  /** Whether no further request should be read. */
  readonly stopping?: boolean;
}

/** The bytes received from a source and not yet consumed. */
export class Input {
  /** Where the bytes come from. */
  readonly source: ByteSource;
  /** The state of the connection. */
  readonly life: Lifecycle;
  /** The received, unconsumed bytes. */
  readonly buffer: LineReader = new LineReader(0);
  /** How many bytes to read beyond those asked for: a handler's `rbufsize`. */
  readAhead = Infinity;
  /** The total number of bytes received. */
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
   * Adds bytes to the buffer, for a source in memory.
   *
   * @param bytes The bytes.
   */
  feed(bytes: Uint8Array): void {
    this.buffer.feed(bytes);
    this.received += bytes.length;
  }

  /**
   * Waits for more bytes. Concurrent callers share one read, since two reads must never
   * fill the same buffer.
   *
   * @param wanted How many bytes the caller can use.
   * @param needed How many bytes it will certainly consume, for handlers that don't read
   * ahead.
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

  /** Waits for more bytes without a deadline, to notice a client that disconnects. */
  lookAhead(): Promise<void> {
    if (this.#filling !== undefined) return this.#filling;
    const { source } = this;
    const room = this.#room(
      Math.min(HEAD_READ_SIZE, Math.max(1, this.readAhead)),
    );
    return this.#filling = (source.lookAhead?.(room) ?? source.read(room))
      .then(this.#arrived, this.#failed);
  }

  /** The deadline of the current state. A whole head has one timeout, from its first byte. */
  #deadline(): number {
    const { life, source: { timeout } } = this;
    if (
      life.state === State.Head && life.until === Infinity &&
      typeof timeout === "number"
    ) life.until = performance.now() + timeout * 1000;
    return life.until;
  }

  /**
   * How much to read at once: little while idle, then more as more arrives, so that a
   * stalled upload holds no large buffer.
   */
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
    // The source has already marked its errors, except those of an idle connection.
    throw isTimeout(error) ? error : markDisconnect(error);
  };
}
