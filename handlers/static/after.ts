// Continuing with a value that may be a promise.

import type { MaybePromise } from "../../connection/files.ts";

/**
 * Continues at once, or when a promise is fulfilled, so that most requests need no promise.
 *
 * @typeParam T The value.
 * @typeParam U The result.
 * @param value The value, or a promise of it.
 * @param next What to do with it.
 * @returns The result, or a promise of it.
 */
export function after<T, U>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
