// Decimal digits of floating-point numbers as Python's %f, %e and %g give them.
// toFixed() and its kin round a tie away from zero where Python rounds it to the
// even digit, and change their form at 1e21, so this counts with exact integers.

const view = new DataView(new ArrayBuffer(8));

/** Takes a finite number >= 0 apart: it is `mantissa * 2 ** exponent`. */
function decompose(value: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  // A biased exponent of 0 marks the subnormal numbers (and zero).
  if (biased === 0) return { mantissa: fraction, exponent: -1074 };
  return { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

/** Computes `value * 10 ** power` exactly, rounded to the nearest, ties to even. */
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

/** Puts a point behind so many digits, if there are more or `keep` asks for it. */
function point(digits: string, places: number, keep: boolean): string {
  const fraction = digits.slice(places);
  if (fraction === "" && !keep) return digits;
  return digits.slice(0, places) + "." + fraction;
}

/** Finds the first `count` digits of a number and the power of the first one. */
function leading(
  value: number,
  count: number,
): { digits: string; power: number } {
  if (value === 0) return { digits: "0".repeat(count), power: 0 };
  // The logarithm may be off by one, and rounding may add a digit: begin with too
  // many digits, so that the first that are few enough are rounded rightly.
  let power = Math.floor(Math.log10(value)) - 1;
  for (;;) {
    const digits = String(scale(value, count - 1 - power));
    if (digits.length <= count) return { digits, power };
    power++;
  }
}

/** Joins digits and a power of ten, the power with a sign and two digits. */
function withPower(digits: string, power: number, keepPoint: boolean): string {
  const size = String(Math.abs(power)).padStart(2, "0");
  return `${point(digits, 1, keepPoint)}e${power < 0 ? "-" : "+"}${size}`;
}

/**
 * Writes a number with a fixed count of digits behind the point, as `%f`.
 *
 * @param value The number: finite and not negative.
 * @param precision How many digits follow the point.
 * @param keepPoint Whether a point stands even without digits behind it.
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
 * Writes a number with one digit before the point and a power of ten, as `%e`.
 *
 * @param value The number: finite and not negative.
 * @param precision How many digits follow the point.
 * @param keepPoint Whether a point stands even without digits behind it.
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
 * Writes a number in the shorter of the two forms, as `%g`.
 *
 * @param value The number: finite and not negative.
 * @param precision How many significant digits there are; 0 counts as 1.
 * @param keepZeros Whether zeros at the end and the point stay.
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
