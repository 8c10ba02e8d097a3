// Prepared responses. The first response to a request goes through all hooks, and its bytes are
// cached with the paths that were looked up for it. An identical request gets the same bytes with
// a fresh Date, as long as each path still has the same file, or is still missing.

import { concat } from "@std/bytes/concat";
import { ByteLru } from "../../cache/byte_lru.ts";
import { currentTurn } from "../../connection/turn.ts";
import { encodeLatin1 } from "../../text/latin1.ts";
import { cacheBudget } from "../../cache/shared_budget.ts";
import { httpDateNow } from "../clock.ts";
import { isSettled, statSync } from "../file_stat.ts";
import { type Ingredients, sameIngredients } from "./ingredients.ts";
import type { Look } from "./lookup/served_folder.ts";

/** The longest response to keep, in bytes. */
const MAX_RESPONSE = 256 * 1024;

/**
 * How long a prepared response is used, in milliseconds. After that, the checks that are not
 * repeated for each request run again, such as the one for symlinks in the path's directories.
 */
const PREPARED_FOR = 1_000;

const DATE = "\r\nDate: ";

/** As `wfile` encodes text. */
const encoder = new TextEncoder();

/** A path that was looked up, and what tells whether it has changed; less than its whole info. */
interface KeptLook {
  readonly path: string;
  /** `null` if it was missing. */
  readonly seen: {
    readonly isFile: boolean;
    readonly size: number;
    readonly ino: number | null;
    readonly dev: number;
    readonly mode: number | null;
    readonly mtime: number | undefined;
    readonly ctime: number | undefined;
  } | null;
}

/** A response that was sent, except its bytes. */
export interface Written {
  readonly status: number;
  /** The value of `Content-Length`, if it has one. */
  readonly contentLength: number | undefined;
  /** The reason of an error response, for the log. */
  readonly refusal: string | undefined;
  readonly ingredients: Ingredients;
}

/** A response that can be sent again. */
export class PreparedResponse {
  /** The response as it was written. */
  readonly written: Written;
  readonly #looks: readonly KeptLook[];
  readonly #until: number;
  readonly #dateAt: number;
  #bytes: Uint8Array;
  #date: string;
  /** The turn of the last successful check. */
  #checkedIn = 0;

  /**
   * Creates a prepared response.
   *
   * @param written The response.
   * @param looks The paths that were looked up for it.
   * @param bytes Its bytes.
   * @param date The value of its Date field, and the offset of that.
   */
  constructor(
    written: Written,
    looks: readonly Look[],
    bytes: Uint8Array,
    date: { readonly text: string; readonly at: number },
  ) {
    this.written = written;
    this.#looks = looks.map(keptLook);
    this.#bytes = bytes;
    this.#date = date.text;
    this.#dateAt = date.at;
    this.#until = Date.now() + PREPARED_FOR;
  }

  /**
   * Whether the response is still correct.
   *
   * @param ingredients The current fields of the handler.
   * @param inTurn Whether the requests of a turn share one look at the files.
   * @returns `false` if a file or a field has changed, or the response is too old.
   */
  isCurrent(ingredients: Ingredients, inTurn: boolean): boolean {
    if (!sameIngredients(ingredients, this.written.ingredients)) return false;
    if (inTurn && currentTurn() === this.#checkedIn) return true;
    if (Date.now() >= this.#until || !this.#looks.every(isUnchanged)) {
      return false;
    }
    this.#checkedIn = currentTurn();
    return true;
  }

  /** The bytes, with the current Date. Don't modify them. */
  get bytes(): Uint8Array {
    const date = httpDateNow();
    if (date !== this.#date) {
      // A copy, since the old bytes may still be in transit.
      this.#bytes = this.#bytes.slice();
      this.#bytes.set(encodeLatin1(date), this.#dateAt);
      this.#date = date;
    }
    return this.#bytes;
  }
}

/** The prepared responses of all sites, by site and request head. */
export const prepared: ByteLru<PreparedResponse> = new ByteLru(cacheBudget);

/**
 * Caches a response, unless it may differ a moment later.
 *
 * @param key The site and the request head.
 * @param pieces The head and the parts of the body, in order.
 * @param written The response.
 * @param looks The paths that were looked up for it.
 */
export function keepResponse(
  key: string,
  pieces: readonly (string | Uint8Array)[],
  written: Written,
  looks: readonly Look[],
): void {
  const [head] = pieces;
  // A server error says nothing about the file, and is temporary.
  if (written.status >= 500 || typeof head !== "string") return;
  // A further change might not show.
  const settled = looks.every(({ info }) => info === null || isSettled(info));
  if (!settled) return;
  const at = head.indexOf(DATE) + DATE.length;
  const text = httpDateNow();
  if (!head.startsWith(text, at)) return;
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  if (size > Math.min(MAX_RESPONSE, cacheBudget.max)) return;
  const bytes = concat(
    pieces.map((piece) =>
      typeof piece === "string" ? encoder.encode(piece) : piece
    ),
  );
  const response = new PreparedResponse(written, looks, bytes, { text, at });
  prepared.set(key, response, size + OVERHEAD + looks.length * LOOK_COST);
}

/** The memory that a response takes beside its bytes, and a look, in bytes; measured. */
const OVERHEAD = 1_024;
const LOOK_COST = 256;

function keptLook({ path, info }: Look): KeptLook {
  if (info === null) return { path, seen: null };
  const { isFile, size, ino, dev, mode, mtime, ctime } = info;
  const times = { mtime: mtime?.getTime(), ctime: ctime?.getTime() };
  return { path, seen: { isFile, size, ino, dev, mode, ...times } };
}

function isUnchanged({ path, seen }: KeptLook): boolean {
  if (seen === null) return !exists(path);
  let now: Deno.FileInfo | null;
  try {
    now = statSync(path);
  } catch {
    // The look-up that follows fails as well, and sends the right error.
    return false;
  }
  return now !== null && now.isFile === seen.isFile && now.size === seen.size &&
    now.ino === seen.ino && now.dev === seen.dev && now.mode === seen.mode &&
    now.mtime?.getTime() === seen.mtime && now.ctime?.getTime() === seen.ctime;
}

/** Much cheaper than a stat that throws. It is `false` for any failure, so it only confirms that a path is missing. */
let existsSync: ((path: string) => boolean) | undefined;

function exists(path: string): boolean {
  existsSync ??= globalThis.process.getBuiltinModule("node:fs").existsSync;
  return existsSync(path);
}
