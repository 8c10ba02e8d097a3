// Reads request heads from any object with Python's `readline()`, such as an in-memory file
// in a test, or a wrapper that replaced `rfile` in `setup()`.

import { LineReader, MAX_LINE } from "../parser/line_reader.ts";
import type { HeadReader, ReadableFile } from "./files.ts";

const BLANK_LINE = new Uint8Array([13, 10]);

/** Reads request heads from a file. */
export class FileHeads implements HeadReader {
  /** The file. */
  readonly file: ReadableFile;
  /** Whether the end of the file ends a head, as in CPython. The end of a socket never does. */
  endsAtEnd = false;
  /** The total length of the skipped empty lines, in bytes. */
  skipped = 0;

  /**
   * Reads heads from a file.
   *
   * @param file The file.
   */
  constructor(file: ReadableFile) {
    this.file = file;
  }

  /**
   * Reads a request line as Latin-1 text, skipping a few empty lines before it.
   *
   * @returns The line with its line end; empty at the end of the file.
   */
  async readRequestLine(): Promise<string> {
    const buffer = new LineReader(1_024);
    for (;;) {
      const bytes = await this.file.readline(MAX_LINE + 1);
      if (bytes.length > 0) buffer.feed(bytes);
      else buffer.end();
      const line = buffer.readRequestLine();
      if (line !== undefined) return line;
      this.skipped += bytes.length;
    }
  }

  /**
   * Reads header lines up to and including the blank one.
   *
   * @returns The block as Latin-1 text; incomplete if a socket ended.
   * @throws {ParseError} 431 if the block is too large.
   */
  async readHeaderBlock(): Promise<string> {
    const buffer = new LineReader(1_024);
    for (;;) {
      const line = await this.file.readline(MAX_LINE + 1);
      if (line.length > 0) buffer.feed(line);
      else if (this.endsAtEnd) buffer.feed(BLANK_LINE);
      else buffer.end();
      const block = buffer.readHeaderBlock();
      if (block !== undefined) return block;
    }
  }
}
