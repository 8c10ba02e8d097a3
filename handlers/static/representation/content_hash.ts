// A hash of a file's content for entity tags. It must distinguish states of a file that
// occur in practice, be the same on every machine, and be fast in plain JavaScript. It is
// not cryptographic: collisions can be constructed.

/** How many bytes are mixed at once: a 32-bit word for each part of the state. */
const STEP = 16;

// Odd numbers with scattered bits. Multiplying by an odd number is reversible.
const FACTORS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f] as const;
const SEEDS = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;

/** Rounds without input at the end, so that each input bit affects every part. */
const LAST_ROUNDS = 4;

/** A 128-bit hash of bytes that arrive in pieces. */
export class ContentHash {
  #a: number = SEEDS[0];
  #b: number = SEEDS[1];
  #c: number = SEEDS[2];
  #d: number = SEEDS[3];
  #length = 0;
  /** The bytes of an incomplete step. */
  readonly #rest = new Uint8Array(STEP);
  #pending = 0;

  /**
   * Adds bytes. It doesn't matter how they are split into pieces.
   *
   * @param bytes The next bytes.
   */
  update(bytes: Uint8Array): void {
    this.#length += bytes.length;
    let at = 0;
    if (this.#pending > 0) {
      at = Math.min(STEP - this.#pending, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#pending);
      this.#pending += at;
      if (this.#pending < STEP) return;
      this.#mix(this.#rest);
      this.#pending = 0;
    }
    const whole = bytes.length - (bytes.length - at) % STEP;
    if (whole > at) this.#mix(bytes.subarray(at, whole));
    this.#pending = bytes.length - whole;
    this.#rest.set(bytes.subarray(whole));
  }

  /**
   * Finishes the hash. Call it once.
   *
   * @returns 32 hexadecimal digits.
   */
  digest(): string {
    this.#rest.fill(0, this.#pending);
    // The length distinguishes padding from zeros in the content.
    const end = new Uint8Array(STEP * (2 + LAST_ROUNDS));
    end.set(this.#rest);
    new DataView(end.buffer).setFloat64(STEP, this.#length, true);
    this.#mix(end);
    return [this.#a, this.#b, this.#c, this.#d].map(scatter).map(toHex)
      .join("");
  }

  /** Mixes in complete steps. */
  #mix(bytes: Uint8Array): void {
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    const words = new Uint32Array(
      aligned.buffer,
      aligned.byteOffset,
      aligned.length / 4,
    );
    let [a, b, c, d] = [this.#a, this.#b, this.#c, this.#d];
    // Each line is reversible, so two states never become one, and adds the next part, so a
    // change spreads to all four.
    for (let at = 0; at < words.length; at += 4) {
      a = Math.imul(a ^ words[at]!, FACTORS[0]);
      a = ((a << 13) | (a >>> 19)) + b | 0;
      b = Math.imul(b ^ words[at + 1]!, FACTORS[1]);
      b = ((b << 15) | (b >>> 17)) + c | 0;
      c = Math.imul(c ^ words[at + 2]!, FACTORS[2]);
      c = ((c << 17) | (c >>> 15)) + d | 0;
      d = Math.imul(d ^ words[at + 3]!, FACTORS[3]);
      d = ((d << 11) | (d >>> 21)) + a | 0;
    }
    [this.#a, this.#b, this.#c, this.#d] = [a, b, c, d];
  }
}

/**
 * Hashes bytes in memory.
 *
 * @param bytes The bytes.
 * @returns 32 hexadecimal digits.
 *
 * @example Two contents
 * ```ts
 * import { assertNotEquals } from "@std/assert";
 *
 * const hash = (text: string) => hashContent(new TextEncoder().encode(text));
 * assertNotEquals(hash("a"), hash("b"));
 * ```
 */
export function hashContent(bytes: Uint8Array): string {
  const hash = new ContentHash();
  hash.update(bytes);
  return hash.digest();
}

/** Makes each bit of a word affect about half of its bits. */
function scatter(word: number): number {
  word = Math.imul(word ^ (word >>> 16), FACTORS[1]);
  word = Math.imul(word ^ (word >>> 13), FACTORS[2]);
  return (word ^ (word >>> 16)) >>> 0;
}

function toHex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
