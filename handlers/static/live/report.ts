// What a page reports: an error, or a rejected promise that nothing handled. Any page of the origin
// can send it, so it is bounded, escaped and limited in rate. Pure: the caller has the clock.

import { escapeControls } from "../../../text/log_text.ts";

/** The longest message that is shown, in characters. */
const MAX_MESSAGE = 1_000;

/** The longest path that is shown, in characters. */
const MAX_PAGE = 200;

/** How many reports are shown at once. */
const BURST = 20;

/** How often another one is shown, in milliseconds. */
const INTERVAL = 1_000;

/**
 * Line and paragraph separators, and characters that are not seen, such as tags and marks that
 * reorder text. Not U+200D, which joins emoji, after one.
 */
const MARKS =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d|(?!\u200d)[\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Escapes what could make a line look like another one: besides control characters also invisible
 * ones, as `\u{NNNN}`.
 *
 * @param text The text.
 * @returns One line.
 */
export function escapeMarks(text: string): string {
  return escapeControls(text).replace(
    MARKS,
    (mark) => `\\u{${mark.codePointAt(0)!.toString(16)}}`,
  );
}

/**
 * Formats a report.
 *
 * @param page The path of the page.
 * @param message The error.
 * @returns One line without control characters.
 */
export function formatReport(page: string, message: string): string {
  return `Error in ${shorten(page, MAX_PAGE)}: ${
    shorten(message.trim().replace(/\s*\n\s*/g, " | "), MAX_MESSAGE)
  }`;
}

function shorten(text: string, max: number): string {
  const whole = text.length <= max;
  const shown = whole ? text : text.slice(0, max);
  return escapeMarks(shown) + (whole ? "" : "...");
}

/** Limits the rate of reports. */
export class ReportLimit {
  #left = BURST;
  #since = -Infinity;
  #dropped = 0;

  /**
   * Counts a report.
   *
   * @param now The time in milliseconds.
   * @returns How many were dropped since the last one that was shown; `undefined` to drop this one too.
   */
  admit(now: number): number | undefined {
    const earned = Math.floor((now - this.#since) / INTERVAL);
    if (earned > 0) {
      this.#left = Math.min(BURST, this.#left + earned);
      this.#since = now;
    }
    if (this.#left === 0) {
      this.#dropped++;
      return undefined;
    }
    this.#left--;
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
