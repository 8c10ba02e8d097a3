// The changes so far, numbered. A page is sent with the number of the last one, and gets all
// later ones when it connects, so that none is lost in between. Pure.

/** The longest URL paths in a message, in characters; more reload every page. */
const MAX_LENGTH = 100_000;

/** The longest URL paths in the messages that are kept for pages that connect later. */
const MAX_KEPT_LENGTH = 200_000;

/** How many messages are kept. */
const MAX_MESSAGES = 100;

/** A change of files, as pages get it. */
export interface Message {
  /** Its number. */
  readonly g: number;
  /** The changed files, each by all its URL paths, the canonical one first; absent if every page is to reload. */
  readonly files?: readonly (readonly string[])[];
}

interface Kept {
  readonly message: Message;
  readonly length: number;
}

/** All changes since the process started. */
export class Changes {
  #last = 1;
  #kept: Kept[] = [];
  #length = 0;

  /** The number of the last change. */
  get last(): number {
    return this.#last;
  }

  /**
   * Adds a change.
   *
   * @param files The URL paths of each changed file; "all" if every page is to reload.
   * @returns The message for the open pages.
   */
  add(files: readonly (readonly string[])[] | "all"): Message {
    const g = ++this.#last;
    const length = files === "all" ? 0 : files.flat().join().length;
    const message: Message = files === "all" || length > MAX_LENGTH
      ? { g }
      : { g, files };
    this.#keep({ message, length: message.files === undefined ? 0 : length });
    return message;
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept);
    this.#length += kept.length;
    while (
      this.#kept.length > MAX_MESSAGES || this.#length > MAX_KEPT_LENGTH
    ) this.#length -= this.#kept.shift()!.length;
  }

  /**
   * Returns what a page has missed.
   *
   * @param seen The number of the last change that it has seen.
   * @returns The messages in order. One that reloads the page, if it has missed more than are kept.
   */
  since(seen: number): readonly Message[] {
    const oldest = this.#last - this.#kept.length;
    if (seen < oldest) return [{ g: this.#last }];
    return this.#kept.slice(seen - oldest).map(({ message }) => message);
  }
}
