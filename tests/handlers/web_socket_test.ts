// The WebSocket handler of docs/from-python.md, frame by frame (RFC 6455).

import { assertEquals, assertMatch } from "@std/assert";
import { toFileUrl } from "@std/path";
import type { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { type Client, serve } from "../_serve.ts";

const UPGRADE = "GET / HTTP/1.1\r\nHost: a\r\n" +
  "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n" +
  "Sec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const TEXT = 0x81;
const BINARY = 0x82;
const CLOSE = 0x88;
const PING = 0x89;
const PONG = 0x8a;

/** Logs of the handler, and its connections that have ended. */
const logged: string[] = [];
let ended = Promise.withResolvers<void>();

/** Loads the handler of the page. */
async function load() {
  const page = await Deno.readTextFile(
    new URL("../../docs/from-python.md", import.meta.url),
  );
  const section = page.slice(page.indexOf("\n## WebSocket\n"));
  const snippet = /```ts\n([^]*?)```/.exec(section)?.[1] ?? "";
  const code = snippet.slice(0, snippet.indexOf("await using server"))
    .replace(
      '"@x/httpserver"',
      JSON.stringify(new URL("../../mod.ts", import.meta.url).href),
    ) + "export { Echo };\n";
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/echo.ts`, code);
    const { Echo } = await import(toFileUrl(`${folder}/echo.ts`).href);
    const Handler: typeof BaseHTTPRequestHandler = Echo;
    return class extends Handler {
      override log_message(template: string, ...args: unknown[]) {
        logged.push([template, ...args].join(" "));
      }
      override async finish() {
        await super.finish();
        ended.resolve();
      }
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const Echo = await load();

/** A client's frame, masked. */
function frame(first: number, data: string, mask = 0x5a): string {
  const size = data.length < 126
    ? [data.length | 0x80]
    : [0xff, 0, 0, 0, 0, ...bigEndian(data.length, 4)];
  const masked = Array.from(data, (c) => c.charCodeAt(0) ^ mask);
  const head = String.fromCharCode(first, ...size, mask, mask, mask, mask);
  // One call for a large array would overflow the stack.
  return head + masked.map((code) => String.fromCharCode(code)).join("");
}

function bigEndian(value: number, size: number): number[] {
  return Array.from(
    { length: size },
    (_, n) => value >>> (8 * (size - 1 - n)) & 0xff,
  );
}

/** Reads a server's frame, which must not be masked. */
async function readFrame(client: Client): Promise<[number, string]> {
  const head = await client.read(2);
  const short = head.charCodeAt(1);
  const digits = short < 126 ? "" : await client.read(short === 126 ? 2 : 8);
  const size = short < 126
    ? short
    : Array.from(digits).reduce((sum, c) => sum * 256 + c.charCodeAt(0), 0);
  return [head.charCodeAt(0), await client.read(size)];
}

async function open(client: Client, more = ""): Promise<void> {
  ended = Promise.withResolvers();
  logged.length = 0;
  await client.write(UPGRADE + more);
  const { status, fields } = await client.answer();
  assertEquals(status, 101);
  assertEquals(fields.slice(2), [
    "Upgrade: websocket",
    "Connection: Upgrade",
    // RFC 6455 §1.3 has this key and its value.
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  ]);
}

Deno.test("the WebSocket handler sends text and binary messages back", async () => {
  await using server = serve(Echo);
  using client = await server.connect();
  // The first frame arrives with the head.
  await open(client, frame(TEXT, "t\xc3\xa9a"));
  assertEquals(await readFrame(client), [TEXT, "t\xc3\xa9a"]);
  const large = "\0\xff".repeat(150_000);
  await client.write(frame(BINARY, large));
  const [type, data] = await readFrame(client);
  assertEquals([type, data.length, data === large], [BINARY, 300_000, true]);
  // In fragments, with a ping in between.
  await client.write(
    frame(0x01, "one ") + frame(PING, "p") + frame(0x00, "two ") +
      frame(0x80, "three"),
  );
  assertEquals(await readFrame(client), [PONG, "p"]);
  assertEquals(await readFrame(client), [TEXT, "one two three"]);
});

Deno.test("the WebSocket handler closes when the client does, and the socket ends", async () => {
  await using server = serve(Echo);
  using client = await server.connect();
  await open(client);
  await client.write(frame(CLOSE, "\x03\xe8bye"));
  assertEquals(await readFrame(client), [CLOSE, "\x03\xe8bye"]);
  await client.assertClosed();
  await ended.promise;
  assertEquals(logged.length, 1);
  assertMatch(logged[0]!, / 101 -$/);
});

Deno.test("the WebSocket handler ends when the client leaves without a close", async () => {
  await using server = serve(Echo);
  for (const half of [true, false]) {
    using client = await server.connect();
    await open(client);
    await client.write(frame(TEXT, "tea"));
    assertEquals(await readFrame(client), [TEXT, "tea"]);
    if (half) {
      await client.closeWrite();
      await client.assertClosed();
    } else client.close();
    await ended.promise;
  }
});

Deno.test("the WebSocket handler closes after an invalid frame, and logs why", async () => {
  const rows: [string, number, string][] = [
    // Not masked (RFC 6455 §5.1).
    ["\x81\x03tea", 1002, "MASK"],
    // Its length is 2 MiB.
    ["\x82\xff\0\0\0\0\0\x20\0\0mask", 1009, "Max payload size exceeded"],
    [frame(TEXT, "\xff"), 1007, "UTF-8"],
  ];
  await using server = serve(Echo);
  for (const [bytes, code, message] of rows) {
    using client = await server.connect();
    await open(client);
    await client.write(bytes);
    const [type, data] = await readFrame(client);
    assertEquals(
      [type, data.charCodeAt(0) * 256 + data.charCodeAt(1)],
      [CLOSE, code],
    );
    await client.write(frame(CLOSE, data.slice(0, 2)));
    await client.assertClosed();
    await ended.promise;
    assertMatch(logged[1]!, new RegExp(message));
  }
});

Deno.test("the WebSocket handler closes with 1001 when the server does", async () => {
  await using server = serve(Echo);
  using client = await server.connect();
  await open(client);
  const closed = server.server.server_close();
  assertEquals(await readFrame(client), [CLOSE, "\x03\xe9"]);
  await client.write(frame(CLOSE, "\x03\xe9"));
  await client.assertClosed();
  await closed;
});

Deno.test("the WebSocket handler rejects other requests with 400", async () => {
  await using server = serve(Echo);
  for (
    const request of [
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      UPGRADE.replace("Version: 13", "Version: 8"),
      UPGRADE.replace("Upgrade: WebSocket", "Upgrade: h2c"),
    ]
  ) {
    assertMatch(await server.send(request), /^HTTP\/1\.1 400 Not a WebSocket/);
  }
});
