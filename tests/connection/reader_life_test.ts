// `rfile` between requests: the end of a body, draining, and idle connections.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { MAX_DRAIN, READ_SIZE } from "../../connection/limits.ts";
import { State } from "../../connection/lifecycle.ts";
import { RequestReader } from "../../connection/reader.ts";
import type { BodyFraming } from "../../parser/framing.ts";
import {
  HandSource,
  PieceSource,
  settled,
  stateOf,
  test,
  text,
  TRAILING,
} from "./_memory.ts";

const CHUNKED: BodyFraming = { kind: "chunked" };

/** A body in both framings: on the wire and parsed. */
const FRAMED: readonly [wire: string, framing: BodyFraming][] = [
  ["one\ntwo\n\nend", { kind: "length", length: 12 }],
  ["5\r\none\nt\r\n7;a=b\r\nwo\n\nend\r\n0\r\nSum: 9\r\n\r\n", CHUNKED],
];

test("RequestReader.endBody() advances to the next request", async () => {
  for (const [wire, framing] of FRAMED) {
    for (const taken of [0, 5, 12, 13]) {
      const reader = new RequestReader(
        new PieceSource([wire.slice(0, 7), wire.slice(7) + "NEXT\r\n"]),
      );
      reader.beginBody(framing);
      await reader.read(taken);
      assertEquals(await reader.endBody(true) ?? true, true);
      assertEquals(reader.awaitNext(), true);
      assertEquals(await reader.readRequestLine(), "NEXT\r\n");
    }
  }
});

test("RequestReader.endBody() does not wait if the body was read", async () => {
  const reader = new RequestReader("abcNEXT");
  reader.beginBody({ kind: "length", length: 3 });
  await reader.read();
  assertEquals(reader.endBody(true), undefined);
  assertEquals(reader.awaitNext(), true);
  reader.beginBody({ kind: "none" });
  assertEquals(text(await reader.read()), "");
  assertEquals(reader.endBody(true), undefined);
});

test("RequestReader is not idle before awaitNext(), even after draining", async () => {
  const reader = new RequestReader(new PieceSource(["abcNEXT\r\n"]));
  reader.beginBody({ kind: "length", length: 3 });
  assertEquals(await reader.endBody(true), true);
  assertEquals(reader.life.state, State.Draining);
  assertEquals(reader.awaitNext(), true);
  assertEquals(reader.life.state, State.Idle);
});

test("RequestReader.endBody() drops up to 256 KiB", async () => {
  const body = "x".repeat(MAX_DRAIN);
  const size = MAX_DRAIN.toString(16);
  const wires: [string, BodyFraming][] = [
    [body, { kind: "length", length: body.length }],
    [`${size}\r\n${body}\r\n0\r\n\r\n`, CHUNKED],
  ];
  for (const [wire, framing] of wires) {
    const reader = new RequestReader(new PieceSource([wire + "NEXT\r\n"]));
    reader.beginBody(framing);
    assertEquals(await reader.endBody(true), true);
    assertEquals(await reader.readRequestLine(), "NEXT\r\n");
  }
});

test("RequestReader.endBody() refuses more, and does so before reading if the length is known", async () => {
  const source = new PieceSource(["x".repeat(MAX_DRAIN + 1)]);
  const reader = new RequestReader(source);
  reader.beginBody({ kind: "length", length: MAX_DRAIN + 1 });
  assertEquals(await reader.endBody(true), false);
  assertEquals(source.reads, 0);
  assertEquals(reader.unread, true);

  const chunk = "10000\r\n" + "x".repeat(65_536) + "\r\n";
  const endless = new PieceSource(Array(20).fill(chunk));
  const chunked = new RequestReader(endless);
  chunked.beginBody(CHUNKED);
  assertEquals(await chunked.endBody(true), false);
  assert(chunked.taken <= MAX_DRAIN + 2 * READ_SIZE, `${chunked.taken} bytes`);
});

test("RequestReader.endBody() returns false for an incomplete or malformed body", async () => {
  const faulty: [string, BodyFraming][] = [
    ["abc", { kind: "length", length: 4 }],
    ["3\r\nabc", CHUNKED],
    ["zz\r\nGET /smuggled HTTP/1.1\r\n\r\n", CHUNKED],
  ];
  for (const [wire, framing] of faulty) {
    const reader = new RequestReader(wire);
    // The source reports its end with the next read.
    reader.beginBody(framing);
    assertEquals(await reader.endBody(true), false, wire);
  }
});

test("RequestReader.endBody() can fail while nobody awaits it yet", async () => {
  // A server first sends the response; an unhandled rejection would end the process.
  const source = new HandSource();
  const reader = new RequestReader(source);
  reader.beginBody({ kind: "length", length: 4 });
  const ended = reader.endBody(true) as Promise<boolean>;
  source.fail(new Deno.errors.ConnectionReset("gone"));
  await settled();
  await assertRejects(() => ended, Deno.errors.ConnectionReset);
});

test("RequestReader.detachBody() opens the stream beyond the body", async () => {
  const reader = new RequestReader("abcdef");
  reader.beginBody({ kind: "none" });
  reader.detachBody();
  assertEquals(text(await reader.read()), "abcdef");
});

test("RequestReader.close() ends reading", async () => {
  const reader = new RequestReader("abc\ndef");
  reader.close();
  assertEquals(await reader.readRequestLine(), "");
  assertEquals(await reader.read(), new Uint8Array());
  assertEquals(await reader.read1(), new Uint8Array());
  assertEquals(await reader.readline(), new Uint8Array());
});

test("RequestReader.unread reports whether a close would reset the connection", async () => {
  const source = new PieceSource(["GET / HT", "TP/1.1\r\n", "\r\n", "ab", "c"]);
  const reader = new RequestReader(source);
  const seen = [reader.unread];
  await reader.readRequestLine();
  seen.push(reader.unread); // in a head
  await reader.readHeaderBlock();
  seen.push(reader.unread);
  reader.beginBody({ kind: "length", length: 3 });
  seen.push(reader.unread);
  await reader.read(2);
  seen.push(reader.unread);
  await reader.read(1);
  seen.push(reader.unread);
  assertEquals(seen, [false, true, true, true, true, false]);
  const piped = new RequestReader("A\nB");
  await piped.readline();
  assertEquals(piped.unread, true);
});

test("RequestReader is idle only before the first byte of a request", async () => {
  const source = new HandSource();
  const reader = new RequestReader(source);
  const line = reader.readRequestLine();
  assertEquals(source.life.state === State.Idle, true);
  source.give("GET / ");
  await stateOf(line as Promise<string>);
  assertEquals(source.life.state === State.Idle, false);
  source.give("HTTP/1.1\r\nHost");
  assertEquals(await line, "GET / HTTP/1.1\r\n");
  const block = reader.readHeaderBlock();
  assertEquals(source.life.state === State.Idle, false);
  source.give(": a\r\n\r\n");
  assertEquals(await block, "Host: a\r\n\r\n");
  reader.beginBody({ kind: "length", length: 1 });
  const body = reader.read();
  assertEquals(source.life.state === State.Idle, false);
  source.give("x");
  await body;
  reader.endBody(true);
  const next = reader.readRequestLine();
  assertEquals(source.life.state === State.Idle, true);
  source.end();
  assertEquals(await next, "");
});

test("RequestReader returns no further request while its source is draining", async () => {
  const source = new HandSource();
  const reader = new RequestReader(source);
  const waiting = reader.readRequestLine();
  source.stopping = true;
  source.give("GET / HTTP/1.1\r\nGET /2 HTTP/1.1\r\n");
  // The request that had begun is still returned; the next one is not.
  assertEquals(await waiting, "GET / HTTP/1.1\r\n");
  assertEquals(await reader.readRequestLine(), "");
  assertEquals(reader.unread, true);
});

test("RequestReader applies one timeout to a head from its first byte, and none while idle", async () => {
  const source = new HandSource();
  source.timeout = 5;
  const reader = new RequestReader(source);
  for (let request = 0; request < 2; request++) {
    source.limits.length = 0;
    const line = reader.readRequestLine();
    source.give("G");
    await stateOf(line as Promise<string>);
    const from = performance.now();
    source.give("ET / HTTP/1.1\r\n");
    await line;
    const block = reader.readHeaderBlock();
    for (const piece of ["A", ": b", "\r\n", "\r\n"]) {
      source.give(piece);
      await stateOf(block as Promise<string>);
    }
    assertEquals(await block, "A: b\r\n\r\n");
    reader.beginBody({ kind: "none" });
    reader.endBody(true);
    const [idle, first, ...later] = source.limits;
    assertEquals(idle, Infinity);
    assert(first! <= from + 5000 && first! > from, `${first} from ${from}`);
    assertEquals(later, Array(4).fill(first));
  }
});

test("RequestReader leaves the bytes after a body unread", async () => {
  const reader = new RequestReader("abc" + TRAILING);
  reader.beginBody({ kind: "length", length: 3 });
  await reader.read();
  reader.endBody(true);
  assertEquals(text(await reader.read()), "");
  reader.openStream();
  assertEquals(text(await reader.read()), TRAILING);
});
