// `rfile`: reading from memory, independent of the pieces in which the bytes arrive.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { MAX_READ_ALL } from "../../connection/limits.ts";
import { RequestReader } from "../../connection/reader.ts";
import { ParseError } from "../../parser/errors.ts";
import type { BodyFraming } from "../../parser/framing.ts";
import {
  HandSource,
  PieceSource,
  readThreeWays,
  stateOf,
  test,
  text,
} from "./_memory.ts";

const CHUNKED: BodyFraming = { kind: "chunked" };

/** A body in both framings: on the wire and parsed. */
const FRAMED: readonly [wire: string, framing: BodyFraming][] = [
  ["one\ntwo\n\nend", { kind: "length", length: 12 }],
  ["5\r\none\nt\r\n7;a=b\r\nwo\n\nend\r\n0\r\nSum: 9\r\n\r\n", CHUNKED],
];
const BODY = "one\ntwo\n\nend";

/** Uses a reader at the start of a body, in three ways and both framings. */
async function onBody<T>(
  use: (reader: RequestReader) => Promise<T>,
  expected: T,
): Promise<void> {
  for (const [wire, framing] of FRAMED) {
    const value = await readThreeWays(wire, (reader) => {
      reader.beginBody(framing);
      return use(reader);
    });
    assertEquals(value, expected, framing.kind);
  }
}

function texts(lines: Uint8Array[]): string[] {
  return lines.map(text);
}

test("RequestReader reads lines and a header block, then what follows", async () => {
  const input = "GET / HTTP/1.1\r\nHost: é\r\nX:\r\n\r\nrest";
  const parts = await readThreeWays(input, async (reader) => [
    await reader.readRequestLine(),
    await reader.readHeaderBlock(),
    text(await reader.read(4)),
  ]);
  assertEquals(parts, ["GET / HTTP/1.1\r\n", "Host: é\r\nX:\r\n\r\n", "rest"]);
});

test("RequestReader.readRequestLine() cuts a line after 65,537 bytes", async () => {
  const reader = new RequestReader("a".repeat(70_000) + "\n");
  assertEquals((await reader.readRequestLine()).length, 65_537);
});

test("RequestReader.readRequestLine() skips four empty lines and no more", async () => {
  for (const [blank, line] of [[0, "GET"], [4, "GET"], [5, "\r\n"]] as const) {
    const reader = new RequestReader(
      new PieceSource("\r\n".repeat(blank) + "GET / HTTP/1.1\r\n"),
    );
    assertEquals((await reader.readRequestLine()).startsWith(line), true);
  }
});

test("RequestReader reads bytes in memory", async () => {
  const reader = new RequestReader("GET / HTTP/1.0\r\n\r\nbody");
  assertEquals(await reader.readRequestLine(), "GET / HTTP/1.0\r\n");
  assertEquals(await reader.readHeaderBlock(), "\r\n");
  assertEquals(text(await reader.read()), "body");
  assertEquals(text(await new RequestReader(new Uint8Array([65])).read()), "A");
});

test("RequestReader outside a body reads to the end of the stream", async () => {
  const reader = new RequestReader(new PieceSource(["ab\nc", "d", "\nend"]));
  assertEquals(texts(await reader.readlines()), ["ab\n", "cd\n", "end"]);
  assertEquals(await reader.readline(), new Uint8Array());
  assertEquals(await reader.readRequestLine(), "");
});

test("RequestReader.read() ends at the end of the body", () =>
  onBody(async (reader) => [
    text(await reader.read()),
    text(await reader.read()),
    text(await reader.read(5)),
    text(await reader.readline()),
  ], [BODY, "", "", ""]));

test("RequestReader.read() reads everything for a negative size or null", () =>
  onBody(async (reader) => [
    text(await reader.read(4)),
    text(await reader.read(-1)),
    text(await reader.read(null)),
  ], ["one\n", "two\n\nend", ""]));

test("RequestReader rejects a size that is not an integer", async () => {
  const reader = new RequestReader("abc\n");
  for (
    const read of [
      () => reader.read(NaN),
      () => reader.read1(0.5),
      () => reader.readline(NaN),
    ]
  ) {
    await assertRejects(read, RangeError, "the size must be an integer");
  }
  assertEquals(text(await reader.read(Infinity)), "abc\n");
});

test("RequestReader.read(size) waits for that many bytes", () =>
  onBody(async (reader) => [
    text(await reader.read(0)),
    text(await reader.read(7)),
    text(await reader.read(100)),
  ], ["", "one\ntwo", "\n\nend"]));

test("RequestReader.read1() returns the available bytes, and nothing only at the end", () =>
  onBody(async (reader) => {
    let all = "";
    for (;;) {
      const piece = await reader.read1(4);
      assert(piece.length <= 4);
      if (piece.length === 0) return all;
      all += text(piece);
    }
  }, BODY));

test("RequestReader.read1() does not wait for more than the available bytes", async () => {
  const reader = new RequestReader(new PieceSource(["abc", "def"]));
  reader.beginBody({ kind: "length", length: 6 });
  assertEquals(text(await reader.read1()), "abc");
  assertEquals(text(await reader.read1(-1)), "def");
});

test("RequestReader.readline() ends at a line end, its limit or the body's end", () =>
  onBody(async (reader) => [
    text(await reader.readline()),
    text(await reader.readline(2)),
    text(await reader.readline(-1)),
    text(await reader.readline(0)),
    text(await reader.readline()),
    text(await reader.readline()),
    text(await reader.readline()),
  ], ["one\n", "tw", "o\n", "", "\n", "end", ""]));

test("RequestReader.readlines() returns all lines, or enough to reach its hint", () =>
  onBody(async (reader) => [
    texts(await reader.readlines(5)),
    texts(await reader.readlines()),
    texts(await reader.readlines()),
  ], [["one\n", "two\n"], ["\n", "end"], []]));

test("RequestReader.readinto() fills the buffer, except at the end", () =>
  onBody(async (reader) => {
    const into = new Uint8Array(8);
    const first = await reader.readinto(into);
    const firstText = text(into);
    const second = await reader.readinto(into);
    return [first, firstText, second, text(into.subarray(0, second))];
  }, [8, "one\ntwo\n", 4, "\nend"]));

test("RequestReader is an async iterable of lines", () =>
  onBody(async (reader) => {
    const lines = [];
    for await (const line of reader) lines.push(text(line));
    return lines;
  }, ["one\n", "two\n", "\n", "end"]));

test("RequestReader.readable streams the rest of the body", () =>
  onBody(async (reader) => {
    const start = text(await reader.readline());
    return [start, await new Response(reader.readable).text()];
  }, ["one\n", "two\n\nend"]));

test("RequestReader.readable leaves the rest to other readers if it is cancelled", async () => {
  const reader = new RequestReader(new PieceSource(["abc", "def", "next"]));
  reader.beginBody({ kind: "length", length: 6 });
  for await (const piece of reader.readable) {
    assertEquals(text(piece), "abc");
    break;
  }
  assertEquals(text(await reader.read()), "def");
});

test("RequestReader mixes read() and readline() in one body", () =>
  onBody(async (reader) => [
    text(await reader.read(1)),
    text(await reader.readline()),
    text(await reader.read1(1)),
    text(await reader.readline(1)),
    text(await reader.read()),
  ], ["o", "ne\n", "t", "w", "o\n\nend"]));

test("RequestReader fills its buffer by one read at a time", async () => {
  // A pull of a stream that is pending when the handler ends must not overwrite
  // the bytes of a later read.
  const source = new HandSource();
  const reader = new RequestReader(source);
  reader.beginBody({ kind: "length", length: 6 });
  const stream = reader.readable.getReader();
  const pull = stream.read();
  await stateOf(pull);
  const ended = reader.endBody(true) as Promise<boolean>;
  await stateOf(ended);
  assertEquals(source.waiting, 1);
  source.give("abcdefNEXT\r\n");
  assertEquals(await ended, true);
  assertEquals(await reader.readRequestLine(), "NEXT\r\n");
  // The body was cut for its reader.
  await assertRejects(() => pull, Deno.errors.UnexpectedEof);
});

const CUT_SHORT: readonly [
  name: string,
  read: (reader: RequestReader) => Promise<unknown>,
][] = [
  ["read()", (reader) => reader.read()],
  ["read(10)", (reader) => reader.read(10)],
  ["readlines()", (reader) => reader.readlines()],
  ["readinto()", (reader) => reader.readinto(new Uint8Array(10))],
  ["readable", (reader) => new Response(reader.readable).text()],
];

for (const [name, read] of CUT_SHORT) {
  test(`RequestReader.${name} throws 400 if the stream ends within Content-Length`, async () => {
    const reader = new RequestReader(new PieceSource(["ab", "c"]));
    reader.beginBody({ kind: "length", length: 10 });
    const error = await assertRejects(() => read(reader), ParseError);
    assertEquals(error.status, 400);
    assertEquals(await reader.endBody(true), false);
  });
}

test("RequestReader.read() keeps no array for each of many tiny chunks", async () => {
  const chunks = 200_000;
  const reader = new RequestReader("1\r\nx\r\n".repeat(chunks) + "0\r\n\r\n");
  reader.beginBody(CHUNKED);
  const body = await reader.read();
  assertEquals(body.length, chunks);
  assertEquals(body.buffer.byteLength, chunks);
});

test("RequestReader.read1() first returns the bytes before a malformed chunk", async () => {
  const reader = new RequestReader("3\r\nabc\r\nzz\r\n");
  reader.beginBody(CHUNKED);
  assertEquals(text(await reader.read1()), "abc");
  await assertRejects(() => reader.read1(), ParseError);
});

test("RequestReader throws 400 for an incomplete chunked body, with each call", async () => {
  const reader = new RequestReader(new PieceSource(["5\r\nhel"]));
  reader.beginBody(CHUNKED);
  for (const _ of [1, 2]) {
    const error = await assertRejects(() => reader.read(), ParseError);
    assertEquals(error.status, 400);
  }
  await assertRejects(() => reader.readline(), ParseError);
  assertEquals(reader.unread, true);
});

test("RequestReader.read() throws 413 for more than 256 MiB, before reading", async () => {
  const source = new PieceSource(["abc"]);
  const reader = new RequestReader(source);
  reader.beginBody({ kind: "length", length: MAX_READ_ALL + 1 });
  const error = await assertRejects(() => reader.read(), ParseError);
  assertEquals(error.status, 413);
  assertEquals(source.reads, 0);
  // Reading it in pieces is allowed.
  assertEquals(text(await reader.read(3)), "abc");
});

test("RequestReader.trailers has the fields after a chunked body", async () => {
  const [wire] = FRAMED[1]!;
  const reader = new RequestReader(new PieceSource([wire]));
  assertEquals(reader.trailers, undefined);
  reader.beginBody(CHUNKED);
  await reader.read();
  assertEquals(reader.trailers?.get("sum"), "9");
});

test("RequestReader rejects with its source's error", async () => {
  const source = new HandSource();
  const reader = new RequestReader(source);
  for (
    const use of [
      () => reader.read(1),
      () => reader.readline(),
      () => reader.readRequestLine(),
      () => reader.readHeaderBlock(),
      () => reader.readable.getReader().read(),
    ]
  ) {
    const result = use() as Promise<unknown>;
    await stateOf(result);
    source.fail(new Deno.errors.ConnectionReset("gone"));
    await assertRejects(() => result, Deno.errors.ConnectionReset);
  }
});
