// One timer for all deadlines of all connections. Moving a deadline only sets a field. The
// timer wakes at the earliest deadline it knows and checks all; most have moved by then, so
// it sleeps until the next.

import { type Link, LinkedList } from "../cache/linked_list.ts";
import { MAX_DELAY } from "./limits.ts";
import { Timer } from "./timers.ts";

/** A deadline, whose owner is notified when it passes. */
export interface Deadline {
  /** The deadline on the `performance.now()` clock, in milliseconds; `Infinity` for none. */
  at: number;
  /** Its place among the deadlines; set by `add()`. */
  link?: Link<Deadline> | undefined;
  /** Called once the deadline has passed; `at` is already reset to `Infinity`. */
  expire(): void;
}

/** The shortest delay of the timer, in milliseconds. */
const GRAIN = 10;

/** A set of deadlines that share one timer. */
export class Deadlines {
  readonly #members = new LinkedList<Deadline>();
  #timer: Timer | undefined;
  #wakes = Infinity;

  /**
   * Adds a deadline. Its `at` may be moved later without notice.
   *
   * @param deadline The deadline.
   */
  add(deadline: Deadline): void {
    deadline.link = this.#members.add(deadline);
  }

  /**
   * Removes a deadline. The timer stops when none is left.
   *
   * @param deadline The deadline.
   */
  delete(deadline: Deadline): void {
    if (deadline.link !== undefined) this.#members.delete(deadline.link);
    if (this.#members.size === 0) this.#sleep(Infinity);
  }

  /**
   * Moves a deadline. One that was removed starts no timer.
   *
   * @param deadline The deadline.
   * @param at The new time on the `performance.now()` clock, in milliseconds.
   */
  set(deadline: Deadline, at: number): void {
    deadline.at = at;
    if (at < this.#wakes && deadline.link?.value !== undefined) this.#sleep(at);
  }

  #sleep(until: number): void {
    this.#timer?.stop();
    this.#timer = undefined;
    this.#wakes = until;
    if (until === Infinity) return;
    const delay = Math.max(until - performance.now(), GRAIN);
    this.#timer = new Timer(() => this.#wake(), Math.min(delay, MAX_DELAY));
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
      // Computed last, since `expire()` may have moved or removed others.
      let next = Infinity;
      for (const { at } of this.#members) next = Math.min(next, at);
      this.#sleep(next);
    }
  }
}

/** The deadlines of this process's connections. */
export const deadlines: Deadlines = new Deadlines();
