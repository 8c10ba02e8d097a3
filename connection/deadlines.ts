// One timer for every deadline of every connection. Moving a deadline is a field
// write; the timer wakes at the earliest that it knew of and looks at them all.
// Most deadlines have moved on by then, so it sleeps again till the next.

import { MAX_DELAY } from "./limits.ts";

/** Something that waits at most until a moment, of which the owner is told. */
export interface Deadline {
  /** The moment on the `performance.now()` clock, in milliseconds; `Infinity` while nothing waits. */
  at: number;
  /** Called once the moment has passed; `at` is `Infinity` by then. */
  expire(): void;
}

/** The timer is not set more finely than this, in milliseconds. */
const GRAIN = 10;

/** A set of deadlines over one timer. */
export class Deadlines {
  readonly #members = new Set<Deadline>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakes = Infinity;

  /**
   * Adds a deadline; its `at` may change from now on without notice.
   *
   * @param deadline The deadline.
   */
  add(deadline: Deadline): void {
    this.#members.add(deadline);
  }

  /**
   * Removes a deadline; without any, no timer runs.
   *
   * @param deadline The deadline.
   */
  delete(deadline: Deadline): void {
    this.#members.delete(deadline);
    if (this.#members.size === 0) this.#sleep(Infinity);
  }

  /**
   * Sets a member's moment; for one that was removed, no timer runs.
   *
   * @param deadline A deadline.
   * @param at The moment on the `performance.now()` clock, in milliseconds.
   */
  set(deadline: Deadline, at: number): void {
    deadline.at = at;
    if (at < this.#wakes && this.#members.has(deadline)) this.#sleep(at);
  }

  #sleep(until: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wakes = until;
    if (until === Infinity) return;
    const delay = Math.max(until - performance.now(), GRAIN);
    this.#timer = setTimeout(() => this.#wake(), Math.min(delay, MAX_DELAY));
  }

  #wake(): void {
    const now = performance.now();
    try {
      for (const deadline of [...this.#members]) {
        if (deadline.at > now) continue;
        deadline.at = Infinity;
        deadline.expire();
      }
    } finally {
      // Only now, as an expired one may have set or removed others.
      let next = Infinity;
      for (const { at } of this.#members) next = Math.min(next, at);
      this.#sleep(next);
    }
  }
}

/** The deadlines of this process's connections. */
export const deadlines: Deadlines = new Deadlines();
