// Decimal digits of floating-point numbers as in Python's %f, %e and %g. toFixed() and its
// relatives round ties away from zero, Python to even, and they change format at 1e21, so
// this uses exact integers.

const view = new DataView(new ArrayBuffer(8));

/** Splits a finite number >= 0 into `mantissa * 2 ** exponent`. */
function decompose(value: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  // A biased exponent of 0 marks the subnormal numbers (and zero).
  if (biased === 0) return { mantissa: fraction, exponent: -1074 };
  return { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

/** Computes `value * 10 ** power` exactly, rounding half to even. */
function scale(value: number, power: number): bigint {
  const { mantissa, exponent } = decompose(value);
  let above = mantissa;
  let below = 1n;
  if (exponent > 0) above <<= BigInt(exponent);
  else below <<= BigInt(-exponent);
  if (power > 0) above *= 10n ** BigInt(power);
  else below *= 10n ** BigInt(-power);
  const whole = above / below;
  const twiceRest = (above % below) * 2n;
  const up = twiceRest > below || (twiceRest === below && whole % 2n === 1n);
  return up ? whole + 1n : whole;
}

/** Inserts a decimal point after `places` digits, if digits follow or `keep` is set. */
function point(digits: string, places: number, keep: boolean): string {
  const fraction = digits.slice(places);
  if (fraction === "" && !keep) return digits;
  return digits.slice(0, places) + "." + fraction;
}

/** Returns the first `count` digits of a number, and the power of ten of the first. */
function leading(
  value: number,
  count: number,
): { digits: string; power: number } {
  if (value === 0) return { digits: "0".repeat(count), power: 0 };
  // The logarithm may be off by one, and rounding may add a digit: begin with too many
  // digits and reduce.
  let power = Math.floor(Math.log10(value)) - 1;
  for (;;) {
    const digits = String(scale(value, count - 1 - power));
    if (digits.length <= count) return { digits, power };
    power++;
  }
}

/** Joins digits and a power of ten, written with a sign and at least two digits. */
function withPower(digits: string, power: number, keepPoint: boolean): string {
  const size = String(Math.abs(power)).padStart(2, "0");
  return `${point(digits, 1, keepPoint)}e${power < 0 ? "-" : "+"}${size}`;
}

/**
 * Formats a number with a fixed number of decimals, like `%f`.
 *
 * @param value A finite number >= 0.
 * @param precision The number of decimals.
 * @param keepPoint Whether to write the point even without decimals.
 * @returns The digits.
 */
export function fixedDigits(
  value: number,
  precision: number,
  keepPoint: boolean,
): string {
  const digits = String(scale(value, precision)).padStart(precision + 1, "0");
  return point(digits, digits.length - precision, keepPoint);
}

/**
 * Formats a number with one digit before the point and a power of ten, like `%e`.
 *
 * @param value A finite number >= 0.
 * @param precision The number of decimals.
 * @param keepPoint Whether to write the point even without decimals.
 * @returns The digits and the power, such as "1.50e+03".
 */
export function powerDigits(
  value: number,
  precision: number,
  keepPoint: boolean,
): string {
  const { digits, power } = leading(value, precision + 1);
  return withPower(digits, power, keepPoint);
}

/**
 * Formats a number in the shorter of the two forms, like `%g`.
 *
 * @param value A finite number >= 0.
 * @param precision The number of significant digits; 0 counts as 1.
 * @param keepZeros Whether to keep trailing zeros and the point.
 * @returns The digits, with a power of ten for very large and small numbers.
 */
export function generalDigits(
  value: number,
  precision: number,
  keepZeros: boolean,
): string {
  const count = Math.max(precision, 1);
  const { digits, power } = leading(value, count);
  const short = power >= -4 && power < count;
  if (!short) {
    const kept = keepZeros ? digits : digits.replace(/(?<=.)0+$/, "");
    return withPower(kept, power, keepZeros);
  }
  const text = fixedDigits(value, count - 1 - power, keepZeros);
  if (keepZeros || !text.includes(".")) return text;
  return text.replace(/\.?0+$/, "");
}
