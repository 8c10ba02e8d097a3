// `rfile.peek()`: looking for more behind a request that is being answered.

import { assertEquals, assertRejects } from "@std/assert";
import { RequestReader } from "../../connection/reader.ts";
import { HandSource, settled, stateOf, test } from "./_memory.ts";

test("RequestReader.peek() waits for more, and keeps it for the next request", async () => {
  const source = new HandSource();
  const reader = new RequestReader(source);
  const peeked = reader.peek();
  assertEquals(await stateOf(peeked), "pending");
  // A request that is asked for meanwhile waits for the same bytes.
  const line = reader.readLatin1Line(100);
  await settled();
  assertEquals(source.waiting, 1);
  source.give("GET /\r\n");
  assertEquals(await peeked, true);
  assertEquals(await line, "GET /\r\n");
});

test("RequestReader.peek() tells at once what has come already, and of the end", async () => {
  const reader = new RequestReader("GET /\r\n");
  assertEquals([await reader.peek(), await reader.peek()], [true, true]);
  await reader.readLatin1Line(100);
  assertEquals([await reader.peek(), await reader.peek()], [false, false]);
});

test("RequestReader.peek() refuses where the body is unread", async () => {
  const reader = new RequestReader("body");
  reader.beginBody({ kind: "length", length: 4 });
  await assertRejects(
    () => reader.peek(),
    TypeError,
    "Cannot look ahead: the body is unread",
  );
  await reader.read();
  assertEquals(await reader.peek(), false);
});

test("RequestReader.peek() passes on what its source throws, and so does the read that waits with it", async () => {
  const source = new HandSource();
  const reader = new RequestReader(source);
  const peeked = assertRejects(() => reader.peek(), TypeError, "Cannot read");
  const line = assertRejects(
    async () => await reader.readLatin1Line(9),
    TypeError,
  );
  source.fail(new TypeError("Cannot read: a test"));
  await peeked;
  await line;
});
