// Whole connections: whatever a client sends, each handler sees its own request's body
// alone, and each client can tell where every response ends.

import { assert, assertEquals } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../../handlers/base.ts";
import { decodeLatin1 } from "../../../text/latin1.ts";
import { property, type Subject } from "../_lib.ts";
import { type Conversation, converse } from "../_connection.ts";
import corpus from "../corpus/connection.json" with { type: "json" };
import { cut, cuts, mutate, type Random, texts } from "../_random.ts";
import { parseResponses, valuesOf } from "../_responses.ts";
import { anyRequest } from "./request.ts";

/** What a handler does with a request, named by the first part of its path. */
const WAYS = [
  "read",
  "ignore",
  "part",
  "line",
  "chunked",
  "forget",
  "late",
  "empty",
  "close",
  "throw",
  "nothing",
] as const;

/** The ways after which the connection ends. */
const LAST = new Set<string>(["close", "throw", "nothing"]);

/** A handler that notes what it reads. */
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
      if (way === "part") note(await this.rfile.read1(2));
      if (way === "line") note(await this.rfile.readline(5));
      // Nobody waits for these: they end, or fail, with their request.
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
      const body = `body of ${id.replace(/[^\w]/g, "_")}`;
      if (way === "chunked") this.endHeadersChunked();
      else {
        this.send_header("Content-Length", String(body.length));
        this.end_headers();
      }
      if (this.command !== "HEAD" && way !== "empty") this.wfile.write(body);
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
    // A body that was dropped can't be read.
  }
}

/** A well-formed request with a body that bears its number. */
interface Request {
  readonly way: number;
  readonly method: number;
  readonly size: number;
  readonly coding: number;
  readonly blanks: number;
}

function bodyOf({ size, method }: Request, id: number): string {
  return methodOf(method) === "GET" ? "" : String(id % 10).repeat(size);
}

function methodOf(method: number): string {
  return ["GET", "POST", "POST", "HEAD"][method % 4]!;
}

function textOf(request: Request, id: number): string {
  const method = methodOf(request.method);
  const body = bodyOf(request, id);
  const way = WAYS[request.way % WAYS.length]!;
  const line = "\r\n".repeat(request.blanks % 2) +
    `${method} /${way}/${id} HTTP/1.1\r\nHost: a\r\n`;
  if (method === "GET") return line + "\r\n";
  switch (request.coding % 3) {
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
  return cut(body, [size]).map((data) =>
    `${data.length.toString(16)}\r\n${data}\r\n`
  ).join("");
}

const apart = property(
  "BaseHTTPRequestHandler keeps the requests of a connection apart",
  (random) => ({
    requests: random.list(5, (r): Request => ({
      way: r.oneIn(3) ? r.int(WAYS.length) : r.int(8),
      method: r.int(4),
      size: r.pick([0, 1, 5, 30, 400]),
      coding: r.int(3),
      blanks: r.int(2),
    })),
    sizes: cuts(random),
    delay: random.pick([0, 1, 3, 40]),
  }),
  async ({ requests, sizes, delay }) => {
    const seen = new Map<string, string>();
    const text = requests.map(textOf).join("");
    const { output, asked, error } = await converse(
      probe(seen),
      cut(text, sizes),
      delay,
    );
    const ways = requests.map(({ way }) => WAYS[way % WAYS.length]!);
    const last = ways.findIndex((way) => LAST.has(way));
    const count = last < 0
      ? ways.length
      : last + (ways[last] === "nothing" ? 0 : 1);
    const thrown = last >= 0 && ways[last] === "throw";
    assertEquals(String(error), thrown ? "Error: on purpose" : "undefined");
    const responses = parseResponses(output, asked);
    assertEquals(responses.length, count);
    for (const [id, { status, fields }] of responses.entries()) {
      const way = ways[id]!;
      assertEquals(status, way === "throw" ? 500 : way === "empty" ? 204 : 200);
      if (way !== "throw") assertEquals(valuesOf(fields, "x-id"), [String(id)]);
    }
    for (const [id, data] of seen) {
      const body = bodyOf(requests[Number(id)]!, Number(id));
      const way = ways[Number(id)]!;
      if (way === "read" || way === "chunked") assertEquals(data, body);
      else assert(body.startsWith(data), `${way} of ${id}: ${data}`);
    }
  },
  300,
);

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

/** The responses, without the interim ones: whether 100 is sent may depend on what has come. */
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
    // How much one read gets depends on what has come, but not what it begins with.
    for (const [id, data] of split) {
      const other = whole.get(id) ?? "";
      assert(other.startsWith(data) || data.startsWith(other), id);
    }
  },
  400,
);

/** Properties of whole connections. */
export const CONNECTION: Subject = {
  name: "connection",
  properties: [apart, anyBytes],
  corpus,
};
