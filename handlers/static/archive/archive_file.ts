// The body of an archive, or parts of it, generated while it is sent. Only one file is
// open at a time, and only a block is in memory.

import { concat } from "@std/bytes/concat";
import { markDisconnect } from "../../../connection/errors.ts";
import { encodeLatin1 } from "../../../text/latin1.ts";
import { BLOCK, type SourceFile } from "../../source.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";
import type { BodyPart } from "../response/multipart.ts";
import { crc32, knownChecksum, rememberChecksum } from "./checksums.ts";
import { EntryFile, readSmall } from "./entry_file.ts";
import { type Layout, partAt } from "./layout.ts";
import { Pause } from "./pause.ts";
import { holdEntries, type WalkedEntry } from "./walk.ts";

/** The largest file that is read at once, in bytes. A larger one is read twice: for its checksum, then to be sent. */
const MAX_SMALL = BLOCK;

/** How many bytes of the tail are made at once. */
const TAIL_BLOCK = 64 * 1024;

/** An archive. */
export interface Archive {
  readonly layout: Layout;
  /** The entries of the layout, with their states. */
  readonly files: readonly WalkedEntry[];
  /** The served folder. */
  readonly folder: ServedFolder;
  /** Watches for the client to disconnect, if that is possible. */
  readonly watch?: (leave: () => void) => Disposable;
}

const NOTHING = new Uint8Array();

/** An archive, or parts of it. */
export class ArchiveFile implements SourceFile {
  /** The total size of the parts in bytes. */
  readonly size: number;
  readonly #archive: Archive;
  readonly #parts: BodyPart[];
  readonly #held: Disposable;
  readonly #pause = new Pause();
  /** The checksums of entries that were read for this response; `NaN` for the others. */
  readonly #sums: Float64Array;
  /** The current offset in the archive, and the end of the current slice. */
  #at = 0;
  #end = 0;
  /** Bytes to send next. */
  #piece: Uint8Array = NOTHING;
  /** The open file, and the index of its entry. */
  #file: EntryFile | undefined;
  #open = -1;
  /** How many bytes of it to send next. */
  #left = 0;
  #watching: Disposable | undefined;
  #gone = false;
  #closed = false;

  /**
   * Prepares to send parts of an archive.
   *
   * @param archive The archive.
   * @param parts The parts, in order.
   */
  constructor(archive: Archive, parts: readonly BodyPart[]) {
    this.#archive = archive;
    this.#parts = [...parts];
    this.#held = holdEntries(archive.files.length);
    this.#sums = new Float64Array(archive.files.length).fill(NaN);
    this.size = parts.reduce((sum, part) => sum + part.length, 0);
  }

  /**
   * Reads the next bytes.
   *
   * @param max The most bytes to read. Default: 256 KiB.
   * @returns The bytes, empty at the end.
   */
  async read(max: number = BLOCK): Promise<Uint8Array> {
    const block = new Uint8Array(max < 0 ? BLOCK : Math.min(max, BLOCK));
    return block.subarray(0, await this.readinto(block));
  }

  /**
   * Reads the next bytes into a buffer.
   *
   * @param into The buffer.
   * @returns How many bytes were read, 0 at the end.
   * @throws {Deno.errors.UnexpectedEof} A file has changed.
   * @throws {Error} A file can't be read just now, or the client has disconnected.
   */
  async readinto(into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const room = into.subarray(filled);
      if (this.#piece.length > 0) {
        filled += this.#takePiece(room);
      } else if (this.#left > 0) {
        filled += await this.#readData(room);
      } else {
        if (!this.#nextPart()) break;
        if (this.#piece.length > 0) continue;
        // Send what there is before a file is read for its checksum.
        if (filled > 0 && this.#mustReadAhead()) break;
        await this.#advance();
      }
    }
    return filled;
  }

  /** Closes the open file. Can be called more than once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file?.close();
    this.#watching?.[Symbol.dispose]();
    this.#held[Symbol.dispose]();
  }

  /** Closes the open file. */
  [Symbol.dispose](): void {
    this.close();
  }

  #takePiece(room: Uint8Array): number {
    const piece = this.#piece.subarray(0, room.length);
    room.set(piece);
    this.#piece = this.#piece.subarray(piece.length);
    return piece.length;
  }

  async #readData(room: Uint8Array): Promise<number> {
    const part = room.subarray(0, Math.min(room.length, this.#left));
    const count = await this.#file!.readinto(part, this.#left);
    this.#left -= count;
    this.#at += count;
    if (this.#left === 0) this.#closeEntry();
    return count;
  }

  /** Begins the next part if the current slice has ended. Returns `false` at the end. */
  #nextPart(): boolean {
    while (this.#at === this.#end) {
      const part = this.#parts.shift();
      if (part === undefined) return false;
      if (typeof part === "string") {
        this.#piece = encodeLatin1(part);
        return true;
      }
      this.#at = part.start;
      this.#end = part.start + part.length;
    }
    return true;
  }

  /** Whether a file must be read before the next byte is known. */
  #mustReadAhead(): boolean {
    const { layout, files } = this.#archive;
    const { headerAt, dataAt, tailAt } = layout;
    if (!layout.hasChecksums) return false;
    const inTail = this.#at >= tailAt[0]!;
    const index = partAt(inTail ? tailAt : headerAt, this.#at);
    const file = files[index];
    return file !== undefined && file.size > MAX_SMALL &&
      (inTail || this.#at < dataAt[index]!) && this.#sumOf(index) === undefined;
  }

  /** Prepares the bytes at the current offset. */
  async #advance(): Promise<void> {
    const { layout, files } = this.#archive;
    await this.#pause.whenDue();
    if (this.#at >= layout.tailAt[0]!) return await this.#makeTail();
    const index = partAt(layout.headerAt, this.#at);
    const { size } = files[index]!;
    const from = layout.headerAt[index]!;
    const next = layout.headerAt[index + 1]!;
    const data = layout.dataAt[index]!;
    if (size <= MAX_SMALL) {
      this.#take(this.#makeSmall(index), from);
    } else if (this.#at < data) {
      const sum = layout.hasChecksums ? await this.#checksum(index) : 0;
      this.#take(layout.header(index, sum), from);
    } else if (this.#at < data + size) {
      const file = await this.#openEntry(index);
      const length = Math.min(this.#end, data + size) - this.#at;
      await file.seek(this.#at - data, length);
      this.#left = length;
    } else {
      this.#take(new Uint8Array(next - data - size), data + size);
    }
  }

  /** Takes what the slice needs of bytes that begin at an offset of the archive. */
  #take(bytes: Uint8Array, from: number): void {
    const to = Math.min(this.#end - from, bytes.length);
    this.#piece = bytes.subarray(this.#at - from, to);
    this.#at += this.#piece.length;
  }

  /** A small file with its header and padding, or a folder. */
  #makeSmall(index: number): Uint8Array {
    const { layout, files, folder } = this.#archive;
    const entry = files[index]!;
    const from = layout.headerAt[index]!;
    const start = layout.dataAt[index]! - from;
    const bytes = new Uint8Array(layout.headerAt[index + 1]! - from);
    const content = bytes.subarray(start, start + entry.size);
    if (entry.size > 0) readSmall(folder, entry, content);
    const sum = layout.hasChecksums ? this.#note(index, crc32(content)) : 0;
    bytes.set(layout.header(index, sum));
    return bytes;
  }

  async #makeTail(): Promise<void> {
    const { layout, files } = this.#archive;
    const from = partAt(layout.tailAt, this.#at);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let i = from; i <= files.length && length < TAIL_BLOCK; i++) {
      const isEntry = i < files.length && layout.hasChecksums;
      const piece = layout.tail(i, isEntry ? await this.#checksum(i) : 0);
      pieces.push(piece);
      length += piece.length;
    }
    this.#take(concat(pieces), layout.tailAt[from]!);
  }

  #sumOf(index: number): number | undefined {
    const sum = this.#sums[index]!;
    return Number.isNaN(sum) ? knownChecksum(this.#archive.files[index]!) : sum;
  }

  #note(index: number, sum: number): number {
    this.#sums[index] = sum;
    rememberChecksum(this.#archive.files[index]!, sum);
    return sum;
  }

  async #checksum(index: number): Promise<number> {
    const known = this.#sumOf(index);
    if (known !== undefined) return known;
    const entry = this.#archive.files[index]!;
    if (entry.size <= MAX_SMALL) {
      await this.#pause.whenDue();
      const content = new Uint8Array(entry.size);
      readSmall(this.#archive.folder, entry, content);
      return this.#note(index, crc32(content));
    }
    // Nothing is written meanwhile, so a failed write can't reveal that the client is gone.
    this.#watching ??= this.#archive.watch?.(() => this.#gone = true);
    const file = await this.#openEntry(index);
    const sum = await file.checksum(() => !this.#gone && !this.#closed);
    if (sum === undefined) throw disconnected();
    return this.#note(index, sum);
  }

  async #openEntry(index: number): Promise<EntryFile> {
    if (this.#open === index && this.#file !== undefined) return this.#file;
    this.#closeEntry();
    const { folder, files } = this.#archive;
    const file = await EntryFile.open(folder, files[index]!);
    if (this.#closed) {
      file.close();
      throw disconnected();
    }
    this.#open = index;
    return this.#file = file;
  }

  #closeEntry(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

function disconnected(): unknown {
  return markDisconnect(
    new Deno.errors.ConnectionAborted(
      "The client disconnected before its archive was complete",
    ),
  );
}
