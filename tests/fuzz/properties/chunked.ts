// The chunked transfer coding, compared with a decoder that sees the whole body.

import { assert, assertEquals } from "@std/assert";
import {
  ChunkedDecoder,
  encodeChunk,
  encodeLastChunk,
} from "../../../parser/chunked.ts";
import { ParseError } from "../../../parser/errors.ts";
import { LineReader } from "../../../parser/line_reader.ts";
import { decodeLatin1, encodeLatin1 } from "../../../text/latin1.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/chunked.json" with { type: "json" };
import { anyBytes, cut, cuts, soup, texts } from "../_random.ts";

const EXAMPLES = [
  "5\r\nhello\r\n0\r\n\r\n",
  "a;n=v\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\nGET",
  '1;a="b;\\"c"\r\nx\r\n000\r\n\r\n',
  "2\r\nab\r\n3\r\ncde\r\n0\r\nA: b\r\nC: d\r\n\r\n",
];

const bodies = texts(
  [
    ...'0 1 2 5 a F 00 ffffffffffffff 10000000000000000 +1 -1 0x1 ; ;a=b ;a ;a="b" hello x X: y'
      .split(" "),
    "\r\n",
    "\r\n",
    "0\r\n\r\n",
    "\n",
    "1\r\na\n\n0\r\n\r\n",
  ],
  EXAMPLES,
  { most: 10 },
);

/** The outcome of a body. */
interface Read {
  data: string;
  fault: string | undefined;
  trailers: unknown;
  left: number;
}

function decode(text: string, sizes: readonly number[], max: number): Read {
  const buffer = new LineReader();
  const decoder = new ChunkedDecoder();
  const pieces = cut(text, sizes);
  const read: Read = {
    data: "",
    fault: undefined,
    trailers: undefined,
    left: 0,
  };
  const { error } = attempt(() => {
    for (let ended = false;;) {
      const piece = decoder.read(buffer, max);
      if (piece === undefined) {
        assert(!ended, "It asks for more after the end");
        const next = pieces.shift();
        if (next === undefined) ended = true, buffer.end();
        else buffer.feed(encodeLatin1(next));
        continue;
      }
      assert(piece.length <= max);
      read.data += decodeLatin1(piece);
      if (piece.length === 0) return;
    }
  }, ParseError);
  if (error !== undefined) {
    read.fault = `${(error as ParseError).status}`;
    // An error is final: nothing else is ever read from the same body.
    const again = attempt(() => decoder.read(buffer, max), ParseError);
    assertEquals(again.error, error);
    return read;
  }
  assert(decoder.done);
  read.trailers = decoder.trailers.items();
  read.left = buffer.length + pieces.join("").length;
  return read;
}

const agree = property(
  "ChunkedDecoder has the same result however its bytes arrive",
  (random) => ({
    text: bodies(random),
    sizes: cuts(random),
    max: random.between(1, 12),
  }),
  ({ text, sizes, max }) => {
    if (max < 1) return;
    assertEquals(decode(text, sizes, max), decode(text, [text.length], 1000));
  },
);

/** RFC 9112 §7.1: the first line of a chunk, with the white space that a recipient may accept. */
const SIZE_LINE =
  /^([0-9A-Fa-f]+)((?:[ \t]*;[ \t]*[!#$%&'*+\-.^_`|~\w]+(?:[ \t]*=[ \t]*(?:[!#$%&'*+\-.^_`|~\w]+|"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)*)[ \t]*\r\n/;

/** The data of a body and its length in the stream; `undefined` if the RFC's grammar does not match. */
function reference(text: string): { data: string; end: number } | undefined {
  let data = "";
  for (let at = 0;;) {
    const line = SIZE_LINE.exec(text.slice(at));
    if (line === null) return undefined;
    const size = parseInt(line[1]!, 16);
    at += line[0].length;
    if (size === 0) {
      for (;;) {
        const end = text.indexOf("\r\n", at);
        if (end < 0) return undefined;
        if (end === at) return { data, end: at + 2 };
        // deno-lint-ignore no-control-regex
        const field = /^[!#$%&'*+\-.^_`|~\w]+:[^\x00-\x08\x0a-\x1f\x7f]*$/;
        if (!field.test(text.slice(at, end))) return undefined;
        at = end + 2;
      }
    }
    const chunk = text.slice(at, at + size);
    at += size;
    if (chunk.length < size || !text.startsWith("\r\n", at)) return undefined;
    data += chunk;
    at += 2;
  }
}

const sound = property(
  "ChunkedDecoder accepts only bodies of the grammar, and finds the same end",
  bodies,
  (text) => {
    const read = decode(text, [text.length], 1000);
    if (read.fault !== undefined) {
      assert(["400", "431"].includes(read.fault), read.fault);
      return;
    }
    const expected = reference(text);
    assertEquals(
      { data: read.data, end: text.length - read.left },
      expected,
    );
  },
);

// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/;

const token = soup(["a", "B1", "x-y", "!"], 3, ["_"]);

const roundTrip = property(
  "ChunkedDecoder reads what encodeChunk() and encodeLastChunk() write",
  (random) => ({
    chunks: random.list(4, (r) => ({
      data: anyBytes(r),
      name: token(r),
      value: r.pick([token(r), '"q;\\"r"', ""]),
    })),
    trailers: random.list(
      3,
      (r) => ({ name: "x" + token(r), value: anyBytes(r) }),
    ),
    sizes: cuts(random),
  }),
  ({ chunks, trailers, sizes }) => {
    let text = "";
    let data = "";
    for (const chunk of chunks) {
      const extension = chunk.value === ""
        ? chunk.name
        : `${chunk.name}=${chunk.value}`;
      const { value } = attempt(
        () =>
          encodeChunk(
            encodeLatin1(chunk.data),
            chunk.name === "" ? undefined : extension,
          ),
        TypeError,
      );
      if (value === undefined) continue;
      text += decodeLatin1(value);
      data += chunk.data;
    }
    const fields = trailers.map(({ name, value }) => [name, value] as const);
    const last = attempt(() => encodeLastChunk(fields), TypeError);
    if (last.value === undefined) return;
    const read = decode(text + decodeLatin1(last.value) + "GET /", sizes, 7);
    if (read.fault !== undefined) {
      // A sender may write control characters that a recipient refuses.
      assert(trailers.some(({ value }) => CONTROL.test(value)));
      return;
    }
    assertEquals(read.data, data);
    assertEquals(read.left, "GET /".length);
    assertEquals(
      read.trailers,
      fields.map((
        [name, value],
      ) => [name, value.replace(/^[ \t]+|[ \t]+$/g, "")]),
    );
  },
);

/** Properties of the chunked coding. */
export const CHUNKED: Subject = {
  name: "chunked",
  properties: [agree, sound, roundTrip],
  corpus,
};
