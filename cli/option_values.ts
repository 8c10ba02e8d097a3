// The values of the arguments.

/** The values of the given options, by long name. */
export interface OptionValues {
  /**
   * Returns the value of an option.
   *
   * @param name The long name.
   * @returns The value, `undefined` if not given.
   */
  text(name: string): string | undefined;
  /**
   * Returns the values of an option that may be repeated.
   *
   * @param name The long name.
   * @returns The values in order; empty if not given.
   */
  texts(name: string): readonly string[];
  /**
   * Whether a switch was given.
   *
   * @param name The long name.
   * @returns Whether it was given.
   */
  has(name: string): boolean;
}

/**
 * Whether an option was given.
 *
 * @param values The arguments.
 * @param name The long name.
 * @returns Whether it was given.
 */
export function isGiven(values: OptionValues, name: string): boolean {
  return values.has(name) || values.texts(name).length > 0;
}
