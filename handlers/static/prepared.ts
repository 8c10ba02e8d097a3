// Responses that are ready to be sent again. The first response to a request goes through all
// hooks, and the bytes that leave are kept with the paths that were looked up for it. The same
// request, letter for letter, gets the same bytes with a fresh Date while each of these paths
// still shows the same file, or still shows none. So a response that was prepared is never stale.

import { ByteLru } from "../../cache/byte_lru.ts";
import { SETTLED } from "../../cache/settled.ts";
import { encodeLatin1 } from "../../text/latin1.ts";
import { httpDateNow } from "../clock.ts";
import { statSync } from "../file_stat.ts";
import { type Ingredients, sameIngredients } from "./ingredients.ts";
import type { Look } from "./lookup/served_folder.ts";

/** The most that all prepared responses take, in bytes: as much as the files they are made of. */
const MAX_TOTAL = 32 * 1024 * 1024;

/** The longest response to keep, in bytes. */
const MAX_RESPONSE = 256 * 1024;

/**
 * How long a response is sent again, in milliseconds. What is not looked up anew each time, such
 * as whether a symlink above the file still stays in the folder, is then decided again.
 */
const PREPARED_FOR = 1_000;

const DATE = "\r\nDate: ";

/** A response as it was written. */
export interface Written {
  /** The head and the parts of the body, in order. */
  readonly pieces: readonly (string | Uint8Array)[];
  readonly status: number;
  /** The value of `Content-Length`, if it has one. */
  readonly contentLength: number | undefined;
  /** The reason of an error response, for the log. */
  readonly refusal: string | undefined;
  readonly looks: readonly Look[];
  readonly ingredients: Ingredients;
}

/** A response that can be sent again. */
export class PreparedResponse {
  /** The response as it was written. */
  readonly written: Written;
  readonly #until: number;
  readonly #dateAt: number;
  #bytes: Uint8Array;
  #date: string;

  /**
   * Takes a response.
   *
   * @param written The response.
   * @param bytes Its bytes.
   * @param date The value of its Date field, and the offset of that.
   */
  constructor(
    written: Written,
    bytes: Uint8Array,
    date: { readonly text: string; readonly at: number },
  ) {
    this.written = written;
    this.#bytes = bytes;
    this.#date = date.text;
    this.#dateAt = date.at;
    this.#until = Date.now() + PREPARED_FOR;
  }

  /**
   * Whether the response is still right.
   *
   * @param ingredients What the handler would make it with now.
   * @returns `false` if any file, or anything of the handler, differs.
   */
  isCurrent(ingredients: Ingredients): boolean {
    const { looks, ingredients: ours } = this.written;
    return sameIngredients(ingredients, ours) && Date.now() < this.#until &&
      looks.every(isUnchanged);
  }

  /** The bytes with the present Date. They must not be changed. */
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
export const prepared: ByteLru<PreparedResponse> = new ByteLru(MAX_TOTAL);

/**
 * Keeps a response, if it would be the same a moment later.
 *
 * @param key The site and the request head.
 * @param written The response.
 */
export function keepResponse(key: string, written: Written): void {
  const [head, ...body] = written.pieces;
  // A server error is no fact about a file, and passes.
  if (written.status >= 500 || typeof head !== "string") return;
  if (!written.looks.every(isSettled)) return;
  const at = head.indexOf(DATE) + DATE.length;
  const text = httpDateNow();
  if (!head.startsWith(text, at)) return;
  const parts = [head, ...body].map((piece) =>
    typeof piece === "string" ? encodeLatin1(piece) : piece
  );
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  if (size > MAX_RESPONSE) return;
  const bytes = new Uint8Array(size);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  const { looks } = written;
  prepared.set(
    key,
    new PreparedResponse({ ...written, pieces: [] }, bytes, { text, at }),
    size + looks.length * LOOK_COST,
  );
}

/** What a look takes in memory, in bytes. */
const LOOK_COST = 512;

/** Whether a further change would show. */
function isSettled({ info }: Look): boolean {
  if (info === null) return true;
  const { mtime, ctime } = info;
  const changed = Math.max(mtime?.getTime() ?? NaN, ctime?.getTime() ?? NaN);
  return Date.now() - changed > SETTLED;
}

function isUnchanged({ path, info }: Look): boolean {
  if (info === null) return !exists(path);
  const now = statSync(path);
  return now !== null && now.isFile && now.size === info.size &&
    now.ino === info.ino && now.dev === info.dev && now.mode === info.mode &&
    now.mtime!.getTime() === info.mtime!.getTime() &&
    now.ctime!.getTime() === info.ctime!.getTime();
}

/** Much cheaper than a stat that throws. It is `false` for any failure, so it only confirms that a path is missing. */
let existsSync: ((path: string) => boolean) | undefined;

function exists(path: string): boolean {
  existsSync ??= globalThis.process.getBuiltinModule("node:fs").existsSync;
  return existsSync(path);
}
