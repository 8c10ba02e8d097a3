// Writes DER (X.690 §10): the values that certificates consist of. Pure. `server/der.ts` reads them.

/** Encoded values. */
export type Der = Uint8Array<ArrayBuffer>;

/** UTCTime can't express this year and later ones (RFC 5280 §4.1.2.5). */
const FIRST_GENERALIZED_YEAR = 2050;

/**
 * Joins bytes.
 *
 * @param parts The bytes.
 * @returns One array.
 */
export function concat(parts: readonly Uint8Array[]): Der {
  const joined = new Uint8Array(
    parts.reduce((total, { length }) => total + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * Encodes a value of any type.
 *
 * @param type The identifier octet.
 * @param parts The contents octets.
 * @returns The encoding.
 */
export function value(type: number, ...parts: readonly Uint8Array[]): Der {
  const content = concat(parts);
  return concat([new Uint8Array([type, ...lengthOf(content)]), content]);
}

/** Encodes a length in its short or long form (X.690 §8.1.3). */
function lengthOf({ length }: Uint8Array): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) {
    octets.unshift(rest % 256);
  }
  return [0x80 | octets.length, ...octets];
}

/**
 * Encodes a sequence.
 *
 * @param elements Its elements.
 * @returns The encoding.
 */
export function sequence(...elements: readonly Uint8Array[]): Der {
  return value(0x30, ...elements);
}

/**
 * Encodes a set with one element, which needs no order.
 *
 * @param element The element.
 * @returns The encoding.
 */
export function set(element: Uint8Array): Der {
  return value(0x31, element);
}

/**
 * Encodes a value with a tag of its context.
 *
 * @param tag The number of the tag, below 31.
 * @param constructed Whether it contains encoded values.
 * @param parts The contents octets.
 * @returns The encoding.
 */
export function tagged(
  tag: number,
  constructed: boolean,
  ...parts: readonly Uint8Array[]
): Der {
  return value((constructed ? 0xa0 : 0x80) | tag, ...parts);
}

/**
 * Encodes an unsigned integer.
 *
 * @param octets Its octets, the highest first.
 * @returns The encoding, which is as short as possible (X.690 §8.3.2).
 */
export function unsigned(octets: Uint8Array): Der {
  const first = octets.findIndex((octet) => octet !== 0);
  if (first < 0) return value(0x02, new Uint8Array(1));
  // A set highest bit would mean a negative number.
  const sign = octets[first]! >= 0x80 ? 1 : 0;
  return value(0x02, new Uint8Array(sign), octets.subarray(first));
}

/**
 * Encodes an object identifier.
 *
 * @param text Its numbers, with dots between them.
 * @returns The encoding.
 */
export function identifier(text: string): Der {
  const [first = 0, second = 0, ...others] = text.split(".").map(Number);
  const octets = [first * 40 + second, ...others].flatMap(inBase128);
  return value(0x06, new Uint8Array(octets));
}

/** Seven bits in each octet; all but the last have the highest bit set (X.690 §8.19.2). */
function inBase128(number: number): number[] {
  const octets = [number % 128];
  for (let rest = Math.floor(number / 128); rest > 0;) {
    octets.unshift(rest % 128 | 0x80);
    rest = Math.floor(rest / 128);
  }
  return octets;
}

/**
 * Encodes a string of octets.
 *
 * @param parts The octets.
 * @returns The encoding.
 */
export function octets(...parts: readonly Uint8Array[]): Der {
  return value(0x04, ...parts);
}

/**
 * Encodes a string of bits.
 *
 * @param bytes The bits, the first one highest.
 * @param unused How many bits of the last byte don't count.
 * @returns The encoding.
 */
export function bits(bytes: Uint8Array, unused = 0): Der {
  return value(0x03, new Uint8Array([unused]), bytes);
}

/**
 * Encodes `TRUE`. DER omits `FALSE` as a default.
 *
 * @returns The encoding.
 */
export function yes(): Der {
  return value(0x01, new Uint8Array([0xff]));
}

/**
 * Encodes text as UTF8String.
 *
 * @param text The text.
 * @returns The encoding.
 */
export function utf8(text: string): Der {
  return value(0x0c, new TextEncoder().encode(text));
}

/**
 * Encodes a time, in whole seconds, with the type that certificates require for its year.
 *
 * @param time Milliseconds since 1970.
 * @returns The encoding.
 */
export function time(time: number): Der {
  const text = new Date(time).toISOString().replace(/\.\d+|[-:T]/g, "");
  const digits = new TextEncoder().encode(text);
  return Number(text.slice(0, 4)) < FIRST_GENERALIZED_YEAR
    ? value(0x17, digits.subarray(2))
    : value(0x18, digits);
}
