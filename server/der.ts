// Reads DER (X.690 §10), the encoding of keys and certificates, value by value. Pure. A library for
// all of ASN.1 takes as long to import as an eighth of a start, and few runs need it.

/** The identifier octets of the types that occur in encrypted keys (X.690 §8). */
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const SEQUENCE = 0x30;

/** The most octets of a length: files have at most 1 MiB. */
const MAX_LENGTH_OCTETS = 4;

/** The most octets of a number. Those of keys have a few; converting a huge one takes long. */
const MAX_NUMBER_OCTETS = 64;

/** One value of any type. */
export interface DerValue {
  /** The identifier octet. */
  readonly type: number;
  /** The contents octets. */
  readonly content: Uint8Array;
  /** The whole encoding. */
  readonly encoded: Uint8Array;
}

/** Reads consecutive values. Every method throws a SyntaxError if the next value is not as expected. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /**
   * Creates a reader.
   *
   * @param bytes The encoded values.
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * Reads a sequence.
   *
   * @returns A reader of its elements.
   */
  sequence(): DerReader {
    return new DerReader(this.#content(SEQUENCE));
  }

  /**
   * Reads an integer.
   *
   * @returns The integer.
   */
  integer(): bigint {
    const octets = this.#number(INTEGER);
    let value = BigInt.asIntN(8, BigInt(octets[0]!));
    for (const octet of octets.subarray(1)) value = value << 8n | BigInt(octet);
    return value;
  }

  /**
   * Reads a string of octets.
   *
   * @returns The octets.
   */
  octets(): Uint8Array {
    return this.#content(OCTET_STRING);
  }

  /**
   * Reads an object identifier.
   *
   * @returns Its numbers, with dots between them.
   */
  identifier(): string {
    const octets = this.#number(OBJECT_IDENTIFIER);
    if (octets.at(-1)! >= 0x80) throw malformed();
    const numbers: bigint[] = [];
    let number = 0n;
    for (const octet of octets) {
      number = number << 7n | BigInt(octet & 0x7f);
      if (octet >= 0x80) continue;
      numbers.push(number);
      number = 0n;
    }
    // The first one contains two numbers (X.690 §8.19.4).
    const [both = 0n, ...others] = numbers;
    const first = both < 80n ? both / 40n : 2n;
    return [first, both - first * 40n, ...others].join(".");
  }

  /**
   * Reads a value of any type.
   *
   * @returns The value.
   */
  any(): DerValue {
    const start = this.#at;
    const type = this.#octet();
    const length = this.#length();
    const content = this.#at;
    if (length > this.#bytes.length - content) throw malformed();
    this.#at += length;
    return {
      type,
      content: this.#bytes.subarray(content, this.#at),
      encoded: this.#bytes.subarray(start, this.#at),
    };
  }

  /**
   * Reads a value of one type.
   *
   * @param type Its identifier octet.
   * @returns The value; `undefined` if the next one has another type, and at the end.
   */
  optional(type: number): DerValue | undefined {
    return this.#bytes[this.#at] === type ? this.any() : undefined;
  }

  /**
   * Whether the next value is an integer.
   *
   * @returns `false` for another value, and at the end.
   */
  isInteger(): boolean {
    return this.#bytes[this.#at] === INTEGER;
  }

  /**
   * Whether all values have been read.
   *
   * @returns Whether they have.
   */
  isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Checks that all values have been read. */
  end(): void {
    if (!this.isAtEnd()) throw malformed();
  }

  #number(type: number): Uint8Array {
    const octets = this.#content(type);
    if (octets.length < 1 || octets.length > MAX_NUMBER_OCTETS) {
      throw malformed();
    }
    return octets;
  }

  #content(type: number): Uint8Array {
    const value = this.optional(type);
    if (value === undefined) throw malformed();
    return value.content;
  }

  /** Reads a length in its short or long form (X.690 §8.1.3). */
  #length(): number {
    const first = this.#octet();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_OCTETS) throw malformed();
    let length = 0;
    for (let at = 0; at < count; at++) length = length * 256 + this.#octet();
    return length;
  }

  #octet(): number {
    const octet = this.#bytes[this.#at++];
    if (octet === undefined) throw malformed();
    return octet;
  }
}

function malformed(): SyntaxError {
  return new SyntaxError("Cannot read DER: it is malformed");
}
