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
  // Marks that reorder text would show a line that was not sent.
  const plain = shown.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
  return escapeControls(plain) + (whole ? "" : "...");
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
