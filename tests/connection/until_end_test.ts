// `rfile.untilEnd()`: reading ahead while a request is handled.

import { assertEquals, assertRejects } from "@std/assert";
import { RequestReader } from "../../connection/reader.ts";
import { HandSource, settled, stateOf, test } from "./_memory.ts";

const always = () => true;

test("RequestReader.untilEnd() waits for the end, and keeps the bytes before it", async () => {
  const source = new HandSource();
  const reader = new RequestReader(source);
  const ended = reader.untilEnd(100, always);
  source.give("GET /\r\nA");
  assertEquals(await stateOf(ended), "pending");
  assertEquals(await reader.readRequestLine(), "GET /\r\n");
  // A read meanwhile waits for the same bytes.
  const block = reader.readHeaderBlock();
  await settled();
  assertEquals(source.waiting, 1);
  source.give(": 1\r\n\r\n");
  assertEquals(await block, "A: 1\r\n\r\n");
  assertEquals(await stateOf(ended), "pending");
  source.end();
  assertEquals(await ended, true);
});

test("RequestReader.untilEnd() stops reading if it must not continue", async () => {
  const source = new HandSource();
  const reader = new RequestReader(source);
  let over = false;
  const ended = reader.untilEnd(100, () => !over);
  over = true;
  const line = reader.readRequestLine();
  source.give("GET /\r\n");
  assertEquals([await ended, await line], [false, "GET /\r\n"]);
  assertEquals(source.waiting, 0);
});

test("RequestReader.untilEnd() gives up if too much is unread, and starts again after a read", async () => {
  const source = new HandSource();
  const reader = new RequestReader(source);
  const ended = reader.untilEnd(7, always);
  source.give("GET /\r");
  assertEquals(await stateOf(ended), "pending");
  source.give("\n");
  assertEquals(await ended, false);
  assertEquals(await reader.untilEnd(7, always), false);
  assertEquals(await reader.readRequestLine(), "GET /\r\n");
  const again = reader.untilEnd(7, always);
  assertEquals(await stateOf(again), "pending");
  source.end();
  assertEquals(await again, true);
});

test("RequestReader.untilEnd() reports an end at once, even with unread bytes before it", async () => {
  const reader = new RequestReader("GET /\r\n");
  assertEquals(await reader.untilEnd(100, always), true);
  assertEquals(await reader.readRequestLine(), "GET /\r\n");
  assertEquals(await reader.untilEnd(100, always), true);
});

test("RequestReader.untilEnd() keeps a body for its reader", async () => {
  const source = new HandSource();
  const reader = new RequestReader(source);
  reader.beginBody({ kind: "length", length: 4 });
  const ended = reader.untilEnd(100, always);
  const body = reader.read();
  source.give("bo");
  await settled();
  source.give("dy and more");
  assertEquals(new TextDecoder().decode(await body), "body");
  assertEquals(await stateOf(ended), "pending");
  source.end();
  assertEquals(await ended, true);
});

test("RequestReader.untilEnd() rejects with its source's error, and so does a concurrent read", async () => {
  const source = new HandSource();
  const reader = new RequestReader(source);
  const ended = assertRejects(
    () => reader.untilEnd(9, always),
    TypeError,
    "Cannot read",
  );
  const line = assertRejects(
    async () => await reader.readRequestLine(),
    TypeError,
  );
  source.fail(new TypeError("Cannot read: a test"));
  await ended;
  await line;
});

test("RequestReader.untilEnd() has no time limit, but a concurrent read does", async () => {
  const limits: (number | undefined)[] = [];
  class Limited extends HandSource {
    lookAhead(into: Uint8Array<ArrayBuffer>) {
      return this.read(into);
    }
    limitRead(until?: number) {
      limits.push(until);
    }
  }
  const source = new Limited();
  const reader = new RequestReader(source);
  const ended = reader.untilEnd(100, always);
  await settled();
  assertEquals([source.limits, limits.length], [[Infinity], 0]);
  const body = reader.read1();
  assertEquals(limits.length, 1);
  source.give("body");
  await body;
  source.timeout = 5;
  const line = reader.readRequestLine();
  assertEquals(limits.length, 2);
  source.give("GET /\r\n");
  await line;
  source.end();
  assertEquals(await ended, true);
});
