// Reproducible chance, and generators of text that resembles HTTP.

/** A pseudo-random source. Equal seeds give equal values on every machine. */
export class Random {
  #state: number;

  /**
   * Creates a source.
   *
   * @param seed Any integer; its low 32 bits count.
   */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** The next 32 bits: a counter whose bits are mixed by two multiplications. */
  next(): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x21f0_aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a_2d97);
    return (bits ^ (bits >>> 15)) >>> 0;
  }

  /** An integer from 0 to `below - 1`; 0 if there is none. */
  int(below: number): number {
    return below <= 1 ? 0 : this.next() % below;
  }

  /** An integer between two bounds, both included. */
  between(least: number, most: number): number {
    return least + this.int(most - least + 1);
  }

  /** `true` once in `times`. */
  oneIn(times: number): boolean {
    return this.int(times) === 0;
  }

  /** One item of a list, which must not be empty. */
  pick<Item>(items: ArrayLike<Item>): Item {
    return items[this.int(items.length)]!;
  }

  /** A list of up to `most` items. */
  list<Item>(most: number, item: (random: Random) => Item): Item[] {
    return Array.from({ length: this.int(most + 1) }, () => item(this));
  }
}

/**
 * Mixes a text into a seed, so that each property has its own sequence.
 *
 * @param seed The seed.
 * @param text The text.
 * @returns Another seed.
 */
export function seedFor(seed: number, text: string): number {
  let hash = seed >>> 0;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193) >>> 0;
  }
  return hash;
}

/** Makes one input. */
export type Generator<Input> = (random: Random) => Input;

/** Characters on which parsers disagree: controls, blanks of several kinds, delimiters, bytes beyond ASCII. */
export const ODD: readonly string[] = [
  ..."\0\x01\t\n\v\f\r\x1b\x1c\x1f !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\x7f",
  ..."\x80\x85\xa0\xad\xb2\xe9\xff",
  "\r\n",
  "a",
  "Z",
  "0",
  "9",
];

/** Characters that only decoded text can contain: wide characters, halves of pairs, characters that change with case or normalization. */
export const WIDE: readonly string[] = [
  ..."\u0100\u0130\u0131\u017f\u0301\u200b\u200c\u200f\u2028\u2029\u202e\u212a\ufeff\ufffd\uffff",
  "\u{1f600}",
  "\u{1f601}",
  "\ud800",
  "\udc00",
  "\u{10ffff}",
];

/**
 * Makes a generator that combines words from a list at random, with an odd character
 * here and there.
 *
 * @param words The words.
 * @param most The most words.
 * @param odd The odd characters.
 * @returns The generator.
 */
export function soup(
  words: readonly string[],
  most: number,
  odd: readonly string[] = ODD,
): Generator<string> {
  return (random) => {
    let text = "";
    const count = random.int(most + 1);
    for (let index = 0; index < count; index++) {
      text += random.oneIn(8) ? random.pick(odd) : random.pick(words);
    }
    return text;
  };
}

/**
 * Changes a text in one to three places: a piece is removed, repeated, moved, replaced
 * or another character inserted.
 *
 * @param random The source of chance.
 * @param text The text.
 * @param odd The characters to insert.
 * @returns The changed text.
 */
export function mutate(
  random: Random,
  text: string,
  odd: readonly string[] = ODD,
): string {
  for (let times = random.between(1, 3); times > 0; times--) {
    const start = random.int(text.length + 1);
    const end = start + random.int(Math.min(8, text.length - start) + 1);
    const [before, piece, after] = [
      text.slice(0, start),
      text.slice(start, end),
      text.slice(end),
    ];
    switch (random.int(5)) {
      case 0:
        text = before + after;
        break;
      case 1:
        text = before + piece + piece + after;
        break;
      case 2:
        text = before + random.pick(odd) + after;
        break;
      case 3:
        text = before + random.pick(odd) + piece + after;
        break;
      default:
        text = after + before + piece;
    }
  }
  return text;
}

/**
 * Makes a generator that combines three sources: random words, mutated examples, and the
 * beginning of one example with the end of another.
 *
 * @param words The words.
 * @param examples Valid inputs.
 * @param options The most words, and the odd characters.
 * @returns The generator.
 */
export function texts(
  words: readonly string[],
  examples: readonly string[],
  options: { most?: number; odd?: readonly string[] } = {},
): Generator<string> {
  const { most = 12, odd = ODD } = options;
  const words_ = soup(words, most, odd);
  return (random) => {
    if (examples.length === 0) return words_(random);
    const example = random.pick(examples);
    switch (random.int(5)) {
      case 0:
        return example;
      case 1:
      case 2:
        return mutate(random, example, odd);
      case 3: {
        const other = random.pick(examples);
        return example.slice(0, random.int(example.length + 1)) +
          other.slice(random.int(other.length + 1));
      }
      default:
        return words_(random);
    }
  };
}

/** A generator of any text, with odd and wide characters. */
export const anyText: Generator<string> = soup(
  ["a", "b", "C", "1", ".", "/", " ", "%", "%41", "é", ...WIDE],
  10,
);

/** Up to 24 bytes, as latin-1 text. */
export function anyBytes(random: Random): string {
  return Array.from(
    { length: random.int(25) },
    () => random.oneIn(2) ? random.pick(ODD) : chr(random.int(256)),
  ).join("");
}

function chr(code: number): string {
  return String.fromCharCode(code);
}

/**
 * Chooses positions at which to cut a text of any length.
 *
 * @param random The source of chance.
 * @returns The sizes of the pieces, used in turn.
 */
export function cuts(random: Random): number[] {
  if (random.oneIn(3)) return [1];
  return Array.from(
    { length: random.between(1, 4) },
    () => random.between(1, random.pick([2, 5, 20, 100])),
  );
}

/**
 * Cuts a text.
 *
 * @param text The text.
 * @param sizes Sizes of the pieces, used in turn; sizes below 1 count as 1.
 * @returns The pieces.
 */
export function cut(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = Math.max(1, sizes[turn % Math.max(1, sizes.length)] ?? 1);
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}
