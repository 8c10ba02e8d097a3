// LineReader: its results do not depend on how the bytes arrive.

import { assert, assertEquals } from "@std/assert";
import { ParseError } from "../../../parser/errors.ts";
import {
  LineReader,
  MAX_HEADER_BYTES,
  MAX_HEADER_LINES,
  MAX_LINE,
} from "../../../parser/line_reader.ts";
import { decodeLatin1, encodeLatin1 } from "../../../text/latin1.ts";
import { attempt, describeOutcome, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/lines.json" with { type: "json" };
import { cut, cuts, soup } from "../_random.ts";

/** One call: `readline(size)`, `take(size)` repeated to that size, or `readHeaderBlock()`. */
interface Step {
  readonly call: number;
  readonly size: number;
}

const lines = soup(
  ["a", "bc: d", "\n", "\r\n", "\r", "", "\n\n", "\r\n\r\n"],
  16,
);

/** Reads in steps; `more()` feeds the next bytes, or ends the stream. */
function readAll(
  buffer: LineReader,
  steps: readonly Step[],
  more: () => void,
): unknown[] {
  const results: unknown[] = [];
  for (const { call, size } of steps) {
    const result = attempt(
      () => readOne(buffer, call % 3, size, more),
      ParseError,
    );
    results.push(describeOutcome(result));
    if (result.error !== undefined) break;
  }
  return results;
}

function readOne(
  buffer: LineReader,
  call: number,
  size: number,
  more: () => void,
): string {
  let collected = "";
  for (;;) {
    if (call === 0) {
      const line = buffer.readline(size);
      if (line !== undefined) return decodeLatin1(line);
    } else if (call === 1) {
      const piece = buffer.take(size - collected.length);
      if (piece !== undefined) {
        assert(piece.length <= size - collected.length);
        collected += decodeLatin1(piece);
        if (piece.length === 0 || collected.length === size) return collected;
        continue;
      }
    } else {
      const block = buffer.readHeaderBlock();
      if (block !== undefined) return block;
    }
    more();
  }
}

const agree = property(
  "LineReader has the same results however its bytes arrive",
  (random) => ({
    text: lines(random),
    sizes: cuts(random),
    steps: random.list(8, (r) => ({ call: r.int(3), size: r.between(1, 12) })),
  }),
  ({ text, sizes, steps }) => {
    if (steps.some(({ size }) => size < 1)) return;
    const whole = new LineReader();
    whole.feed(encodeLatin1(text));
    whole.end();
    const split = new LineReader(4);
    const pieces = cut(text, sizes);
    let ended = 0;
    const results = readAll(split, steps, () => {
      const piece = pieces.shift();
      if (piece !== undefined) return split.feed(encodeLatin1(piece));
      split.end();
      assert(ended++ < 1, "It asks for more after the end");
    });
    assertEquals(
      results,
      readAll(whole, steps, () => assert(false, "It asks for more at the end")),
    );
    const left = split.length + pieces.join("").length;
    assertEquals(left, whole.length);
  },
);

const model = property(
  "LineReader.readline() cuts after each LF and at its limit",
  (random) => ({ text: lines(random), limit: random.between(1, 9) }),
  ({ text, limit }) => {
    if (limit < 1) return;
    const buffer = new LineReader();
    buffer.feed(encodeLatin1(text));
    buffer.end();
    const got: string[] = [];
    for (let line; (line = buffer.readLatin1Line(limit)) !== "";) {
      got.push(line!);
    }
    const expected = text.split(/(?<=\n)/).flatMap((line) =>
      cut(line, [limit])
    );
    assertEquals(got, expected);
  },
);

const bounds = property(
  "readHeaderBlock() refuses a block beyond its bounds, whole or in pieces",
  (random) => ({
    lines: random.pick([1, 98, 99, 100, 101, 150]),
    length: random.pick([
      3,
      100,
      2_600,
      2_700,
      MAX_LINE - 2,
      MAX_LINE - 1,
      MAX_LINE,
    ]),
    size: random.pick([1_000, 65_537, 1_000_000]),
  }),
  ({ lines, length, size }) => {
    if (lines < 1 || length < 3 || size < 1) return;
    const block = ("a:" + "x".repeat(length - 3) + "\n").repeat(lines) + "\n";
    const outcomes = [block.length, size].map((step) => {
      const buffer = new LineReader();
      const pieces = cut(block, [step]);
      return attempt(() => {
        for (;;) {
          const found = buffer.readHeaderBlock();
          if (found !== undefined) return found.length;
          // The buffer is bounded, also for a peer that never ends its block.
          assert(buffer.length <= MAX_HEADER_BYTES);
          buffer.feed(encodeLatin1(pieces.shift()!));
        }
      }, ParseError);
    });
    // The line that ends the block counts too.
    const fits = length <= MAX_LINE && lines < MAX_HEADER_LINES &&
      block.length <= MAX_HEADER_BYTES;
    for (const { value, error } of outcomes) {
      assertEquals(value, fits ? block.length : undefined);
      if (error !== undefined) assertEquals((error as ParseError).status, 431);
    }
  },
  8,
);

/** Properties of `LineReader`. */
export const LINES: Subject = {
  name: "lines",
  properties: [agree, model, bounds],
  corpus,
};
