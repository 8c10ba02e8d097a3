// Runs a script for a request: sends it the request body, logs its standard error, and kills it at
// its time limit or when the client disconnects. The caller reads the script's output.

import type { Connection } from "../../connection/connection.ts";
import { isDisconnect, isTimeout } from "../../connection/errors.ts";
import type { ReadableFile } from "../../connection/files.ts";
import { MAX_DELAY } from "../../connection/limits.ts";
import { ParseError } from "../../parser/errors.ts";
import type { LineReader } from "../../parser/line_reader.ts";
import { parseScriptHead, type ScriptHead } from "./script_head.ts";
import { type ScriptCommand, ScriptProcess } from "./script_process.ts";

/**
 * How long a script may run after the client has closed its side, in milliseconds. Most clients
 * have disconnected then, but one that only ended its sending side still reads the response.
 */
const HALF_CLOSE_TIME = 1_000;

/** How long a write to the script may wait before the client is watched for a disconnect, in milliseconds. */
const STALL_TIME = 500;

/** The most bytes to read ahead while watching for a disconnect. */
const READ_AHEAD = 262_144;

/** The most standard error lines that are logged for one request: enough for a traceback. */
const MAX_ERROR_LINES = 100;

/** The request that a script runs for. */
export interface ScriptContext {
  /** The connection of the request. */
  readonly connection: Connection;
  /** The request body; `undefined` for none. */
  readonly body: ReadableFile | undefined;
  /** The script's time limit in seconds; `null` for none. */
  readonly timeLimit: number | null;
  /**
   * Called with each line of the script's standard error.
   *
   * @param line The line, without its line ending.
   */
  onErrorLine(line: string): void;
}

/** A script that runs for a request. */
export class ScriptRun implements AsyncDisposable {
  /** The script. */
  readonly script: ScriptProcess;
  /** Whether the script was killed at its time limit. */
  timedOut = false;
  /** Whether the client disconnected or the connection was closed. */
  abandoned = false;
  /** The error from reading the request body, if any. */
  bodyError: unknown;

  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #closing: Disposable;
  readonly #connection: Connection;
  readonly #body: ReadableFile | undefined;
  #over = false;

  /**
   * Starts a script.
   *
   * @param command How to start it.
   * @param context The request that it runs for.
   * @throws {Error} If the system can't start it.
   */
  constructor(command: ScriptCommand, context: ScriptContext) {
    const { connection, body, timeLimit, onErrorLine } = context;
    this.#connection = connection;
    this.#body = body;
    this.script = new ScriptProcess(command);
    this.script.readErrors(MAX_ERROR_LINES, onErrorLine);
    this.#closing = connection.onClose(() => this.abandon());
    if (timeLimit !== null) {
      this.#schedule(timeLimit * 1000, () => {
        this.timedOut = true;
        this.script.kill();
      });
    }
    // Not awaited, so that the response doesn't wait for a slow upload. Handles its errors itself.
    void this.#inBackground(this.#sendInput(body));
  }

  /**
   * Reads the script's header.
   *
   * @param output Buffers the script's output. Output after the header stays in it.
   * @returns The parsed header.
   * @throws {SyntaxError} If the header is missing, malformed or too large.
   */
  async readHead(output: LineReader): Promise<ScriptHead> {
    for (;;) {
      let block: string | undefined;
      try {
        block = output.readHeaderBlock();
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        throw new SyntaxError("the script sent a header that is too large");
      }
      if (block !== undefined) return parseScriptHead(block);
      const piece = await this.script.read();
      if (piece === undefined) output.end();
      else output.feed(piece);
    }
  }

  /** Kills the script because the connection is gone. */
  abandon(): void {
    this.abandoned = true;
    this.script.kill();
  }

  /** Kills the script if it is still running, and stops all timers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    // Don't wait for the rest of a request body that the script doesn't read.
    this.#body?.close();
    this.#closing[Symbol.dispose]();
    await this.script.close();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Sends the request body to the script, then waits for the client to disconnect. */
  async #sendInput(body: ReadableFile | undefined): Promise<void> {
    if (body !== undefined) await this.#sendBody(body);
    await this.#closeInput();
    await this.#abandonOnDisconnect(() => true);
  }

  /** Kills the script after the client has closed its side, if `matters()` is still true then. */
  async #abandonOnDisconnect(matters: () => boolean): Promise<void> {
    const { rfile } = this.#connection;
    if (!await rfile.untilEnd(READ_AHEAD, () => !this.#over)) return;
    this.#schedule(HALF_CLOSE_TIME, () => {
      if (matters()) this.abandon();
    });
  }

  /** Handles the errors of work that is not awaited. */
  async #inBackground(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (this.#over) return;
      // As in CPython, a script gets the part of a stalled body that has arrived.
      if (isTimeout(error)) return await this.#closeInput();
      if (isDisconnect(error)) return this.abandon();
      this.bodyError = error;
      this.script.kill();
    }
  }

  async #sendBody(body: ReadableFile): Promise<void> {
    while (!this.#over) {
      const piece = await body.read1();
      if (piece.length === 0 || !await this.#writeInput(piece)) return;
    }
  }

  /** Writes to the script. Returns `false` if it has closed its input. */
  async #writeInput(piece: Uint8Array<ArrayBuffer>): Promise<boolean> {
    let waiting = true;
    // While the script doesn't read, the client isn't read either: watch for a disconnect.
    const stalled = setTimeout(
      () => void this.#inBackground(this.#abandonOnDisconnect(() => waiting)),
      STALL_TIME,
    );
    try {
      await this.script.stdin.write(piece);
      return true;
    } catch (error) {
      if (this.#over || error instanceof Deno.errors.BrokenPipe) return false;
      throw error;
    } finally {
      waiting = false;
      clearTimeout(stalled);
    }
  }

  async #closeInput(): Promise<void> {
    try {
      await this.script.stdin.close();
    } catch (error) {
      // Already closed, by the script or by the end of the run.
      if (
        !(this.#over || error instanceof Deno.errors.BrokenPipe ||
          error instanceof TypeError)
      ) throw error;
    }
  }

  #schedule(delay: number, action: () => void): void {
    if (this.#over) return;
    this.#timers.add(setTimeout(action, Math.min(delay, MAX_DELAY)));
  }
}
