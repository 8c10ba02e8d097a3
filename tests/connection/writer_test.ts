// `wfile`: order, joining, bounds and back-pressure, written to a sink in memory.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { WRITE_HIGH_WATER, WRITE_SIZE } from "../../connection/limits.ts";
import { ResponseWriter } from "../../connection/writer.ts";
import { bytes, MemorySink, settled, stateOf, test, text } from "./_memory.ts";

const HEAD = "HTTP/1.1 200 OK\r\n\r\n";

function start(): { sink: MemorySink; writer: ResponseWriter } {
  const sink = new MemorySink();
  return { sink, writer: new ResponseWriter(sink) };
}

/** Bytes that differ, so that lost or repeated ones show. */
function pattern(size: number, seed = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, n) => n * 31 + seed + (n >> 8));
}

function joined(writes: Uint8Array[]): Uint8Array {
  const size = writes.reduce((sum, piece) => sum + piece.length, 0);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of writes) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

test("ResponseWriter joins the writes of one turn, in order", async () => {
  const { sink, writer } = start();
  writer.write(HEAD);
  writer.write(bytes("body "));
  writer.write("é");
  await writer.flush();
  assertEquals(sink.writes.length, 1);
  assertEquals(new TextDecoder().decode(sink.writes[0]), HEAD + "body é");
});

test("ResponseWriter sends a head without a body at the end of the turn, without flush", async () => {
  const { sink, writer } = start();
  writer.write(HEAD);
  assertEquals(sink.writes.length, 0);
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(sink.text, HEAD);
});

test("ResponseWriter.flush() sends at once, and later writes with the next call", async () => {
  const { sink, writer } = start();
  await writer.flush();
  assertEquals(sink.writes.length, 0);
  writer.write("a");
  await writer.flush();
  writer.write("b");
  await writer.flush();
  assertEquals(sink.writes.map(text), ["a", "b"]);
});

test("ResponseWriter.write() returns the number of bytes", async () => {
  const { writer } = start();
  assertEquals(await writer.write(""), 0);
  assertEquals(await writer.write(new Uint8Array()), 0);
  assertEquals(await writer.write("aé€😀"), 10);
  assertEquals(await writer.write(new Uint8Array(100_000)), 100_000);
  assertEquals(await writer.write("é".repeat(70_000)), 140_000);
  assertEquals(writer.written, 240_010);
});

test("ResponseWriter.write() refuses a value that is neither text nor bytes", async () => {
  const { sink, writer } = start();
  for (const wrong of [7, null, [1], new ArrayBuffer(1)]) {
    assertThrows(() => writer.write(wrong as never), TypeError);
  }
  await writer.flush();
  assertEquals(sink.writes.length, 0);
});

test("ResponseWriter loses and repeats nothing if the sink accepts only parts", async () => {
  const { sink, writer } = start();
  sink.most = 7_001;
  const parts = [10, 40_000, 65_536, 5, 300_000, 32_768, 1, 70_000]
    .map((size, n) => pattern(size, n));
  for (const part of parts) writer.write(part);
  await writer.flush();
  assertEquals(joined(sink.writes), joined(parts));
});

test("ResponseWriter sends the start of a large body together with its head", async () => {
  const { sink, writer } = start();
  const body = pattern(200_000);
  writer.write(HEAD);
  writer.write(body);
  await writer.flush();
  assertEquals(sink.writes.length, 2);
  assertEquals(sink.writes[0]!.length, WRITE_SIZE);
  assertEquals(joined(sink.writes), joined([bytes(HEAD), body]));
});

test("ResponseWriter does not copy a large write", async () => {
  const { sink, writer } = start();
  const body = pattern(200_000);
  writer.write(body);
  await writer.flush();
  assertStrictEquals(sink.given[0], body);
});

test("ResponseWriter.write() settles only when its buffer may be used again", async () => {
  for (const size of [10, 20_000, 40_000, 65_536, 200_000, 300_000]) {
    for (const head of ["", HEAD]) {
      const { sink, writer } = start();
      const buffer = new Uint8Array(size);
      writer.write(head);
      for (const value of [1, 2, 3]) {
        await writer.write(buffer.fill(value));
      }
      buffer.fill(4);
      await writer.flush();
      const expected = joined(
        [1, 2, 3].map((value) => new Uint8Array(size).fill(value)),
      );
      const sent = joined(sink.writes).subarray(head.length);
      assertEquals(sent.length, expected.length);
      assert(sent.every((value, n) => value === expected[n]), `size ${size}`);
    }
  }
});

test("ResponseWriter.write() does not block its caller below the high-water mark", async () => {
  const { sink, writer } = start();
  sink.shut();
  const small = writer.write("x".repeat(20_000));
  assertEquals(await stateOf(small), "fulfilled");
  sink.open();
  await writer.flush();
});

test("ResponseWriter.write() waits above the high-water mark", async () => {
  const { sink, writer } = start();
  sink.shut();
  const piece = "x".repeat(20_000);
  const count = Math.ceil(WRITE_HIGH_WATER / piece.length);
  for (let n = 1; n < count; n++) await writer.write(piece);
  const last = writer.write(piece);
  assertEquals(await stateOf(last), "pending");
  sink.open();
  assertEquals(await last, piece.length);
  assertEquals(sink.text.length, count * piece.length);
});

test("ResponseWriter.writelines() writes each of a sync or async iterable", async () => {
  const { sink, writer } = start();
  await writer.writelines(["a\n", bytes("b\n")]);
  await writer.writelines((async function* () {
    yield "c\n";
    await settled();
    yield bytes("d\n");
  })());
  await writer.flush();
  assertEquals(sink.text, "a\nb\nc\nd\n");
});

test("ResponseWriter.beginBody(number) sends that many bytes and counts the rest", async () => {
  const { sink, writer } = start();
  writer.write(HEAD);
  writer.beginBody(5);
  assertEquals(await writer.write("abc"), 3);
  assertEquals(await writer.write("def"), 3);
  assertEquals(await writer.write(bytes("ghi")), 3);
  assertEquals(writer.endBody(), { sent: 5, missing: 0, excess: 4 });
  writer.write("too late");
  writer.beginBody(Infinity);
  writer.write("NEXT");
  await writer.flush();
  assertEquals(sink.text, HEAD + "abcdeNEXT");
});

test("ResponseWriter.beginBody(number) also cuts a large write", async () => {
  const { sink, writer } = start();
  writer.beginBody(100_000);
  writer.write(pattern(150_000));
  assertEquals(writer.endBody(), { sent: 100_000, missing: 0, excess: 50_000 });
  await writer.flush();
  assertEquals(joined(sink.writes), pattern(150_000).subarray(0, 100_000));
});

test("ResponseWriter.endBody() returns the number of missing bytes", () => {
  const { writer } = start();
  writer.beginBody(5);
  assertEquals(writer.endBody(), { sent: 0, missing: 5, excess: 0 });
  // The bound ends with its body.
  assertEquals(writer.endBody(), { sent: 0, missing: 0, excess: 0 });
});

test("ResponseWriter.beginBody(0) sends nothing, as for HEAD", async () => {
  const { sink, writer } = start();
  writer.write(HEAD);
  writer.beginBody(0);
  writer.write("page");
  assertEquals(writer.endBody(), { sent: 0, missing: 0, excess: 4 });
  await writer.flush();
  assertEquals(sink.text, HEAD);
});

test("ResponseWriter.beginBody('chunked') frames each write and ends the body", async () => {
  const { sink, writer } = start();
  writer.write(HEAD);
  writer.beginBody("chunked");
  assertEquals(await writer.write("héllo"), 6);
  await writer.write("");
  await writer.write(bytes("0123456789abcdef"));
  assertEquals(writer.endBody(), { sent: 22, missing: 0, excess: 0 });
  writer.write("too late");
  writer.beginBody(Infinity);
  writer.write("NEXT");
  await writer.flush();
  const wire = HEAD + "6\r\nhéllo\r\n10\r\n0123456789abcdef\r\n0\r\n\r\nNEXT";
  assertEquals(new TextDecoder().decode(joined(sink.writes)), wire);
});

test("ResponseWriter.endBody() sends the last chunk without flush", async () => {
  const { sink, writer } = start();
  writer.beginBody("chunked");
  writer.endBody();
  await settled();
  assertEquals(sink.text, "0\r\n\r\n");
});

test("ResponseWriter.writable accepts a piped stream, with back-pressure, and stays open", async () => {
  const { sink, writer } = start();
  const parts = [pattern(300_000, 1), pattern(10, 2), pattern(70_000, 3)];
  await ReadableStream.from(parts).pipeTo(writer.writable);
  assertEquals(joined(sink.writes), joined(parts));
  assertEquals(writer.closed, false);
  sink.writes.length = 0;
  await writer.write("more");
  await writer.flush();
  assertEquals(sink.text, "more");
});

test("ResponseWriter.writable fails if the sink fails", async () => {
  const { sink, writer } = start();
  sink.error = new Deno.errors.BrokenPipe("gone");
  const source = ReadableStream.from([pattern(300_000)]);
  await assertRejects(
    () => source.pipeTo(writer.writable),
    Deno.errors.BrokenPipe,
  );
});

test("ResponseWriter reports a failure at flush, and at every later write", async () => {
  const { sink, writer } = start();
  const error = new Deno.errors.BrokenPipe("gone");
  sink.error = error;
  // Nobody awaits these; an unhandled rejection would fail the test.
  writer.write("small");
  writer.write(pattern(300_000));
  await settled();
  sink.error = undefined;
  for (
    const use of [
      () => writer.flush(),
      () => writer.write("more"),
      () => writer.flush(),
    ]
  ) {
    assertStrictEquals(await assertRejects(use, Error), error);
  }
  writer.write("not awaited");
  writer.flush();
  await settled();
  assertEquals(sink.writes.length, 0);
});

test("A waiting ResponseWriter.write() fails with the sink's error", async () => {
  const { sink, writer } = start();
  sink.shut();
  const waiting = writer.write(pattern(300_000));
  sink.error = new Deno.errors.ConnectionReset("gone");
  sink.open();
  await assertRejects(() => waiting, Deno.errors.ConnectionReset);
});

test("ResponseWriter.endBody() does not write after a failure", async () => {
  const { sink, writer } = start();
  writer.beginBody("chunked");
  sink.error = new Deno.errors.BrokenPipe("gone");
  writer.write("abc");
  await settled();
  sink.error = undefined;
  assertEquals(writer.endBody(), { sent: 3, missing: 0, excess: 0 });
  await settled();
  assertEquals(sink.writes.length, 0);
});

test("ResponseWriter.close() refuses further writes but sends the earlier ones", async () => {
  const { sink, writer } = start();
  writer.write("abc");
  writer.close();
  assertEquals(writer.closed, true);
  await assertRejects(() => writer.write("def"), TypeError);
  await writer.flush();
  assertEquals(sink.text, "abc");
});

/** Generates pseudo-random numbers below `below`, the same for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor(state / 2 ** 32 * below);
  };
}

async function digest(data: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", data.slice());
  return new Uint8Array(hash).toHex();
}

test("ResponseWriter never mixes the data of connections that write in parallel", async () => {
  const pick = random(20_260_101);
  const connection = async (id: number) => {
    const { sink, writer } = start();
    const expected: Uint8Array[] = [];
    for (let n = 0; n < 40; n++) {
      // Mostly small, some around the staging buffer's size, a few large.
      const size = pick([200, 20_000, 70_000, 200_000][pick(4)]!);
      const code = 33 + (id * 41 + n) % 90;
      const part = pick(2) === 0
        ? String.fromCharCode(code).repeat(size)
        : new Uint8Array(size).fill(code);
      expected.push(typeof part === "string" ? bytes(part) : part);
      sink.most = 1 + pick(100_000);
      if (pick(5) === 0) sink.shut();
      const written = writer.write(part);
      if (pick(3) === 0) await settled();
      sink.open();
      if (pick(2) === 0) await written;
      if (pick(4) === 0) await writer.flush();
    }
    await writer.flush();
    const sent = joined(sink.writes);
    const meant = joined(expected);
    assertEquals(sent.length, meant.length);
    assertEquals(await digest(sent), await digest(meant), `writer ${id}`);
  };
  await Promise.all(Array.from({ length: 30 }, (_, id) => connection(id)));
});

test("ResponseWriter does not reuse its staging buffer after a failed write", async () => {
  // An abandoned write may still be reading its bytes.
  let held = new Uint8Array();
  const failing = new ResponseWriter({
    write(bytes) {
      held = bytes as Uint8Array<ArrayBuffer>;
      return Promise.reject(new Error("gone"));
    },
  });
  failing.write("for one client only");
  await assertRejects(() => failing.flush(), Error, "gone");
  const { sink, writer } = start();
  writer.write("something for another client");
  await writer.flush();
  assertEquals(sink.text, "something for another client");
  assertEquals(new TextDecoder().decode(held), "for one client only");
});
