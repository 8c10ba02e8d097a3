// A turn: the microtasks that were queued when it began. They run in the order in which they were
// queued (ECMA-262 §9.5). So a request that is handled in a turn came before the turn began, and
// anything that an earlier request of the turn has seen is recent enough for it.

let turn = 0;
let isOpen = false;
let now = 0;
const settled = Promise.resolve();

/** Ends the turn: queued by its beginning, so it runs after all that had been queued by then. */
function end(): void {
  isOpen = false;
}

/**
 * The current turn, which begins at the first call.
 *
 * Code that runs between the arrival of a request and this call, such as an override of
 * `do_GET()`, may change what an earlier request of the turn has seen.
 *
 * @returns The number of the turn.
 */
export function currentTurn(): number {
  if (!isOpen) {
    isOpen = true;
    turn++;
    now = performance.now();
    void settled.then(end);
  }
  return turn;
}

/**
 * The time at the beginning of the current turn, for deadlines and dates.
 *
 * @returns Milliseconds on the `performance.now()` clock.
 */
export function turnNow(): number {
  currentTurn();
  return now;
}
