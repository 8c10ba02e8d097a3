// Whole connections: each handler sees only its own body, and each client
// can tell where every response ends.

import { assert, assertEquals } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../../handlers/base.ts";
import { decodeLatin1 } from "../../../text/latin1.ts";
import { property, type Subject } from "../_lib.ts";
import { type Conversation, converse } from "../_connection.ts";
import corpus from "../corpus/connection.json" with { type: "json" };
import {
  anyBytes as anyRawBytes,
  cut,
  cuts,
  mutate,
  type Random,
  texts,
} from "../_random.ts";
import { parseResponses, valuesOf } from "../_responses.ts";
import { anyRequest } from "./request.ts";

/** What a handler does with a request; the first part of the path selects it. */
const WAYS = [
  "read",
  "ignore",
  "part",
  "line",
  "lines",
  "stream",
  "chunked",
  "forget",
  "late",
  "empty",
  "large",
  "close",
  "open",
  "throw",
  "nothing",
] as const;

/** The ways after which the connection ends. */
const LAST = new Set<string>(["close", "open", "throw", "nothing"]);

/** The ways that read a body to its end. */
const WHOLE = new Set<string>(["read", "lines", "stream", "chunked"]);

/** An unread body is dropped up to 256 KiB; a larger one ends the connection. */
const MAX_DROPPED = 256 * 1024;

/** A handler that records what it reads. */
function probe(seen: Map<string, string>): typeof BaseHTTPRequestHandler {
  return class extends BaseHTTPRequestHandler {
    override protocol_version = "HTTP/1.1";
    override log_message(): void {}

    do_GET(): Promise<void> {
      return this.#respond();
    }
    do_HEAD(): Promise<void> {
      return this.#respond();
    }
    do_POST(): Promise<void> {
      return this.#respond();
    }

    async #respond(): Promise<void> {
      const [, way = "", id = ""] = this.path.split("/");
      const note = (data: Uint8Array) =>
        void seen.set(id, (seen.get(id) ?? "") + decodeLatin1(data));
      if (way === "throw") throw new Error("on purpose");
      if (way === "nothing") return;
      if (way === "read" || way === "chunked") note(await this.rfile.read());
      if (way === "lines") { for await (const line of this.rfile) note(line); }
      if (way === "stream") {
        for await (const piece of this.rfile.readable) note(piece);
      }
      if (way === "part") note(await this.rfile.read1(2));
      if (way === "line") note(await this.rfile.readline(5));
      // Nobody awaits these: they end, or fail, with their request.
      if (way === "forget") {
        void Promise.resolve(this.rfile.read()).then(note, () => {});
      }
      if (way === "late") queueMicrotask(() => void readLater(this, note));
      this.#send(way, id);
    }

    #send(way: string, id: string): void {
      this.send_response(way === "empty" ? 204 : 200);
      this.send_header("X-Id", id === "" ? "-" : id.replace(/[^\w]/g, "_"));
      if (way === "close") this.send_header("Connection", "close");
      const body = `body of ${id.replace(/[^\w]/g, "_")}`
        .repeat(way === "large" ? 20_000 : 1);
      if (way === "chunked") this.endHeadersChunked();
      else if (way === "open") this.end_headers();
      else {
        this.send_header("Content-Length", String(body.length));
        this.end_headers();
      }
      if (this.command === "HEAD" || way === "empty") return;
      // Nobody awaits these either.
      for (const piece of cut(body, [100_000])) void this.wfile.write(piece);
    }
  };
}

async function readLater(
  handler: BaseHTTPRequestHandler,
  note: (data: Uint8Array) => void,
): Promise<void> {
  const { rfile } = handler;
  for (let turn = 0; turn < 20; turn++) await undefined;
  try {
    note(await rfile.read());
  } catch {
    // A dropped body can't be read.
  }
}

/** A well-formed request with its number in the body. */
interface Request {
  readonly way: number;
  readonly method: number;
  readonly size: number;
  readonly coding: number;
  readonly blanks: number;
  readonly old: boolean;
}

function anyRequests(random: Random): Request[] {
  return random.list(5, (r) => ({
    way: r.oneIn(3) ? r.int(WAYS.length) : r.int(11),
    method: r.int(4),
    size: r.oneIn(100) ? 300_000 : r.pick([0, 1, 5, 30, 400]),
    coding: r.int(3),
    blanks: r.int(2),
    old: r.oneIn(6),
  }));
}

function wayOf({ way }: Request): string {
  return WAYS[way % WAYS.length]!;
}

function methodOf({ method }: Request): string {
  return ["GET", "POST", "POST", "HEAD"][method % 4]!;
}

function bodyOf(request: Request, id: number): string {
  return methodOf(request) === "GET"
    ? ""
    : String(id % 10).repeat(request.size);
}

function textOf(request: Request, id: number): string {
  const body = bodyOf(request, id);
  const version = request.old ? "HTTP/1.0" : "HTTP/1.1";
  const line = "\r\n".repeat(request.blanks % 2) +
    `${methodOf(request)} /${wayOf(request)}/${id} ${version}\r\nHost: a\r\n` +
    (request.old ? "Connection: keep-alive\r\n" : "");
  if (methodOf(request) === "GET") return line + "\r\n";
  // HTTP/1.0 has no chunks.
  switch (request.old ? 0 : request.coding % 3) {
    case 0:
      return `${line}Content-Length: ${body.length}\r\n\r\n${body}`;
    case 1:
      return `${line}Transfer-Encoding: chunked\r\n\r\n${
        chunks(body, 7)
      }0\r\n\r\n`;
    default:
      return `${line}Transfer-Encoding: chunked\r\n\r\n${
        chunks(body, 3)
      }000;a=b\r\nX-T: v\r\n\r\n`;
  }
}

function chunks(body: string, size: number): string {
  return cut(body, [Math.max(size, body.length / 50)]).map((data) =>
    `${data.length.toString(16)}\r\n${data}\r\n`
  ).join("");
}

/** How many of the requests get a response. */
function countOf(requests: readonly Request[]): number {
  const last = requests.findIndex((request) => {
    const way = wayOf(request);
    // Without chunks, only the end of the connection ends such a response.
    const isUntilClose = way === "chunked" && request.old;
    const unread = WHOLE.has(way) || way === "forget" || way === "late"
      ? 0
      : bodyOf(request, 0).length;
    // A response to HEAD ends with its head.
    if (way === "open" && methodOf(request) === "HEAD") {
      return unread > MAX_DROPPED;
    }
    return LAST.has(way) || isUntilClose || unread > MAX_DROPPED;
  });
  if (last < 0) return requests.length;
  return wayOf(requests[last]!) === "nothing" ? last : last + 1;
}

const apart = property(
  "BaseHTTPRequestHandler separates the requests of a connection",
  (random) => ({
    requests: anyRequests(random),
    sizes: random.oneIn(2) ? cuts(random) : [random.between(500, 70_000)],
    delay: random.pick([0, 1, 3, 40]),
  }),
  async ({ requests, sizes, delay }) => {
    // A late read may happen before or after the body is dropped.
    const isOpen = (request: Request, id: number) =>
      wayOf(request) === "late" && bodyOf(request, id).length > MAX_DROPPED;
    if (requests.some(isOpen)) return;
    const seen = new Map<string, string>();
    const text = requests.map(textOf).join("");
    // Large bodies sent byte by byte would take long, and show nothing new.
    const steps = text.length > 10_000
      ? sizes.map((size) => size + 300)
      : sizes;
    const { output, asked, error } = await converse(
      probe(seen),
      cut(text, steps),
      delay,
    );
    const responses = parseResponses(output, asked);
    const count = countOf(requests);
    const last = requests[count - 1];
    const thrown = last !== undefined && wayOf(last) === "throw";
    assertEquals(String(error), thrown ? "Error: on purpose" : "undefined");
    assertEquals(responses.length, count);
    for (const [id, { status, fields }] of responses.entries()) {
      const way = wayOf(requests[id]!);
      assertEquals(status, way === "throw" ? 500 : way === "empty" ? 204 : 200);
      if (way !== "throw") {
        assertEquals(valuesOf(fields, "x-id"), [String(id)]);
      }
    }
    for (const [id, data] of seen) {
      const request = requests[Number(id)]!;
      const body = bodyOf(request, Number(id));
      if (WHOLE.has(wayOf(request))) assertEquals(data, body);
      else assert(body.startsWith(data), `${wayOf(request)} of ${id}: ${data}`);
    }
  },
  150,
);

const BAD = [
  "GET /read/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  "GET /read/x HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n",
  "GET /read/x HTTP/1.1\r\nHost: a\r\nX: b\r\n folded\r\n\r\n",
  "GET /read/x HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
  "GET /read/x HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
  "GET /read/x HTTP/2.0\r\nHost: a\r\n\r\n",
  "GET /read/x y HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET HTTP/1.1\r\nHost: a\r\n\r\n",
  "POST /read/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
  "POST /read/x HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na",
  "POST /read/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST /read/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
  "POST /read/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
  "POST /read/x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST /read/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n",
  "POST /read/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n",
  "POST /ignore/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
];

const refused = property(
  "BaseHTTPRequestHandler handles nothing after a malformed request",
  (random) => ({
    before: anyRequests(random).map((request) => ({
      ...request,
      way: random.int(6),
      size: request.size % 1000,
      old: false,
    })),
    bad: random.int(BAD.length),
    sizes: cuts(random),
    delay: random.pick([0, 1, 5]),
  }),
  async ({ before, bad, sizes, delay }) => {
    if (countOf(before) < before.length || before.some(({ old }) => old)) {
      return;
    }
    const seen = new Map<string, string>();
    const text = before.map(textOf).join("") + BAD[bad % BAD.length] +
      "POST /read/canary HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nc";
    const { output, asked, error } = await converse(
      probe(seen),
      cut(text, sizes),
      delay,
    );
    assertEquals(error, undefined);
    assert(!seen.has("canary"), "The request after it was handled");
    const responses = parseResponses(output, asked);
    assertEquals(responses.length, before.length + 1);
    const { status } = responses.at(-1)!;
    // A handler that ignores its body responds before the error in it is found.
    const isIgnored = BAD[bad % BAD.length]!.startsWith("POST /ignore");
    assert(status >= 400 && status < 600 || isIgnored, String(status));
  },
  100,
);

const tunnels = property(
  "BaseHTTPRequestHandler delivers every byte after a CONNECT or an upgrade",
  (random) => ({
    before: random.int(3),
    connect: random.oneIn(2),
    bytes: random.oneIn(3) ? anyRequest(random) : anyRawBytes(random),
    sizes: cuts(random),
    delay: random.pick([0, 1, 5]),
  }),
  async ({ before, connect, bytes, sizes, delay }) => {
    const head = connect
      ? "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"
      : "GET /up HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
    const text = "GET /read/1 HTTP/1.1\r\nHost: a\r\n\r\n".repeat(before) +
      head + bytes;
    const { output, error } = await converse(Echo, cut(text, sizes), delay);
    assertEquals(error, undefined);
    let end = 0;
    for (let heads = 0; heads <= before; heads++) {
      end = output.indexOf("\r\n\r\n", end) + "\r\n\r\n".length;
    }
    assertEquals(output.slice(end), ">" + bytes);
  },
  150,
);

/** Responds to ordinary requests, and echoes every byte of a tunnel. */
class Echo extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override log_message(): void {}

  do_GET(): Promise<void> | void {
    if (this.path === "/up") return this.#echo(101);
    this.send_response(204);
    this.end_headers();
  }

  do_CONNECT(): Promise<void> {
    return this.#echo(200);
  }

  async #echo(status: number): Promise<void> {
    this.send_response(status);
    this.end_headers();
    void this.wfile.write(">");
    for (;;) {
      const piece = await this.rfile.read1();
      if (piece.length === 0) return;
      await this.wfile.write(piece);
    }
  }
}

const streams = texts(
  [
    "GET /read/1 HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /read/2 HTTP/1.1\r\nHost: a\r\n",
    "POST /ignore/3 HTTP/1.1\r\nHost: a\r\n",
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Expect: 100-continue\r\n",
    "Connection: close\r\n",
    "\r\n",
    "abc",
    "3\r\nabc\r\n",
    "0\r\n\r\n",
    "GET /read/4\r\n",
    "HEAD /part/5 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  ],
  [
    "POST /read/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /read/2 HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /chunked/1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /read/2 HTTP/1.0\r\n\r\n",
    "POST /line/1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    "\r\nGET /read/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nHEAD /read/2 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /read/1\r\nHost: a\r\n",
    "UNKNOWN /read/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /read/2 HTTP/1.1\r\nHost: a\r\n\r\n",
  ],
  { most: 8 },
);

function anyStream(random: Random): string {
  if (random.oneIn(4)) return anyRequest(random) + streams(random);
  return random.oneIn(3) ? mutate(random, streams(random)) : streams(random);
}

/** The final responses; whether 100 is sent may depend on the arrived bytes. */
function responsesOf({ output, asked }: Conversation): unknown {
  return parseResponses(output, asked);
}

const anyBytes = property(
  "BaseHTTPRequestHandler responds to any bytes with well-formed responses, however they arrive",
  (random) => ({
    text: anyStream(random),
    sizes: cuts(random),
    delay: random.pick([0, 2]),
  }),
  async ({ text, sizes, delay }) => {
    if (/\/(?:throw|forget|late|nothing)/.test(text)) return;
    const [whole, split] = [
      new Map<string, string>(),
      new Map<string, string>(),
    ];
    const first = await converse(probe(whole), [text]);
    assertEquals(first.error, undefined);
    const responses = responsesOf(first);
    const second = await converse(probe(split), cut(text, sizes), delay);
    assertEquals(second.error, undefined);
    assertEquals(responsesOf(second), responses);
    // The size of one read depends on the arrived bytes, but not its first byte.
    for (const [id, data] of split) {
      const other = whole.get(id) ?? "";
      assert(other.startsWith(data) || data.startsWith(other), id);
    }
  },
  250,
);

/** Properties of whole connections. */
export const CONNECTION: Subject = {
  name: "connection",
  properties: [apart, refused, tunnels, anyBytes],
  corpus,
};
