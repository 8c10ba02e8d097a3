// RFC 9112 §8 and §9: incomplete messages, connections that stay open or close,
// pipelines, and RFC 9110 §7.8 and §10.1.1: upgrades and expectations.

import {
  badBody,
  chunked,
  closed,
  ending,
  get,
  kept,
  lines,
  post,
  refused,
  shown,
  SMUGGLED,
  type WireCase,
} from "./_case.ts";

const GET = "GET /a HTTP/1.1";
const SEEN = `${GET} []`;
const OLD = "GET /a HTTP/1.0";
const OLD_SEEN = `${OLD} []`;

const PERSISTENCE: readonly WireCase[] = [
  kept("HTTP/1.1 is kept by default", get(), SEEN),
  ...[
    "keep-alive",
    "Keep-Alive",
    "upgrade",
    "",
    "closed",
    "close-not",
    "x-close",
    "TE, x",
    '"close"',
    "close;a=b",
  ].map((value) =>
    kept(
      `Connection: ${value} keeps HTTP/1.1`,
      get(`Connection: ${value}`),
      SEEN,
    )
  ),
  ...[
    "close",
    "Close",
    "CLOSE",
    "\tclose ",
    "close, keep-alive",
    "keep-alive, close",
    "x,close",
    ", close ,",
    "close,close",
  ].map((value) =>
    closed(
      `Connection: ${shown(value)} closes`,
      get(`Connection: ${value}`) + SMUGGLED,
      SEEN,
    )
  ),
  closed(
    "close in a second Connection line closes",
    get("Connection: keep-alive", "Connection: close") + SMUGGLED,
    SEEN,
  ),
  closed(
    "close in a first Connection line closes",
    get("Connection: close", "Connection: keep-alive") + SMUGGLED,
    SEEN,
  ),
  closed(
    "close after a body closes",
    post(["Connection: close", "Content-Length: 2"], "ab") + SMUGGLED,
    "POST /a HTTP/1.1 [ab]",
  ),
  closed(
    "close after chunks closes",
    post(["Connection: close", "Transfer-Encoding: chunked"], "0\r\n\r\n") +
      SMUGGLED,
    "POST /a HTTP/1.1 []",
  ),
  kept(
    "Proxy-Connection: close is ignored",
    get("Proxy-Connection: close"),
    SEEN,
  ),
  kept("Keep-Alive means nothing", get("Keep-Alive: timeout=0, max=0"), SEEN),
  closed("HTTP/1.0 closes by default", lines(OLD) + SMUGGLED, OLD_SEEN),
  closed(
    "HTTP/1.0 closes with Connection: close",
    lines(OLD, "Connection: close") + SMUGGLED,
    OLD_SEEN,
  ),
  kept(
    "HTTP/1.0 stays open with Connection: keep-alive",
    lines(OLD, "Connection: keep-alive"),
    OLD_SEEN,
  ),
  kept(
    "HTTP/1.0 stays open with Connection: Keep-Alive",
    lines(OLD, "Connection: Keep-Alive"),
    OLD_SEEN,
  ),
  closed(
    "HTTP/1.0 closes with keep-alive and close",
    lines(OLD, "Connection: keep-alive, close") + SMUGGLED,
    OLD_SEEN,
  ),
  closed(
    "Proxy-Connection: keep-alive is ignored",
    lines(OLD, "Proxy-Connection: keep-alive") + SMUGGLED,
    OLD_SEEN,
  ),
  kept(
    "HTTP/1.0 stays open after a body",
    lines("POST /a HTTP/1.0", "Connection: keep-alive", "Content-Length: 2") +
      "ab",
    "POST /a HTTP/1.0 [ab]",
  ),
  kept(
    "a length that Connection names still counts",
    get("Connection: content-length", "Content-Length: 2") + "ab",
    "GET /a HTTP/1.1 [ab]",
  ),
];

const PIPELINES: readonly WireCase[] = [
  kept(
    "two requests in a row get responses in order",
    get() + lines("HEAD /b HTTP/1.1", "Host: a"),
    SEEN,
    "HEAD /b HTTP/1.1 []",
  ),
  kept(
    "ten requests in a row get responses in order",
    Array.from(
      { length: 10 },
      (_, index) => lines(`GET /${index} HTTP/1.1`, "Host: a"),
    ).join(""),
    ...Array.from({ length: 10 }, (_, index) => `GET /${index} HTTP/1.1 []`),
  ),
  kept(
    "bodies in a row are separated",
    post(["Content-Length: 1"], "a") + chunked("1\r\nb\r\n0\r\n\r\n") +
      post(["Content-Length: 1"], "c"),
    "POST /a HTTP/1.1 [a]",
    "POST /a HTTP/1.1 [b]",
    "POST /a HTTP/1.1 [c]",
  ),
  kept(
    "HTTP/1.1 may follow HTTP/1.0",
    lines(OLD, "Connection: keep-alive") + get(),
    OLD_SEEN,
    SEEN,
  ),
  closed(
    "HTTP/1.0 may follow HTTP/1.1",
    get() + lines(OLD) + SMUGGLED,
    SEEN,
    OLD_SEEN,
  ),
  refused(
    "an error after a good request gets a response",
    get() + "FUBAR\r\n\r\n" + SMUGGLED,
    400,
    SEEN,
  ),
  refused(
    "a bad field after a good request gets a response",
    get() + get("X : y") + SMUGGLED,
    400,
    SEEN,
  ),
  refused(
    "two Hosts after a good request get a response",
    get() + get("Host: b") + SMUGGLED,
    400,
    SEEN,
  ),
  refused(
    "an unknown coding after a good request gets a response",
    get() + post(["Transfer-Encoding: x"], "") + SMUGGLED,
    501,
    SEEN,
  ),
  refused(
    "another protocol after a good request gets a response",
    get() + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    505,
    SEEN,
  ),
  {
    name: "HTTP/0.9 after a good request is the last one",
    send: get() + "GET /b\r\n" + SMUGGLED,
    seen: [SEEN, "GET /b HTTP/0.9 []"],
    statuses: [200, 0],
    open: false,
  },
  {
    name: "bad chunks after a good request get a response",
    send: get() + chunked("zz\r\n") + SMUGGLED,
    seen: [SEEN, "POST /a HTTP/1.1 [!400]"],
    statuses: [200, 400],
    open: false,
  },
];

/** An interim response, then the final one. */
function continued(name: string, send: string, seen: string): WireCase {
  return { name, send, seen: [seen], statuses: [100, 200], open: true };
}

const EXPECTATIONS: readonly WireCase[] = [
  continued(
    "Expect: 100-continue gets 100",
    post(["Expect: 100-continue", "Content-Length: 2"], "ab"),
    "POST /a HTTP/1.1 [ab]",
  ),
  continued(
    "Expect is case-insensitive",
    post(["expect: 100-CONTINUE", "Content-Length: 2"], "ab"),
    "POST /a HTTP/1.1 [ab]",
  ),
  continued(
    "Expect works with chunks",
    post(
      ["Expect: 100-continue", "Transfer-Encoding: chunked"],
      "1\r\na\r\n0\r\n\r\n",
    ),
    "POST /a HTTP/1.1 [a]",
  ),
  ...["", "100", "200-ok", "100-continued", "x=y"].map((value) =>
    kept(
      `Expect: ${value} is ignored`,
      post([`Expect: ${value}`, "Content-Length: 2"], "ab"),
      "POST /a HTTP/1.1 [ab]",
    )
  ),
  closed(
    "HTTP/1.0 gets no 100",
    lines("POST /a HTTP/1.0", "Expect: 100-continue", "Content-Length: 2") +
      "ab",
    "POST /a HTTP/1.0 [ab]",
  ),
  refused(
    "faulty framing gets no 100",
    post(["Expect: 100-continue", "Content-Length: x"], "ab"),
  ),
  refused(
    "two framings get no 100",
    post([
      "Expect: 100-continue",
      "Content-Length: 2",
      "Transfer-Encoding: chunked",
    ], "ab"),
  ),
  refused(
    "a bad Host gets no 100",
    lines(
      "POST /a HTTP/1.1",
      "Host: /",
      "Expect: 100-continue",
      "Content-Length: 2",
    ) + "ab",
  ),
  refused(
    "an unknown coding gets no 100",
    post(["Expect: 100-continue", "Transfer-Encoding: gzip"], "ab"),
    501,
  ),
];

const UPGRADES: readonly WireCase[] = [
  kept(
    "an upgrade that nobody handles is ignored",
    get("Connection: Upgrade", "Upgrade: websocket"),
    SEEN,
  ),
  kept(
    "an upgrade to HTTP/2 is ignored",
    get(
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
    ),
    SEEN,
  ),
  kept(
    "an upgrade without Connection is ignored",
    get("Upgrade: websocket"),
    SEEN,
  ),
  kept(
    "an upgrade with a body is ignored",
    post(["Connection: Upgrade", "Upgrade: x", "Content-Length: 2"], "ab"),
    "POST /a HTTP/1.1 [ab]",
  ),
  closed(
    "an upgrade of HTTP/1.0 is ignored",
    lines(OLD, "Connection: Upgrade", "Upgrade: x"),
    OLD_SEEN,
  ),
];

/** A head that is cut at several places, where the client closes its side. */
const HEAD = get("X: y");
const LINE_END = HEAD.indexOf("\r\n") + 2;

const INCOMPLETE: readonly WireCase[] = [
  ...[1, 3, 4, 6, 7, LINE_END - 2, LINE_END - 1].map((length) =>
    ending(
      closed(
        `a request line cut off as ${
          shown(HEAD.slice(0, length))
        } gets no response`,
        HEAD.slice(0, length),
      ),
    )
  ),
  ...[
    LINE_END,
    LINE_END + 2,
    LINE_END + 5,
    LINE_END + 7,
    LINE_END + 8,
    LINE_END + 9,
    HEAD.length - 3,
    HEAD.length - 2,
    HEAD.length - 1,
  ].map((length) =>
    ending(
      refused(
        `a head cut off after ${length} octets is refused`,
        HEAD.slice(0, length),
      ),
    )
  ),
  ending(
    closed(
      "a request line cut off after a good request gets no response",
      get() + "GET /b",
      SEEN,
    ),
  ),
  ending(
    refused(
      "a head cut off after a good request is refused",
      get() + "GET /b HTTP/1.1\r\nHost: a\r\n",
      400,
      SEEN,
    ),
  ),
  ending(kept("a client may end its side after its request", get(), SEEN)),
  ending(
    kept(
      "a client may close its side after its body",
      post(["Content-Length: 2"], "ab"),
      "POST /a HTTP/1.1 [ab]",
    ),
  ),
  ending(
    kept(
      "a client may close its side after its chunks",
      chunked("1\r\na\r\n0\r\n\r\n"),
      "POST /a HTTP/1.1 [a]",
    ),
  ),
  ...["", "a", "abcd"].map((part) =>
    ending(
      badBody(
        `a body of ${part.length} of 5 octets is cut off`,
        post(["Content-Length: 5"], part),
      ),
    )
  ),
  ...[
    "",
    "5",
    "5\r",
    "5\r\n",
    "5\r\nhel",
    "5\r\nhello",
    "5\r\nhello\r",
    "5\r\nhello\r\n",
    "5\r\nhello\r\n0",
    "5\r\nhello\r\n0\r\n",
    "0\r\n\r",
    "0\r\nX: y",
    "0\r\nX: y\r\n",
    "5;a",
    '5;a="b',
  ].map((part) =>
    ending(
      badBody(`chunks cut off as ${shown(part)} are refused`, chunked(part)),
    )
  ),
];

export const CONNECTION: readonly WireCase[] = [
  ...PERSISTENCE,
  ...PIPELINES,
  ...EXPECTATIONS,
  ...UPGRADES,
  ...INCOMPLETE,
];
