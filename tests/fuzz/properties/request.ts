// Request lines, framing and whole request heads.

import { assert, assertEquals } from "@std/assert";
import { ParseError } from "../../../parser/errors.ts";
import { requestFraming } from "../../../parser/framing.ts";
import { LineReader } from "../../../parser/line_reader.ts";
import { parseRequest } from "../../../parser/request.ts";
import { parseRequestLine } from "../../../parser/request_line.ts";
import { encodeLatin1 } from "../../../text/latin1.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/request.json" with { type: "json" };
import { cut, cuts, type Random, soup, texts } from "../_random.ts";

const LINES = [
  "GET / HTTP/1.1\r\n",
  "GET /a?b HTTP/1.0\n",
  "GET /\r\n",
  "POST http://a.test/x HTTP/1.1\r\n",
  "CONNECT a.test:443 HTTP/1.1\r\n",
  "OPTIONS * HTTP/1.1\r\n",
];

const lines = texts(
  [
    ..."GET POST / // /a * a:1 http://h/ HTTP/1.1 HTTP/1.0 HTTP/2.0 HTTP/01.1 HTTP/1.10 http/1.1 HTTP/"
      .split(" "),
    " ",
    " ",
    "\r\n",
  ],
  LINES,
  { most: 8 },
);

const lineParts = property(
  "parseRequestLine() returns clean parts, undefined for a blank line, or throws a ParseError",
  lines,
  (text) => {
    const { value: line, error } = attempt(
      () => parseRequestLine(text),
      ParseError,
    );
    if (error !== undefined) {
      assert([400, 505].includes((error as ParseError).status));
      // The message becomes the reason phrase.
      assert(!/[\r\n\0]|[^\0-\xff]/.test(error.message), error.message);
      return;
    }
    if (line === undefined) return assertEquals(text.trim(), "");
    // deno-lint-ignore no-control-regex
    const clean = /^[^\x00-\x20\x7f]+$/;
    assert(
      clean.test(line.command) && clean.test(line.path),
      JSON.stringify(line),
    );
    assert(!line.path.startsWith("//"), line.path);
    assert(
      line.version === "" || /^HTTP\/[01]\.(?:0|[1-9]\d*)$/.test(line.version),
      line.version,
    );
    if (line.simple) {
      assertEquals([line.command, line.version], ["GET", ""]);
      assert(!/^HTTP\/\d/.test(line.path), line.path);
    }
    // Only OPTIONS addresses the whole server (RFC 9112 §3.2.4), and a version is not a target.
    if (line.command !== "OPTIONS") assert(line.path !== "*");
    if (!line.simple) assertEquals(line.version === "", false);
  },
  400,
);

const ordinary = property(
  "parseRequestLine() accepts every well-formed line",
  (random) => ({
    method: random.pick(["GET", "HEAD", "M-SEARCH", "x!"]),
    target: "/" +
      soup(["a", "?", "%41", "/", ";", "#", "~"], 6, ["b"])(random).replace(
        /^\/+/,
        "",
      ),
    minor: random.int(2),
  }),
  ({ method, target, minor }) => {
    if (method === "" || !target.startsWith("/")) return;
    assertEquals(
      parseRequestLine(`${method} ${target} HTTP/1.${minor & 1}\r\n`),
      {
        command: method,
        path: target.replace(/^\/+/, "/"),
        version: `HTTP/1.${minor & 1}`,
        major: 1,
        minor: minor & 1,
        simple: false,
      },
    );
  },
);

const codings = [
  ..."chunked;CHUNKED;gzip;gzip, chunked;chunked, gzip;chunked,;,chunked;chunked, chunked;identity;;x y;chunked\x0b;chunked,chunked"
    .split(";"),
  "chunked;q=1",
  '"chunked"',
];
/** Values without white space around them, as header blocks return them. */
const lengths = [
  "0",
  "5",
  "005",
  "5, 5",
  "5,6",
  "+5",
  "-5",
  "5 5",
  "0x5",
  "",
  ",",
  "5,",
  "9007199254740991",
  "٥",
];

const framing = property(
  "requestFraming() knows the end of every body that it accepts",
  (random) => ({
    contentLength: random.oneIn(2)
      ? []
      : random.list(2, (r) => r.pick(lengths)),
    transferEncoding: random.oneIn(2)
      ? []
      : random.list(2, (r) => r.pick(codings)),
    minor: random.int(2),
  }),
  ({ contentLength, transferEncoding, minor }) => {
    const { value, error } = attempt(
      () =>
        requestFraming({ contentLength, transferEncoding }, {
          major: 1,
          minor,
        }),
      ParseError,
    );
    const status = error === undefined ? 200 : (error as ParseError).status;
    const coding = transferEncoding.length === 1
      ? transferEncoding[0]!.toLowerCase()
      : undefined;
    if (transferEncoding.length > 0) {
      assert(status !== 200 || (minor > 0 && contentLength.length === 0));
      // Empty list members are ignored (RFC 9110 §5.6.1.2), or refused.
      const last = transferEncoding.join(",").toLowerCase().split(",")
        .map((name) => name.replace(/^[ \t]+|[ \t]+$/g, "")).filter((name) =>
          name !== ""
        );
      if (status === 200) assertEquals(last, ["chunked"]);
      if (coding === "chunked" && minor > 0 && contentLength.length === 0) {
        assertEquals(status, 200);
      } else if (status !== 200) assert(status === 400 || status === 501);
      if (value !== undefined) assertEquals(value.kind, "chunked");
      return;
    }
    if (contentLength.length === 0) {
      return assertEquals(value, { kind: "none" });
    }
    const digits = contentLength.length === 1 &&
      /^[0-9]+$/.test(contentLength[0]!);
    assertEquals(status, digits ? 200 : 400);
    if (!digits) return;
    const length = Number(contentLength[0]);
    assertEquals(
      value,
      length === 0 ? { kind: "none" } : { kind: "length", length },
    );
  },
  400,
);

const requests = texts(
  [
    ...LINES,
    "Host: a\r\n",
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    "\r\n",
    "\n",
    "X: y\n",
    "abc",
  ],
  [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest",
    "\r\n\r\nPOST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "GET /\r\nHost: a\r\n",
    "GET / HTTP/1.0\nConnection: keep-alive\n\n",
  ],
);

/** The first request of a stream, and the size of the rest. */
function first(text: string, sizes: readonly number[]): unknown {
  const buffer = new LineReader();
  const pieces = cut(text, sizes);
  let waits = 0;
  const outcome = attempt(() => {
    for (;;) {
      const request = parseRequest(buffer);
      if (request !== undefined || buffer.ended) return request;
      const next = pieces.shift();
      if (next === undefined) buffer.end();
      else buffer.feed(encodeLatin1(next));
      assert(waits++ <= text.length + 1);
    }
  }, ParseError);
  if (outcome.error !== undefined) return `${outcome.error.message}`;
  const { value } = outcome;
  if (value === undefined) return undefined;
  const { line, framing, keepAlive, expectContinue, headers } = value;
  return {
    line,
    framing,
    keepAlive,
    expectContinue,
    headers: headers.items(),
    left: buffer.length + pieces.join("").length,
  };
}

const agree = property(
  "parseRequest() has the same result however the bytes arrive",
  (random) => ({ text: requests(random), sizes: cuts(random) }),
  ({ text, sizes }) => {
    assertEquals(first(text, sizes), first(text, [text.length]));
    assertEquals(first(text, [1]), first(text, [text.length]));
  },
);

const rest = property(
  "parseRequest() leaves the bytes after a head unread",
  (random) => ({
    text: requests(random),
    rest: soup(["a", "\r\n", "GET / HTTP/1.1\r\n"], 4)(random),
  }),
  ({ text, rest }) => {
    const alone = first(text, [text.length]) as
      | { left: number }
      | string
      | undefined;
    if (typeof alone !== "object" || alone.left > 0) return;
    // A line that the end of the stream ended would continue.
    if (!text.endsWith("\n")) return;
    const all = text + rest;
    assertEquals(first(all, [all.length]), { ...alone, left: rest.length });
  },
);

/** A stream of requests, for tests of whole connections. */
export function anyRequest(random: Random): string {
  return requests(random);
}

/** Properties of requests. */
export const REQUEST: Subject = {
  name: "request",
  properties: [lineParts, ordinary, framing, agree, rest],
  corpus,
};
