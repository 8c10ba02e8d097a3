// RFC 9112 §2: the message as a whole, its line ends, and the bytes around it.

import {
  body,
  closed,
  ending,
  get,
  kept,
  lines,
  NO_HOST,
  onSite,
  post,
  refused,
  shown,
  SMUGGLED,
  type WireCase,
} from "./_case.ts";

const GET = "GET /a HTTP/1.1";
const SEEN = `${GET} []`;

export const MESSAGE: readonly WireCase[] = [
  // §2.1: the parts of a message.
  kept("a request without a body is one message", get(), SEEN),
  onSite(
    kept("a request may have no fields at all", lines(GET), SEEN),
    NO_HOST,
  ),
  // §2.2: line ends.
  kept("lines may end with LF alone", `${GET}\nHost: a\nX: b\n\n`, SEEN),
  kept("CRLF and LF may be mixed", `${GET}\nHost: a\r\nX: b\n\r\n`, SEEN),
  kept("LF and then CRLF end a head", `${GET}\r\nHost: a\n\r\n`, SEEN),
  kept("CRLF and then LF end a head", `${GET}\r\nHost: a\r\n\n`, SEEN),
  kept("LF alone ends a request line", `${GET}\nHost: a\r\n\r\n`, SEEN),
  onSite(
    kept("LF and LF are enough for a head without fields", `${GET}\n\n`, SEEN),
    NO_HOST,
  ),
  body(
    "a body begins after the LF that ends its head",
    "POST /a HTTP/1.1\nHost: a\nContent-Length: 5\n\n\r\n\r\n!",
    "\r\n\r\n!",
  ),
  refused(
    "CR alone does not end a request line",
    `${GET}\rHost: a\r\r${SMUGGLED}`,
  ),
  refused(
    "CR alone does not end a header line",
    `${GET}\r\nHost: a\rX: b\r\n\r\n`,
  ),
  refused(
    "CR alone does not end a head",
    `${GET}\r\nHost: a\r\n\rX: b\r\n\r\n`,
  ),
  refused(
    "CR CR LF does not end a request line",
    `${GET}\r\r\nHost: a\r\n\r\n`,
  ),
  refused("CR CR LF does not end a header line", `${GET}\r\nHost: a\r\r\n\r\n`),
  refused("CR CR LF does not end a head", `${GET}\r\nHost: a\r\n\r\r\n\r\n`),
  refused("LF and then CR does not end a line", `${GET}\n\rHost: a\n\r\n\r`),
  refused(
    "a CR before a hidden request does not end the head",
    `${GET}\r\nHost: a\r\n\rZGET /smuggled: HTTP/1.1\r\nHost: a\r\n\r\n`,
  ),
  // §2.2: empty lines before a request.
  ...["\r\n", "\n", "\r\n\r\n", "\n\r\n\n", "\r\n\r\n\r\n\r\n"].map((empty) =>
    kept(
      `empty lines ${shown(empty)} before the first request are ignored`,
      empty + get(),
      SEEN,
    )
  ),
  ...["\r\n", "\n", "\n\n\r\n"].map((empty) =>
    kept(
      `empty lines ${shown(empty)} between requests are ignored`,
      get() + empty + lines("GET /b HTTP/1.1", "Host: a"),
      SEEN,
      "GET /b HTTP/1.1 []",
    )
  ),
  kept("an empty line after a request is ignored", `${get()}\r\n`, SEEN),
  kept(
    "an empty line after a body, as old browsers send it, is ignored",
    post(["Content-Length: 3"], "abc\r\n"),
    "POST /a HTTP/1.1 [abc]",
  ),
  refused("dozens of empty lines are refused", "\r\n".repeat(40) + get()),
  refused("a line of spaces is no empty line", `   \r\n${get()}`),
  refused("a line of a tab is no empty line", `\t\n${get()}`),
  refused("CR alone before a request is no empty line", `\r${get()}`),
  refused("a line of CR is no empty line", `\r\r\n${get()}`),
  refused("a line of NUL is no empty line", `\0\r\n${get()}`),
  // §2.2: white space between the request line and the first field.
  refused(
    "a space before the first field is refused",
    lines(GET, " Host: a", "X: b"),
  ),
  refused(
    "a tab before the first field is refused",
    lines(GET, "\tHost: a", "X: b"),
  ),
  refused(
    "a line of a space before the first field is refused",
    lines(GET, " ", "Host: a"),
  ),
  refused(
    "a length after a space before the first field is refused",
    lines("POST /a HTTP/1.1", " Content-Length: 5", "Host: a") + "hello",
  ),
  // Not HTTP.
  refused(
    "a TLS client hello is refused",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hello\n",
  ),
  refused("binary garbage is refused", "\x80\xff\0\x01\x7f\xfe\x12 \n"),
  refused(
    "the preface of HTTP/2 is refused",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    505,
  ),
  {
    name: "another protocol's line of two words is refused as HTTP/0.9",
    send: "EHLO a.example\r\n",
    seen: [],
    statuses: [0],
    open: false,
  },
  refused(
    "a status line is not a request line",
    "HTTP/1.1 200 OK\r\nHost: a\r\n\r\n",
  ),
  refused("a single word is no request", `GET\r\n${SMUGGLED}`),
  refused("a shell prompt is no request", "$ curl -v http://a/\r\n"),
  // §2.1: the next message begins right after a message.
  refused(
    "a byte after a request belongs to the next request",
    `${get()}X`,
    501,
    SEEN,
  ),
  refused(
    "a byte after a body belongs to the next request",
    post(["Content-Length: 2"], "abX"),
    501,
    "POST /a HTTP/1.1 [ab]",
  ),
  refused(
    "a space after a body is not an empty line",
    post(["Content-Length: 2"], "ab \r\n"),
    400,
    "POST /a HTTP/1.1 [ab]",
  ),
  ending(closed("nothing at all is no request", "")),
  ending(closed("an empty line alone is no request", "\r\n")),
  ending(closed("a CR alone at the end is no request", "\r")),
];
