// The file of `--log-file`. A full disk loses log lines, but never stops the server.

// deno-lint-ignore-file no-console

import { flushLog, type LogDestination } from "../connection/log.ts";
import { repr } from "../text/repr.ts";
import { PROGRAM } from "./options.ts";

const LINE_FEED = 0x0a;

/** A file that log lines are appended to. Writing to it never throws. */
export class LogFile implements LogDestination, Disposable {
  readonly #path: string;
  #file: Deno.FsFile;
  /** Why the last write failed. */
  #failure: string | undefined;
  /** The number of bytes dropped since then. Nothing is kept in memory for later. */
  #lost = 0;
  /** Whether the file ends in the middle of a line. */
  #torn = false;

  /**
   * Opens a file, or creates it.
   *
   * @param path The file's path.
   * @throws {Error} If the file can't be opened for writing.
   */
  constructor(path: string) {
    this.#path = path;
    this.#file = open(path);
  }

  /**
   * Writes some of the bytes, or drops them on failure. The first failure is reported on
   * standard error; the file later says how much is missing.
   *
   * @param bytes The bytes.
   * @returns The number of bytes written or dropped.
   */
  writeSync(bytes: Uint8Array): number {
    try {
      if (this.#failure !== undefined) this.#noteLoss(this.#failure);
      return this.#write(bytes);
    } catch (error) {
      if (this.#failure === undefined) {
        this.#failure = messageOf(error);
        console.error(
          `${PROGRAM}: Cannot log to ${
            repr(this.#path)
          }: ${this.#failure}; lines are lost until there is space`,
        );
      }
      this.#lost += bytes.length;
      return bytes.length;
    }
  }

  /** Opens the path again after `logrotate` has renamed the file. */
  reopen(): void {
    // The lines until now belong in the old file.
    flushLog();
    try {
      const file = open(this.#path);
      this.#file.close();
      this.#file = file;
      this.#torn = false;
    } catch (error) {
      console.error(`${PROGRAM}: ${messageOf(error)}; the old file is kept`);
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** Writes how much is missing; throws while there is no space. */
  #noteLoss(reason: string): void {
    const start = this.#torn ? "\n" : "";
    const note = new TextEncoder().encode(
      `${start}${PROGRAM}: ${this.#lost} bytes of the log are missing: ${reason}\n`,
    );
    for (let at = 0; at < note.length;) at += this.#write(note.subarray(at));
    this.#failure = undefined;
    this.#lost = 0;
  }

  #write(bytes: Uint8Array): number {
    const written = this.#file.writeSync(bytes);
    // Retrying would loop forever.
    if (written === 0) throw new Deno.errors.WriteZero("nothing was written");
    this.#torn = bytes[written - 1] !== LINE_FEED;
    return written;
  }
}

function open(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { append: true, create: true });
  } catch (error) {
    throw new Error(`Cannot log to ${repr(path)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
