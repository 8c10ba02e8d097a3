// What went wrong on a `TestSite`, for `check()`. Pure.

/** The most messages that are kept. */
const MAX_KEPT = 100;

/** Messages for `check()`, up to a number. */
export class Failures {
  #lines: string[] = [];
  #more = 0;

  get lines(): string[] {
    return this.#more === 0
      ? this.#lines
      : [...this.#lines, `and ${this.#more} more`];
  }

  add(line: string): void {
    if (this.#lines.length < MAX_KEPT) this.#lines.push(line);
    else this.#more++;
  }

  clear(): void {
    this.#lines = [];
    this.#more = 0;
  }
}

/**
 * Formats a part of the message of `check()`.
 *
 * @param title What the lines are.
 * @param lines The lines.
 * @returns The part; nothing without lines.
 */
export function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [`${title}:`, ...lines.map((line) => line.replace(/^/gm, "  "))];
}
