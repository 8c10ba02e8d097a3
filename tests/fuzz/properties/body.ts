// Request bodies over a LineReader: the same bytes, however they arrive and are read.

import { assert, assertEquals } from "@std/assert";
import { bodyOf } from "../../../connection/body.ts";
import { ParseError } from "../../../parser/errors.ts";
import type { BodyFraming } from "../../../parser/framing.ts";
import { LineReader } from "../../../parser/line_reader.ts";
import { decodeLatin1, encodeLatin1 } from "../../../text/latin1.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/body.json" with { type: "json" };
import { anyBytes, cut, cuts, soup, texts } from "../_random.ts";

/** A body that was read: its bytes, whether it was cut or malformed, and the bytes after it. */
interface Read {
  data: string;
  failed: boolean;
  left: string;
}

/** Reads a whole body: even sizes read bytes, odd ones a line. */
function readBody(
  framing: BodyFraming,
  text: string,
  sizes: readonly number[],
  reads: readonly number[],
): Read {
  const buffer = new LineReader();
  const body = bodyOf(framing);
  const pieces = cut(text, sizes);
  const read: Read = { data: "", failed: false, left: "" };
  const { error } = attempt(() => {
    for (let turn = 0;; turn++) {
      assert(turn < 4 * text.length + 20, "It does not end");
      const size = Math.max(1, reads[turn % Math.max(1, reads.length)] ?? 1);
      const piece = size % 2 === 0
        ? body.take(buffer, size)
        : body.readline(buffer, size);
      if (piece === undefined) {
        assert(!buffer.ended, "It asks for more after the end");
        const next = pieces.shift();
        if (next === undefined) buffer.end();
        else buffer.feed(encodeLatin1(next));
        continue;
      }
      assert(piece.length <= size);
      read.data += decodeLatin1(piece);
      if (piece.length === 0) break;
    }
  }, ParseError);
  read.failed = error !== undefined;
  if (read.failed) return read;
  assert(body.complete);
  const rest = buffer.take(buffer.length);
  read.left = (rest === undefined ? "" : decodeLatin1(rest)) + pieces.join("");
  return read;
}

const plain = property(
  "bodyOf() reads a body with a length and leaves the rest",
  (random) => ({
    text: soup(["a", "\n", "bc", "\r\n"], 12)(random),
    length: random.int(20),
    sizes: cuts(random),
    reads: random.list(4, (r) => r.between(1, 9)),
  }),
  ({ text, length, sizes, reads }) => {
    const framing = length === 0
      ? { kind: "none" as const }
      : { kind: "length" as const, length };
    const read = readBody(framing, text, sizes, reads);
    assertEquals(read.data, text.slice(0, length));
    assertEquals(read.failed, text.length < length);
    if (!read.failed) assertEquals(read.left, text.slice(length));
  },
);

const chunked = property(
  "bodyOf() reads a chunked body independently of its pieces and the reads",
  (random) => ({
    text: texts([
      "1\r\na\r\n",
      "2;x=y\r\na\n\r\n",
      "0\r\n\r\n",
      "0\r\nT: v\r\n\r\n",
      "3\r\n",
      "abc",
      "\r\n",
      "x",
      "GET",
    ], ["2\r\na\n\r\n0\r\n\r\nGET"])(random),
    sizes: cuts(random),
    reads: random.list(4, (r) => r.between(1, 9)),
  }),
  ({ text, sizes, reads }) => {
    const whole = readBody({ kind: "chunked" }, text, [text.length], [
      1_000_000,
    ]);
    const takes = reads.map((size) => 2 * size);
    assertEquals(readBody({ kind: "chunked" }, text, sizes, takes), whole);
    // readline() doesn't return a line that an error cuts short.
    const mixed = readBody({ kind: "chunked" }, text, sizes, reads);
    assertEquals(mixed.failed, whole.failed);
    if (mixed.failed) assert(whole.data.startsWith(mixed.data));
    else assertEquals(mixed, whole);
  },
  400,
);

const encoded = property(
  "bodyOf() returns the data of a chunked body",
  (random) => ({
    chunks: random.list(4, anyBytes),
    after: anyBytes(random),
    reads: random.list(4, (r) => r.between(1, 9)),
  }),
  ({ chunks, after, reads }) => {
    const text = chunks.filter((data) => data !== "").map((data) =>
      `${data.length.toString(16)}\r\n${data}\r\n`
    ).join("");
    const read = readBody(
      { kind: "chunked" },
      `${text}0\r\n\r\n${after}`,
      [3],
      reads,
    );
    assertEquals(read, { data: chunks.join(""), failed: false, left: after });
  },
);

/** Properties of request bodies. */
export const BODY: Subject = {
  name: "body",
  properties: [plain, chunked, encoded],
  corpus,
};
