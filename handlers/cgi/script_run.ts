// Around a running script: the request's body goes in, standard error goes to the log,
// and the script is ended when its time is over or nobody waits for it any more.
// What it prints is the caller's to read.

import type { Connection } from "../../connection/connection.ts";
import { isDisconnect, isTimeout } from "../../connection/errors.ts";
import type { ReadableFile } from "../../connection/files.ts";
import { MAX_DELAY } from "../../connection/limits.ts";
import { ParseError } from "../../parser/errors.ts";
import type { LineReader } from "../../parser/line_reader.ts";
import { parseScriptHead, type ScriptHead } from "./script_head.ts";
import { type ScriptCommand, ScriptProcess } from "./script_process.ts";

/**
 * How long a script may go on after its client has ended its side, in milliseconds. Most
 * have left then; but one that only says that it sends no more is still answered.
 */
const LEAVE_TIME = 1_000;

/** After which time a script counts as not reading what it is given, in milliseconds. */
const STALLED = 500;

/** How many bytes are read ahead only to see whether the client leaves: as many as are read of a body that nobody wants. */
const READ_AHEAD = 262_144;

/** How many lines of standard error are logged for one request: enough for every traceback. */
const MAX_ERROR_LINES = 100;

/** What surrounds a script. */
export interface ScriptSurroundings {
  /** The connection that the request came by. */
  readonly connection: Connection;
  /** The request's body, `undefined` for none. */
  readonly body: ReadableFile | undefined;
  /** How long the script may run, in seconds; `null` is for ever. */
  readonly timeLimit: number | null;
  /**
   * Called with each line that the script prints to standard error.
   *
   * @param line The line, without its end.
   */
  onErrorLine(line: string): void;
}

/** A script that runs for a request. */
export class ScriptRun implements AsyncDisposable {
  /** The script. */
  readonly script: ScriptProcess;
  /** Whether it was ended since its time was over. */
  timedOut = false;
  /** Whether nobody waits for the answer any more. */
  abandoned = false;
  /** What was wrong with the request's body, as reading it told. */
  bodyError: unknown;

  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #closing: Disposable;
  readonly #connection: Connection;
  readonly #body: ReadableFile | undefined;
  #over = false;

  /**
   * Starts a script.
   *
   * @param command What to run.
   * @param surroundings What it runs for.
   * @throws {Error} Where the system can't start it.
   */
  constructor(command: ScriptCommand, surroundings: ScriptSurroundings) {
    const { connection, body, timeLimit, onErrorLine } = surroundings;
    this.#connection = connection;
    this.#body = body;
    this.script = new ScriptProcess(command);
    this.script.readErrors(MAX_ERROR_LINES, onErrorLine);
    this.#closing = connection.onClose(() => this.abandon());
    if (timeLimit !== null) {
      this.#later(timeLimit * 1000, () => {
        this.timedOut = true;
        this.script.kill();
      });
    }
    // It handles all its errors; the answer doesn't wait for a client that is slow to send.
    void this.#beside(this.#attend(body));
  }

  /**
   * Reads what the script says about its answer.
   *
   * @param output Where what it prints is gathered; what is behind the header stays there.
   * @returns What it says.
   * @throws {SyntaxError} Where it says nothing, or what can't be understood.
   */
  async readHead(output: LineReader): Promise<ScriptHead> {
    for (;;) {
      let block: string | undefined;
      try {
        block = output.readHeaderBlock();
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        throw new SyntaxError("the script sent too large a header");
      }
      if (block !== undefined) return parseScriptHead(block);
      const piece = await this.script.read();
      if (piece === undefined) output.end();
      else output.feed(piece);
    }
  }

  /** Ends the script, since nobody waits for it. */
  abandon(): void {
    this.abandoned = true;
    this.script.kill();
  }

  /** Ends what is still going on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    // The exchange must not wait for the rest of a body that the script doesn't read.
    this.#body?.close();
    this.#closing[Symbol.dispose]();
    await this.script.close();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Sends the body on; then waits for the client to leave. */
  async #attend(body: ReadableFile | undefined): Promise<void> {
    if (body !== undefined) await this.#feed(body);
    await this.#closeInput();
    await this.#watch(() => true);
  }

  /** Ends the script once its client has left, if that still matters then. */
  async #watch(matters: () => boolean): Promise<void> {
    const { rfile } = this.#connection;
    if (!await rfile.untilEnd(READ_AHEAD, () => !this.#over)) return;
    this.#later(LEAVE_TIME, () => {
      if (matters()) this.abandon();
    });
  }

  /** Does what goes on beside the answer, which nobody waits for. */
  async #beside(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (this.#over) return;
      // As in CPython, a body that stops coming is given as far as it came.
      if (isTimeout(error)) return await this.#closeInput();
      if (isDisconnect(error)) return this.abandon();
      this.bodyError = error;
      this.script.kill();
    }
  }

  async #feed(body: ReadableFile): Promise<void> {
    while (!this.#over) {
      const piece = await body.read1();
      if (piece.length === 0 || !await this.#give(piece)) return;
    }
  }

  /** Writes to the script; `false` where it reads no more. */
  async #give(piece: Uint8Array<ArrayBuffer>): Promise<boolean> {
    let waiting = true;
    // While it doesn't read, no read tells whether the client is still there.
    const stalled = setTimeout(
      () => void this.#beside(this.#watch(() => waiting)),
      STALLED,
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
      // It is closed already: by the script, or with the run.
      if (
        !(this.#over || error instanceof Deno.errors.BrokenPipe ||
          error instanceof TypeError)
      ) throw error;
    }
  }

  #later(delay: number, action: () => void): void {
    if (this.#over) return;
    this.#timers.add(setTimeout(action, Math.min(delay, MAX_DELAY)));
  }
}
