// The secret path of a site: the first name of every path in it. It is a password in a URL, so it
// is compared in constant time and masked in the log. Pure.

/** Shown in the log in place of the secret. */
const MASK = "[secret]";

/** How many random bytes a secret has. */
const SIZE = 16;

/** A secret, as the first name of a path. */
export class Secret {
  /** The name. */
  readonly name: string;
  readonly #pattern: RegExp;

  /**
   * Prepares a secret.
   *
   * @param name Letters, digits, "-" and "_".
   */
  constructor(name: string) {
    this.name = name;
    this.#pattern = patternOf(name);
  }

  /**
   * Whether a name is the secret. Takes the same time for every name of its length.
   *
   * @param name The first decoded name of a path; `undefined` for none.
   * @returns `true` if it is.
   */
  matches(name: string = ""): boolean {
    let difference = name.length ^ this.name.length;
    for (let at = 0; at < this.name.length; at++) {
      difference |= name.charCodeAt(at) ^ this.name.charCodeAt(at);
    }
    return difference === 0;
  }

  /**
   * Removes the secret from a path.
   *
   * @param path The path, not decoded.
   * @returns The rest, with its slash; `undefined` if the path doesn't begin with the secret.
   */
  below(path: string): string | undefined {
    const end = this.name.length + 1;
    return path[0] === "/" && path[end] === "/" &&
        this.matches(path.slice(1, end))
      ? path.slice(end)
      : undefined;
  }

  /**
   * Replaces the secret in a text for the log, also if it is percent-encoded or cut off.
   *
   * @param text The text.
   * @returns The text with `[secret]`.
   */
  mask(text: string): string {
    return text.replace(this.#pattern, MASK);
  }

  /**
   * Masks each string among some values.
   *
   * @param values The values, such as the arguments of `log_error()`.
   * @returns The values.
   */
  maskAll(values: readonly unknown[]): unknown[] {
    return values.map((value) =>
      typeof value === "string" ? this.mask(value) : value
    );
  }
}

/**
 * Matches at least the first half of the secret: a long line is cut, and a link may be pasted
 * without its end, which would leave little to guess.
 */
function patternOf(name: string): RegExp {
  const pieces = Array.from(name, (character) => {
    const hex = character.charCodeAt(0).toString(16).replace(
      /[a-f]/,
      (digit) => `[${digit}${digit.toUpperCase()}]`,
    );
    return `(?:${character}|%${hex})`;
  });
  const half = Math.ceil(pieces.length / 2);
  const rest = pieces.slice(half).reduceRight(
    (inner, piece) => `(?:${piece}${inner})?`,
    "",
  );
  return new RegExp(pieces.slice(0, half).join("") + rest, "g");
}

/**
 * Makes a secret of 128 random bits.
 *
 * @returns 22 characters in base64url.
 */
export function randomSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SIZE));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
