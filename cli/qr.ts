// QR codes (ISO/IEC 18004) for URLs: byte mode, versions 1 to 6, error correction level L. A
// package would be fetched by every `deno run`, also by those without `--qr`.

// deno-lint-ignore-file no-console

import { PROGRAM } from "./options.ts";

/** For each version: the codewords for data, those for error correction in each block, and the blocks. */
const VERSIONS = [
  { data: 19, correction: 7, blocks: 1 },
  { data: 34, correction: 10, blocks: 1 },
  { data: 55, correction: 15, blocks: 1 },
  { data: 80, correction: 20, blocks: 1 },
  { data: 108, correction: 26, blocks: 1 },
  { data: 136, correction: 18, blocks: 2 },
] as const;

/** How many light modules surround the code. Four are the standard's; two are enough for cameras. */
const QUIET_ZONE = 2;

/** Whether a mask inverts a module. */
const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => (x * y) % 2 + (x * y) % 3 === 0,
  (x, y) => ((x * y) % 2 + (x * y) % 3) % 2 === 0,
  (x, y) => ((x + y) % 2 + (x * y) % 3) % 2 === 0,
];

/** Prints the code of a URL, or one line on standard error if the terminal is too narrow. */
export function printQr(url: string): void {
  const modules = encodeQr(url);
  const terminal = Deno.stdout.isTerminal();
  const width = modules.length + 2 * QUIET_ZONE;
  if (terminal && Deno.consoleSize().columns < width) {
    console.error(
      `${PROGRAM}: Cannot print the QR code: the terminal must have ${width} columns`,
    );
    return;
  }
  console.log(drawQr(modules, terminal && !Deno.noColor).join("\n"));
}

/**
 * Encodes a text. Pure.
 *
 * @param text The text, of at most 134 bytes in UTF-8.
 * @returns The rows; `true` is a dark module.
 * @throws {RangeError} If the text is too long.
 */
export function encodeQr(text: string): boolean[][] {
  const bytes = new TextEncoder().encode(text);
  // Two bytes hold the mode, the length and the end.
  const version = 1 +
    VERSIONS.findIndex(({ data }) => bytes.length + 2 <= data);
  if (version === 0) {
    throw new RangeError(
      `Cannot encode ${bytes.length} bytes in a QR code: the limit is 134`,
    );
  }
  const codewords = withCorrection(dataCodewords(bytes, version), version);
  const candidates = MASKS.map((_, mask) => draw(codewords, version, mask));
  return candidates.reduce((best, next) =>
    penalty(next) < penalty(best) ? next : best
  );
}

/**
 * Draws a code with two rows of modules a line, light on dark. Pure.
 *
 * @param modules The rows.
 * @param color Whether to set the colors, so that it also scans on a light terminal.
 * @returns The lines.
 */
export function drawQr(
  modules: readonly (readonly boolean[])[],
  color: boolean,
): string[] {
  const size = modules.length + 2 * QUIET_ZONE;
  const light = (x: number, y: number) =>
    !(modules[y - QUIET_ZONE]?.[x - QUIET_ZONE] ?? y >= size);
  const lines: string[] = [];
  for (let y = 0; y < size; y += 2) {
    const line = Array.from({ length: size }, (_, x) => {
      const lower = light(x, y + 1);
      return light(x, y) ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }).join("");
    lines.push(color ? `\x1b[97;40m${line}\x1b[0m` : line);
  }
  return lines;
}

/** Packs the bytes, and pads them. */
function dataCodewords(bytes: Uint8Array, version: number): number[] {
  const nibbles = [4, bytes.length >> 4, bytes.length & 15];
  for (const byte of bytes) nibbles.push(byte >> 4, byte & 15);
  nibbles.push(0);
  const packed: number[] = [];
  for (let at = 0; at < nibbles.length; at += 2) {
    packed.push(nibbles[at]! << 4 | nibbles[at + 1]!);
  }
  const { data } = VERSIONS[version - 1]!;
  for (let pad = 0xec; packed.length < data; pad ^= 0xec ^ 0x11) {
    packed.push(pad);
  }
  return packed;
}

/** Adds error correction to each block, and interleaves the blocks. */
function withCorrection(data: readonly number[], version: number): number[] {
  const { correction, blocks } = VERSIONS[version - 1]!;
  const length = data.length / blocks;
  const parts = Array.from(
    { length: blocks },
    (_, at) => data.slice(at * length, (at + 1) * length),
  );
  const corrections = parts.map((part) => remainder(part, correction));
  const interleave = (rows: readonly (readonly number[])[]) =>
    rows[0]!.flatMap((_, column) => rows.map((row) => row[column]!));
  return [...interleave(parts), ...interleave(corrections)];
}

/** The Reed-Solomon remainder, with the roots 2^0, 2^1, ... of GF(256). */
function remainder(data: readonly number[], degree: number): number[] {
  let divisor = [1];
  for (
    let power = 0, root = 1;
    power < degree;
    power++, root = times(root, 2)
  ) {
    // Multiply by (x - root).
    divisor = [...divisor, 0].map((value, at) =>
      value ^ times(divisor[at - 1] ?? 0, root)
    );
  }
  const rest = [...data, ...new Array<number>(degree).fill(0)];
  for (let at = 0; at < data.length; at++) {
    const factor = rest[at]!;
    divisor.forEach((value, offset) => {
      rest[at + offset]! ^= times(value, factor);
    });
  }
  return rest.slice(data.length);
}

/** Multiplies in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = product << 1 ^ (product >> 7) * 0x11d;
    if (b >> bit & 1) product ^= a;
  }
  return product;
}

/** Draws the fixed patterns and the codewords with one mask. */
function draw(
  codewords: readonly number[],
  version: number,
  mask: number,
): boolean[][] {
  const size = 17 + 4 * version;
  const modules: (boolean | undefined)[][] = Array.from(
    { length: size },
    () => new Array(size).fill(undefined),
  );
  drawPatterns(modules, version);
  drawFormat(modules, mask);
  let bit = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    // The vertical timing pattern takes a column.
    if (right === 6) right--;
    const upward = (right + 1 & 2) === 0;
    for (let step = 0; step < size; step++) {
      const y = upward ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (modules[y]![x] !== undefined) continue;
        const dark = codewords[bit >> 3] ?? 0;
        modules[y]![x] = (dark >> 7 - (bit & 7) & 1) === 1 !==
          MASKS[mask]!(x, y);
        bit++;
      }
    }
  }
  return modules as boolean[][];
}

/** Draws the patterns that readers search for. */
function drawPatterns(
  modules: (boolean | undefined)[][],
  version: number,
): void {
  const size = modules.length;
  for (let at = 0; at < size; at++) {
    modules[6]![at] = modules[at]![6] = at % 2 === 0;
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) {
    drawRings(modules, x, y, 4, [2, 4]);
  }
  if (version > 1) drawRings(modules, size - 7, size - 7, 2, [1]);
}

/** Draws squares around a center; the rings of these distances are light. */
function drawRings(
  modules: (boolean | undefined)[][],
  centerX: number,
  centerY: number,
  radius: number,
  light: readonly number[],
): void {
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      const row = modules[centerY + dy];
      const x = centerX + dx;
      if (row === undefined || x < 0 || x >= row.length) continue;
      row[x] = !light.includes(Math.max(Math.abs(dx), Math.abs(dy)));
    }
  }
}

/** Draws the level and the mask, twice. */
function drawFormat(modules: (boolean | undefined)[][], mask: number): void {
  const size = modules.length;
  // Level L is 01.
  const data = 1 << 3 | mask;
  let rest = data;
  for (let step = 0; step < 10; step++) rest = rest << 1 ^ (rest >> 9) * 0x537;
  const bits = (data << 10 | rest) ^ 0x5412;
  for (let at = 0; at < 15; at++) {
    const dark = (bits >> at & 1) === 1;
    // Both copies skip the timing patterns.
    const near = at < 6 ? at : at < 8 ? at + 1 : 14 - at;
    if (at < 8) {
      modules[near]![8] = dark;
      modules[8]![size - 1 - at] = dark;
    } else {
      modules[8]![at === 8 ? 7 : near] = dark;
      modules[size - 15 + at]![8] = dark;
    }
  }
  modules[size - 8]![8] = true;
}

/** How hard a code is to read, by the standard's four rules. */
function penalty(modules: readonly (readonly boolean[])[]): number {
  const size = modules.length;
  const rows = modules.map((row) => row.map(Number).join(""));
  const columns = rows.map((_, x) => rows.map((row) => row[x]).join(""));
  let points = 0;
  for (const line of [...rows, ...columns]) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) points += run.length - 2;
    points += 40 * [...line.matchAll(/(?=0000(?=1011101)|1011101(?=0000))/g)]
      .length;
  }
  for (let y = 1; y < size; y++) {
    for (let x = 1; x < size; x++) {
      const square = rows[y]!.slice(x - 1, x + 1) +
        rows[y - 1]!.slice(x - 1, x + 1);
      if (square === "0000" || square === "1111") points += 3;
    }
  }
  const dark = rows.join("").replaceAll("0", "").length / size ** 2;
  return points + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
}
