// RFC 9112 §5 and RFC 9110 §5 and §7.2: header fields, Host, and their limits.

import {
  body,
  closed,
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

function accepted(name: string, ...fields: readonly string[]): WireCase {
  return kept(name, get(...fields), SEEN);
}

/** A line between others, with which all of them must be refused. */
function bad(name: string, line: string): WireCase {
  return refused(name, get("X: 1", line, "Y: 2") + SMUGGLED);
}

const CONTROLS = [...Array(0x20).keys(), 0x7f]
  .filter((code) => ![0x09, 0x0a, 0x0d].includes(code))
  .map((code) => String.fromCharCode(code));

const LINES: readonly WireCase[] = [
  accepted("a value may be empty", "X:"),
  accepted("a value may be white space", "X: \t "),
  accepted("a value needs no space before it", "X:y"),
  accepted("white space around a value is no part of it", "X: \t y \t"),
  accepted("a value may have colons", "X: a:b::c:"),
  accepted("a value may have a tab in it", "X: a\tb"),
  accepted("a value may have octets above ASCII", "X: \x80\x85\xa0\xff"),
  accepted("a value may be quoted", 'X: "a\\"b"'),
  accepted(
    "a name may have every character of a token",
    "!#$%&'*+-.^_`|~09AZaz: y",
  ),
  accepted("a name may be a digit", "1: y"),
  accepted("a field may come twice", "X: y", "X: y", "x: z"),
  accepted("a value may look like a request", "X: GET /smuggled HTTP/1.1"),
  accepted("a value may look like a field", "X: Content-Length: 5"),
  body("names are case-insensitive", post(["cOnTeNt-LeNgTh: 2"], "ab"), "ab"),
  body(
    "a tab before a value is trimmed",
    post(["Content-Length:\t2"], "ab"),
    "ab",
  ),
  body(
    "white space after a value is trimmed",
    post(["Content-Length: 2 \t"], "ab"),
    "ab",
  ),
  body(
    "a value needs no white space before it",
    post(["Content-Length:2"], "ab"),
    "ab",
  ),
  // Not a field line.
  bad("a line without a colon is refused", "no colon"),
  bad("a line of one word is refused", "X"),
  bad("an empty name is refused", ": y"),
  bad("a colon alone is refused", ":"),
  bad("a space before the colon is refused", "X : y"),
  bad("a tab before the colon is refused", "X\t: y"),
  bad("a space in a name is refused", "X y: z"),
  bad("a request line among the fields is refused", "GET /smuggled HTTP/1.1"),
  bad("a line as of a mailbox is refused", "From a@b"),
  bad("CR before the colon is refused", "X\r: y"),
  bad("CR at the start of a line is refused", "\rX: y"),
  bad("CR in a value is refused", "X: a\rb"),
  bad("CR and a field in a value are refused", "X: a\rContent-Length: 5"),
  bad("CR before an empty value's end is refused", "X:\r"),
  bad(
    "CR and a coding after an empty name are refused",
    "X:\rTransfer-Encoding: chunked",
  ),
  ...[...'()<>@,;\\"/[]?={}'].map((char) =>
    bad(`${shown(char)} in a name is refused`, `X${char}: y`)
  ),
  ...["\x80", "\xa0", "\xe9", "\xff"].map((char) =>
    bad(`${shown(char)} in a name is refused`, `X${char}: y`)
  ),
  ...CONTROLS.map((char) =>
    bad(`${shown(char)} in a value is refused`, `X: a${char}b`)
  ),
  ...["\0", "\x07", "\v", "\x1b", "\x7f"].flatMap((char) => [
    bad(`${shown(char)} in a name is refused`, `X${char}Y: z`),
    bad(`${shown(char)} at the start of a name is refused`, `${char}X: y`),
    bad(`${shown(char)} at the end of a value is refused`, `X: y${char}`),
    bad(`${shown(char)} for a value is refused`, `X:${char}`),
  ]),
  // RFC 9112 §5.2.
  bad("a line folded with a space is refused", "X: y\r\n z"),
  bad("a line folded with a tab is refused", "X: y\r\n\tz"),
  bad("a line folded with LF is refused", "X: y\n z"),
  bad("a line folded to nothing is refused", "X: y\r\n "),
  bad("a folded name is refused", "X\r\n : y"),
  refused(
    "a folded length is refused",
    post(["Content-Length:", " 5"], "hello"),
  ),
  refused(
    "a length in a folded line is refused",
    post(["X: y", " Content-Length: 5"], "hello"),
  ),
  refused(
    "a folded coding is refused",
    post(["Transfer-Encoding:", "\tchunked"], "0\r\n\r\n"),
  ),
  refused(
    "a space before the colon of a length is refused",
    post(["Content-Length : 5"], "hello"),
  ),
  refused(
    "a space before the colon of a coding is refused",
    post(["Transfer-Encoding : chunked"], "0\r\n\r\n"),
  ),
  refused(
    "an empty name hides no field after it",
    get(":", "Content-Length: 5") + "hello",
  ),
  body(
    "LF instead of CRLF ends a line",
    post(["X: y\nContent-Length: 3"], "abc"),
    "abc",
  ),
];

const HOSTS: readonly WireCase[] = [
  onSite(
    kept("HTTP/1.1 without Host is taken, as in CPython", lines(GET), SEEN),
    NO_HOST,
  ),
  onSite(
    kept(
      "a field whose name ends with Host is not Host",
      lines(GET, "X-Host: a"),
      SEEN,
    ),
    NO_HOST,
  ),
  onSite(
    kept(
      "the absolute form does not replace Host",
      lines("GET http://a/ HTTP/1.1"),
      "GET http://a/ HTTP/1.1 []",
    ),
    NO_HOST,
  ),
  closed(
    "HTTP/1.0 needs no Host",
    lines("GET /a HTTP/1.0"),
    "GET /a HTTP/1.0 []",
  ),
  ...[
    "",
    "a",
    "a.example",
    "a.example.",
    "a:80",
    "a:",
    "a:99999",
    ":80",
    "127.0.0.1:8000",
    "999.1.1.1",
    "[::1]",
    "[::1]:80",
    "[2001:db8::1]",
    "[::ffff:1.2.3.4]",
    "[v1.a:b]",
    "a_b-c~d",
    "%41.example",
    "a,b;c=d",
    "xn--9ca",
  ].map((host) =>
    kept(`Host ${shown(host)} is taken`, lines(GET, `Host: ${host}`), SEEN)
  ),
  ...[
    "a b",
    "a, b",
    "a/b",
    "/",
    "a@b",
    "a:b",
    "a:80:80",
    "a:-1",
    "http://a",
    "[::1",
    "::1",
    "[]",
    "[::1]x",
    "[::1]:a",
    "[a]",
    "[1::2::3]",
    "[1:2:3:4:5:6:7]",
    "[::1.2.3.256]",
    "[fe80::1%25lo]",
    "a?b",
    "a#b",
    "a\\b",
    "<a>",
    '"a"',
    "a%zz",
    "%",
    "\xe9",
    "a\tb",
  ].map((host) =>
    refused(
      `Host ${shown(host)} is refused`,
      lines(GET, `Host: ${host}`) + SMUGGLED,
    )
  ),
  refused("two Hosts are refused", get("Host: b") + SMUGGLED),
  refused("the same Host twice is refused", get("host: a") + SMUGGLED),
  refused(
    "an empty Host and another Host are refused",
    lines(GET, "Host:", "Host: a"),
  ),
  refused(
    "two Hosts with fields between them are refused",
    get("X: y", "HOST: a"),
  ),
  refused(
    "two Hosts are refused in HTTP/1.0",
    lines("GET /a HTTP/1.0", "Host: a", "Host: a"),
  ),
  refused(
    "a malformed Host is refused in HTTP/1.0",
    lines("GET /a HTTP/1.0", "Host: a b"),
  ),
  refused(
    "a Host in a folded line is refused",
    lines(GET, "X: y", " Host: b", "Host: a"),
  ),
  refused(
    "two Hosts are refused with the absolute form",
    lines("GET http://a/ HTTP/1.1", "Host: a", "Host: a"),
  ),
];

const LIMITS: readonly WireCase[] = [
  accepted("98 fields and Host are taken", ...Array(98).fill("X: y")),
  refused(
    "99 fields and Host are too many",
    get(...Array(99).fill("X: y")) + SMUGGLED,
    431,
  ),
  refused(
    "fields without end are too many",
    "GET /a HTTP/1.1\r\n" + "X: y\r\n".repeat(150),
    431,
  ),
  accepted("a line of 65,536 bytes is taken", `X: ${"y".repeat(65_536 - 5)}`),
  refused(
    "a line of 65,537 bytes is too long",
    get(`X: ${"y".repeat(65_537 - 5)}`) + SMUGGLED,
    431,
  ),
  refused(
    "a line without end is too long",
    "GET /a HTTP/1.1\r\nX: " + "y".repeat(70_000),
    431,
  ),
  refused(
    "a name without end is too long",
    "GET /a HTTP/1.1\r\n" + "X".repeat(70_000),
    431,
  ),
  accepted("a name of 1,000 characters is taken", `${"X".repeat(1_000)}: y`),
];

export const FIELDS: readonly WireCase[] = [...LINES, ...HOSTS, ...LIMITS];
