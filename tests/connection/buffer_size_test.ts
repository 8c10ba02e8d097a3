// How far `rfile` reads ahead and how much `wfile` buffers, by a handler's `rbufsize`
// and `wbufsize`.

import { assertEquals, assertThrows } from "@std/assert";
import { WRITE_HIGH_WATER } from "../../connection/limits.ts";
import { RequestReader } from "../../connection/reader.ts";
import { ResponseWriter } from "../../connection/writer.ts";
import {
  MemorySink,
  PieceSource,
  settled,
  stateOf,
  test,
  text,
  TRAILING,
} from "./_memory.ts";

/** A reader with a buffer size; all of its bytes have arrived. */
function reading(
  wire: string,
  bufferSize: number,
): { source: PieceSource; reader: RequestReader } {
  const source = new PieceSource([wire]);
  const reader = new RequestReader(source);
  reader.setBufferSize(bufferSize);
  return { source, reader };
}

/** Returns the bytes left in a source. */
async function rest(source: PieceSource): Promise<string> {
  const into = new Uint8Array(100_000);
  const count = await source.read(into);
  return text(into.subarray(0, count ?? 0));
}

/** A writer with a buffer size, and its sink. */
function writing(
  bufferSize: number,
): { sink: MemorySink; writer: ResponseWriter } {
  const sink = new MemorySink();
  const writer = new ResponseWriter(sink);
  writer.setBufferSize(bufferSize);
  return { sink, writer };
}

test("RequestReader.setBufferSize(0) reads only the requested bytes from the source", async () => {
  const block = "A: b\r\nC: d\r\n\r\n";
  const uses: [string, (reader: RequestReader) => unknown][] = [
    ["line\n", (reader) => reader.readline()],
    ["li", (reader) => reader.readline(2)],
    ["12345678", (reader) => reader.read(8)],
    ["12345678", (reader) => reader.read1(8)],
    ["12345678", (reader) => reader.readinto(new Uint8Array(8))],
    ["a\nb\n", (reader) => reader.readlines(3)],
    ["GET / HTTP/1.1\r\n", (reader) => reader.readRequestLine()],
    [block, (reader) => reader.readHeaderBlock()],
  ];
  for (const [asked, use] of uses) {
    const { source, reader } = reading(asked + TRAILING, 0);
    await use(reader);
    assertEquals(await rest(source), TRAILING, asked);
  }
});

test("RequestReader.setBufferSize(0) reads a body to its end and no further", async () => {
  const chunked = "5\r\none\nt\r\n7;a=b\r\nwo\n\nend\r\n0\r\nSum: 9\r\n\r\n";
  for (
    const [wire, framing] of [
      ["one\ntwo\n\nend", { kind: "length", length: 12 }],
      [chunked, { kind: "chunked" }],
    ] as const
  ) {
    for (
      const use of [
        (reader: RequestReader) => reader.read(),
        (reader: RequestReader) => reader.readlines(),
        async (reader: RequestReader) => {
          await reader.read(3);
          await reader.endBody(true);
        },
      ]
    ) {
      const { source, reader } = reading(wire + TRAILING, 0);
      reader.beginBody(framing);
      await use(reader);
      assertEquals(await rest(source), TRAILING, framing.kind);
    }
  }
});

test("RequestReader.setBufferSize(0) reads a known size in one go", async () => {
  const { source, reader } = reading("x".repeat(60_000), 0);
  assertEquals((await reader.read(50_000)).length, 50_000);
  assertEquals(source.reads, 1);
});

test("RequestReader.setBufferSize(n) reads ahead n bytes at a time", async () => {
  const { source, reader } = reading("one\ntwo\nthree\nfour\n", 6);
  assertEquals(text(await reader.readline()), "one\n");
  assertEquals(source.reads, 1);
  assertEquals(text(await reader.readline()), "two\n");
  assertEquals(source.reads, 2);
  assertEquals(await rest(source), "e\nfour\n");
  assertEquals(text(await reader.read(3)), "thr");
});

test("RequestReader.setBufferSize(n) does not slow down larger reads", async () => {
  const { source, reader } = reading("x".repeat(60_000), 6);
  assertEquals((await reader.read(50_000)).length, 50_000);
  assertEquals(source.reads, 1);
});

test("RequestReader.setBufferSize(-1) reads whatever is available, as by default", async () => {
  const pieces = "one\ntwo\n".repeat(500);
  for (const size of [-1, -8_192, undefined]) {
    const source = new PieceSource([pieces]);
    const reader = new RequestReader(source);
    if (size !== undefined) reader.setBufferSize(size);
    await reader.readline();
    assertEquals(await rest(source), "");
  }
});

test("RequestReader.setBufferSize(0) keeps the bytes that were already read ahead", async () => {
  const source = new PieceSource(["one\ntw", "o\nthree"]);
  const reader = new RequestReader(source);
  await reader.readline();
  reader.setBufferSize(0);
  assertEquals(text(await reader.readline()), "two\n");
  assertEquals(await rest(source), "three");
});

test("ResponseWriter.setBufferSize(n) buffers n bytes", async () => {
  const { sink, writer } = writing(10);
  assertEquals(await writer.write("12345"), 5);
  await writer.write("6789");
  await settled();
  assertEquals(sink.writes, []);
  await writer.write("0");
  await settled();
  assertEquals(sink.writes.map(text), ["1234567890"]);
  // And again with an empty buffer.
  await writer.write("abc");
  await settled();
  assertEquals(sink.writes.length, 1);
  await writer.flush();
  assertEquals(sink.writes.map(text), ["1234567890", "abc"]);
});

test("ResponseWriter.setBufferSize(-1) buffers 8192 bytes like Python", async () => {
  const { sink, writer } = writing(-1);
  await writer.write("x".repeat(8_191));
  await settled();
  assertEquals(sink.writes, []);
  await writer.write("x");
  await settled();
  assertEquals(sink.writes.map((write) => write.length), [8_192]);
});

test("ResponseWriter.setBufferSize(0) and (1) send at the end of the turn", async () => {
  for (const size of [0, 1]) {
    const { sink, writer } = writing(size);
    writer.write("a");
    writer.write("b");
    await settled();
    assertEquals(sink.writes.map(text), ["ab"]);
  }
});

test("ResponseWriter.setBufferSize() never blocks a large write", async () => {
  const { sink, writer } = writing(2 ** 30);
  // It isn't copied, so the write settles once it has been sent.
  const large = new Uint8Array(100_000);
  assertEquals(await stateOf(writer.write(large)), "fulfilled");
  assertEquals(sink.text.length, 100_000);
  const piece = "x".repeat(20_000);
  let written = 0;
  for (; written <= WRITE_HIGH_WATER; written += piece.length) {
    assertEquals(await stateOf(writer.write(piece)), "fulfilled");
  }
  assertEquals(sink.text.length, 100_000 + written);
});

test("ResponseWriter.setBufferSize() sends everything at the end of a chunked body", async () => {
  const { sink, writer } = writing(-1);
  writer.beginBody("chunked");
  writer.write("tea");
  await settled();
  assertEquals(sink.text, "");
  writer.endBody();
  await settled();
  assertEquals(sink.text, "3\r\ntea\r\n0\r\n\r\n");
});

test("setBufferSize() accepts integers only", () => {
  for (const file of [new RequestReader(""), writing(0).writer]) {
    for (const wrong of [NaN, 1.5, Infinity, "1" as never, null as never]) {
      assertThrows(() => file.setBufferSize(wrong), RangeError, String(wrong));
    }
  }
});
