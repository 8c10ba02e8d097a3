// QR codes, read back by the rules of the standard.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { drawQr, encodeQr } from "../../cli/qr.ts";
import { startCommand } from "../_command.ts";
import { pureTest } from "../_lib/pure.ts";

/** Codewords for data and for error correction, and blocks, by version. */
const BLOCKS = [
  [19, 7, 1],
  [34, 10, 1],
  [55, 15, 1],
  [80, 20, 1],
  [108, 26, 1],
  [
    136,
    36,
    2,
  ],
] as const;

/** Powers of 2 in GF(256). */
const POWERS = Array.from({ length: 255 }).reduce<number[]>((powers) => {
  const next = (powers.at(-1) ?? 142) << 1;
  return [...powers, next > 255 ? next ^ 0x11d : next];
}, []);

function times(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  return POWERS[(POWERS.indexOf(a) + POWERS.indexOf(b)) % 255]!;
}

/** Whether a module belongs to a fixed pattern. */
function isFixed(x: number, y: number, size: number): boolean {
  if (x === 6 || y === 6) return true;
  if (
    (x < 9 && y < 9) || (x >= size - 8 && y < 9) || (x < 9 && y >= size - 8)
  ) {
    return true;
  }
  return size > 21 && Math.abs(x - size + 7) <= 2 &&
    Math.abs(y - size + 7) <= 2;
}

/** Whether the mask that the code names inverts a module. */
function maskOf(code: readonly boolean[][]): (x: number, y: number) => boolean {
  // Bits 14 to 10, left of the first finder pattern's right edge, XOR 10101.
  const bits = [0, 1, 2, 3, 4].map((x) => Number(code[8]![x]));
  const value = parseInt(bits.join(""), 2) ^ 0b10101;
  assertEquals(value >> 3, 1, "level L");
  const masks: ((x: number, y: number) => number)[] = [
    (x, y) => (x + y) % 2,
    (_, y) => y % 2,
    (x) => x % 3,
    (x, y) => (x + y) % 3,
    (x, y) => ((y >> 1) + Math.floor(x / 3)) % 2,
    (x, y) => (x * y) % 2 + (x * y) % 3,
    (x, y) => ((x * y) % 2 + (x * y) % 3) % 2,
    (x, y) => ((x + y) % 2 + (x * y) % 3) % 2,
  ];
  return (x, y) => masks[value & 7]!(x, y) === 0;
}

/** Reads the codewords of a code, without error correction. */
function codewordsOf(code: readonly boolean[][]): number[] {
  const size = code.length;
  const inverts = maskOf(code);
  const bits: number[] = [];
  let up = true;
  for (let right = size - 1; right > 0; right -= right === 8 ? 3 : 2) {
    for (let step = 0; step < size; step++) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (isFixed(x, y, size)) continue;
        bits.push(Number(code[y]![x] !== inverts(x, y)));
      }
    }
    up = !up;
  }
  return Array.from(
    { length: bits.length >> 3 },
    (_, at) => parseInt(bits.slice(at * 8, at * 8 + 8).join(""), 2),
  );
}

/** Reads a code. */
function read(code: readonly boolean[][]): string {
  const codewords = codewordsOf(code);
  const [data, correction, blocks] = BLOCKS[(code.length - 21) / 4]!;
  assertEquals(codewords.length, data + correction);
  const pick = (block: number, from: number, count: number) =>
    codewords.slice(from, from + count).filter((_, at) =>
      at % blocks === block
    );
  const text: number[] = [];
  for (let block = 0; block < blocks; block++) {
    const part = pick(block, 0, data);
    const whole = [...part, ...pick(block, data, correction)];
    // Each root of the generator must be a root of the block.
    for (let power = 0; power < correction / blocks; power++) {
      const value = whole.reduce(
        (sum, next) => times(sum, POWERS[power]!) ^ next,
        0,
      );
      assertEquals(value, 0, `block ${block}, root ${power}`);
    }
    text.push(...part);
  }
  assertEquals(text[0]! >> 4, 4, "byte mode");
  const length = (text[0]! & 15) << 4 | text[1]! >> 4;
  const bytes = Array.from(
    { length },
    (_, at) => (text[at + 1]! & 15) << 4 | text[at + 2]! >> 4,
  );
  return new TextDecoder().decode(new Uint8Array(bytes));
}

pureTest("encodeQr() makes codes of each length that can be read back", () => {
  const sizes = new Set<number>();
  for (let length = 1; length <= 134; length++) {
    const text = `http://192.0.2.${length}:8000/${"aZ9-_%é".repeat(20)}`;
    const bytes = new TextEncoder().encode(text).slice(0, length);
    const url = new TextDecoder().decode(bytes).replaceAll("\ufffd", "x");
    const code = encodeQr(url);
    assertEquals(read(code), url);
    sizes.add(code.length);
  }
  assertEquals([...sizes], [21, 25, 29, 33, 37, 41]);
});

pureTest("encodeQr() refuses a text that is too long", () => {
  assertThrows(() => encodeQr("a".repeat(135)), RangeError, "the limit is 134");
});

pureTest(
  "drawQr() draws two rows a line, in a quiet zone of two modules",
  () => {
    const lines = drawQr(encodeQr("http://192.0.2.7:8000/"), false);
    assertEquals(lines.length, 15);
    for (const line of lines) assertEquals([...line].length, 29);
    assertEquals(lines[0], "█".repeat(29));
    assertEquals(lines.at(-1), "▀".repeat(29));
    assert(lines.every((line) => /^[█▀▄ ]+$/.test(line)));
    // The finder patterns.
    assert(lines[1]!.startsWith("██ ▄▄▄▄▄ █"), lines[1]);
    assertEquals(drawQr([[true]], true)[0], "\x1b[97;40m█████\x1b[0m");
  },
);

Deno.test("the command prints the code of its URL with --qr", async () => {
  await using serving = await startCommand(
    ["-b", "127.0.0.1", "-q", "--qr", "0"],
  );
  const url = `http://127.0.0.1:${serving.port}/`;
  // The code is printed before any response.
  await (await fetch(url)).body?.cancel();
  const { stdout, stderr } = await serving.stop("SIGTERM");
  assertEquals(stderr, "");
  assertEquals(
    stdout.split("\n").slice(2).join("\n"),
    drawQr(encodeQr(url), false).join("\n"),
  );
});
