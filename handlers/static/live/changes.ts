// The changes so far, numbered. A page is sent with the number of the last one, and gets all
// later ones when it connects, so that none is lost in between. Pure.

/** The most files in a message; more reload every page. */
const MAX_FILES = 500;

/** How many messages are kept for pages that connect later. */
const MAX_MESSAGES = 100;

/** A change of files, as pages get it. */
export interface Message {
  /** Its number. */
  readonly g: number;
  /** The changed files, each by all its URL paths, the canonical one first; absent if every page is to reload. */
  readonly files?: readonly (readonly string[])[];
}

/** All changes since the process started. */
export class Changes {
  #last = 1;
  #messages: Message[] = [];

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
    const message: Message = files === "all" || files.length > MAX_FILES
      ? { g }
      : { g, files };
    this.#messages.push(message);
    if (this.#messages.length > MAX_MESSAGES) this.#messages.shift();
    return message;
  }

  /**
   * Returns what a page has missed.
   *
   * @param seen The number of the last change that it has seen.
   * @returns The messages in order. One that reloads the page, if it has missed more than are kept.
   */
  since(seen: number): readonly Message[] {
    const oldest = this.#last - this.#messages.length;
    if (seen < oldest) return [{ g: this.#last }];
    return this.#messages.slice(seen - oldest);
  }
}
