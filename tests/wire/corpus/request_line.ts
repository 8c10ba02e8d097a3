// RFC 9112 §3: request lines: methods, targets in all their forms, versions, limits.

import {
  closed,
  get,
  headless,
  kept,
  lines,
  refused,
  shown,
  SMUGGLED,
  type WireCase,
} from "./_case.ts";

const HOST = "Host: a";

/** A request line that the handler sees in this form; the connection stays open. */
function accepted(name: string, line: string, seen: string): WireCase {
  return kept(name, lines(line, HOST), `${seen} []`);
}

/** A request line that is refused. */
function bad(name: string, line: string, status = 400): WireCase {
  return refused(name, lines(line, HOST) + SMUGGLED, status);
}

const CONTROLS = [...Array(0x20).keys(), 0x7f]
  .filter((code) => code !== 0x09 && code !== 0x0a)
  .map((code) => String.fromCharCode(code));

const METHODS: readonly WireCase[] = [
  ...["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"].map((
    method,
  ) =>
    accepted(
      `${method} is a request`,
      `${method} /a HTTP/1.1`,
      `${method} /a HTTP/1.1`,
    )
  ),
  {
    name: "CONNECT has an authority for its target",
    send: lines("CONNECT a.example:443 HTTP/1.1", HOST),
    seen: ["CONNECT a.example:443 HTTP/1.1 []"],
    statuses: [403],
    open: true,
  },
  bad("an unknown method is not implemented", "BREW /a HTTP/1.1", 501),
  bad("a method in lower case is another one", "get /a HTTP/1.1", 501),
  bad("methods are case-sensitive", "Get /a HTTP/1.1", 501),
  bad("a longer method name is another method", "GETX /a HTTP/1.1", 501),
  bad(
    "a method that is not a token is not implemented",
    'G=":<>(e),[T];?" /a HTTP/1.1',
    501,
  ),
  bad(
    "a method that names a property of the handler is not implemented",
    "constructor /a HTTP/1.1",
    501,
  ),
  bad(
    "a method that names a hook of the handler is not implemented",
    "__proto__ /a HTTP/1.1",
    501,
  ),
  bad(
    "a method of 20,000 letters is not implemented",
    `${"M".repeat(20_000)} /a HTTP/1.1`,
    501,
  ),
  bad("text before a method is part of it", "lineGET /a HTTP/1.1", 501),
];

const TARGETS: readonly WireCase[] = [
  accepted(
    "a target may have a query",
    "GET /a?b=c&d HTTP/1.1",
    "GET /a?b=c&d HTTP/1.1",
  ),
  accepted("an empty query is kept", "GET /a? HTTP/1.1", "GET /a? HTTP/1.1"),
  accepted(
    "a fragment is kept, as in CPython",
    "GET /a#b HTTP/1.1",
    "GET /a#b HTTP/1.1",
  ),
  accepted(
    "percent-encoding is kept",
    "GET /%41%2f%00%0d%0a HTTP/1.1",
    "GET /%41%2f%00%0d%0a HTTP/1.1",
  ),
  accepted(
    "malformed percent-encoding is kept",
    "GET /%zz% HTTP/1.1",
    "GET /%zz% HTTP/1.1",
  ),
  accepted(
    "dot segments are kept",
    "GET /../a/./b HTTP/1.1",
    "GET /../a/./b HTTP/1.1",
  ),
  accepted(
    "a backslash stays as it is",
    "GET /\\a HTTP/1.1",
    "GET /\\a HTTP/1.1",
  ),
  accepted(
    "several slashes at the start become one",
    "GET ///a//b HTTP/1.1",
    "GET /a//b HTTP/1.1",
  ),
  accepted(
    "octets above ASCII are kept",
    "GET /\xe9\xff HTTP/1.1",
    "GET /\xe9\xff HTTP/1.1",
  ),
  accepted(
    "overlong UTF-8 is kept",
    "GET /\xc0\xaf HTTP/1.1",
    "GET /\xc0\xaf HTTP/1.1",
  ),
  accepted(
    "the delimiters of other grammars are kept",
    'GET /<>"{}|^` HTTP/1.1',
    'GET /<>"{}|^` HTTP/1.1',
  ),
  accepted(
    "the absolute form is a target",
    "GET http://a/b?c HTTP/1.1",
    "GET http://a/b?c HTTP/1.1",
  ),
  accepted(
    "the absolute form may name another host than Host",
    "GET http://b/ HTTP/1.1",
    "GET http://b/ HTTP/1.1",
  ),
  accepted(
    "the absolute form of another scheme is a target",
    "GET https://a:8443/b HTTP/1.1",
    "GET https://a:8443/b HTTP/1.1",
  ),
  accepted(
    "a target needs no slash, as in CPython",
    "GET a/b HTTP/1.1",
    "GET a/b HTTP/1.1",
  ),
  accepted(
    "OPTIONS has the asterisk form",
    "OPTIONS * HTTP/1.1",
    "OPTIONS * HTTP/1.1",
  ),
  accepted(
    "a target may begin with an asterisk",
    "GET *a HTTP/1.1",
    "GET *a HTTP/1.1",
  ),
  ...["GET", "HEAD", "POST", "PUT", "TRACE", "CONNECT", "options"].map((
    method,
  ) =>
    bad(`${method} must not have the asterisk form`, `${method} * HTTP/1.1`)
  ),
  bad("the asterisk form is refused in HTTP/1.0 too", "GET * HTTP/1.0"),
  bad("a space in a target is refused", "GET /a b HTTP/1.1"),
  bad("a tab in a target is refused", "GET /a\tb HTTP/1.1"),
  bad("a version in a target is refused", "GET /a HTTP/1.1 HTTP/1.1"),
  ...["\x85", "\xa0"].flatMap((space) => [
    bad(`${shown(space)} in a target is refused`, `GET /a${space}b HTTP/1.1`),
    bad(`${shown(space)} after a target is refused`, `GET /a${space} HTTP/1.1`),
    bad(`${shown(space)} separates no words`, `GET${space}/a${space}HTTP/1.1`),
  ]),
  ...CONTROLS.map((char) =>
    bad(`${shown(char)} in a target is refused`, `GET /a${char}b HTTP/1.1`)
  ),
  ...["\v", "\f", "\x1c", "\x1f", "\x7f", "\0", "\r"].flatMap((char) => [
    bad(`${shown(char)} separates no words`, `GET${char}/a${char}HTTP/1.1`),
    bad(`${shown(char)} before a method is refused`, `${char}GET /a HTTP/1.1`),
    bad(`${shown(char)} after a version is refused`, `GET /a HTTP/1.1${char}`),
    bad(`${shown(char)} after a target is refused`, `GET /a${char} HTTP/1.1`),
  ]),
];

const VERSIONS: readonly WireCase[] = [
  closed(
    "HTTP/1.0 closes by default",
    lines("GET /a HTTP/1.0"),
    "GET /a HTTP/1.0 []",
  ),
  kept(
    "HTTP/1.2 is treated as HTTP/1.1",
    lines("GET /a HTTP/1.2", HOST),
    "GET /a HTTP/1.2 []",
  ),
  kept(
    "HTTP/1.9 is treated as HTTP/1.1",
    lines("GET /a HTTP/1.9", HOST),
    "GET /a HTTP/1.9 []",
  ),
  closed(
    "HTTP/0.5 is older than HTTP/1.0",
    lines("GET /a HTTP/0.5", HOST),
    "GET /a HTTP/0.5 []",
  ),
  ...[
    "HTTP/2.0",
    "HTTP/2.1",
    "HTTP/3.0",
    "HTTP/9.9",
    "HTTP/5.6",
    "HTTP/10.0",
    "HTTP/02.0",
  ].map(
    (version) =>
      bad(`${version} is another protocol`, `GET /a ${version}`, 505),
  ),
  ...[
    "HTTP/01.1",
    "HTTP/1.01",
    "HTTP/01.01",
    "HTTP/1.10",
    "HTTP/1.11",
    "HTTP/00.9",
    "HTTP/0.10",
    "HTTP/001.1",
    "HTTP/1.1234567890",
    "HTTP/1.32",
    "HTTP/1",
    "HTTP/1.",
    "HTTP/.1",
    "HTTP/",
    "HTTP",
    "HTTP/1.1.1",
    "HTTP/1,1",
    "HTTP/+1.1",
    "HTTP/1.-1",
    "HTTP/1_1.1",
    "HTTP/0x1.1",
    "HTTP/a.b",
    "HTTP/1.\xb9",
    "HTTP//1.1",
    "HTTP/1.1/",
    "HTTP/1.1a",
    "HTTP/11111111111.1",
    "http/1.1",
    "Http/1.1",
    "HTTPS/1.1",
    "XHTTP/1.1",
    "ICE/1.0",
    "RTSP/1.0",
    "FUBAR",
  ].map((version) =>
    bad(`${shown(version)} is no version`, `GET /a ${version}`)
  ),
  bad("a space in a version is refused", "GET /a HTTP/ 1.1"),
  bad("a space before the slash of a version is refused", "GET /a HTTP /1.1"),
  bad("CR in a version is refused", "GET /a HTTP/\r\r1.1"),
  bad("HEAD of another protocol gets no body", "HEAD /a HTTP/2.0", 505),
];

const WHITE_SPACE: readonly WireCase[] = [
  accepted(
    "several spaces separate words",
    "GET  /a   HTTP/1.1",
    "GET /a HTTP/1.1",
  ),
  accepted("tabs separate words", "GET\t/a\tHTTP/1.1", "GET /a HTTP/1.1"),
  accepted(
    "a space before the method is ignored",
    " GET /a HTTP/1.1",
    "GET /a HTTP/1.1",
  ),
  accepted(
    "a space after the version is ignored",
    "GET /a HTTP/1.1 ",
    "GET /a HTTP/1.1",
  ),
  accepted(
    "tabs around a line are ignored",
    "\tGET /a HTTP/1.1\t",
    "GET /a HTTP/1.1",
  ),
  headless(
    "LF ends a line before its version",
    lines("GET /a\nHTTP/1.1", HOST),
    "/a",
  ),
  bad("four words are refused", "GET /spaced out HTTP/1.1"),
  bad("five words are refused", "GET /a b c HTTP/1.1"),
];

const NO_VERSION: readonly WireCase[] = [
  headless("two words are HTTP/0.9", "GET /a\r\n", "/a"),
  headless("two words with LF are HTTP/0.9", "GET /a\n", "/a"),
  headless(
    "several spaces before an HTTP/0.9 target are one",
    "GET   /a\r\n",
    "/a",
  ),
  headless(
    "HTTP/0.9 has no fields",
    lines("GET /a", HOST, "Connection: keep-alive"),
    "/a",
  ),
  headless("HTTP/0.9 has no second request", "GET /a\r\nGET /b\r\n", "/a"),
  headless("HTTP/0.9 may be explicit", lines("GET /a HTTP/0.9"), "/a"),
  headless(
    "an explicit HTTP/0.9 closes despite keep-alive",
    lines("GET /a HTTP/0.9", "Connection: keep-alive"),
    "/a",
  ),
  {
    name: "HTTP/0.9 has only GET",
    send: "POST /a\r\nhello",
    seen: [],
    statuses: [0],
    open: false,
  },
  ...[" ", "\t", "  ", " \t "].map((space) =>
    bad(`a target and ${shown(space)} have an empty version`, `GET /a${space}`)
  ),
  bad("a POST with an empty version is refused with a head", "POST /a "),
  ...["HTTP/1.1", "HTTP/1.0", "HTTP/2", "http/1.1", "HTTP/1.1 ", " HTTP/1.1"]
    .map((target) =>
      bad(`${shown(target)} in place of a target is refused`, `GET ${target}`)
    ),
  bad("a POST without a target is refused with a head", "POST HTTP/1.1"),
  bad("HEAD without a target is refused", "HEAD HTTP/1.1"),
  bad("the asterisk of HTTP/0.9 is refused", "GET *"),
];

const LIMIT = 65_536;
const ROOM = LIMIT - "GET / HTTP/1.1\r\n".length;

const LIMITS: readonly WireCase[] = [
  kept(
    "a request line of 65,536 bytes is accepted",
    lines(`GET /${"a".repeat(ROOM)} HTTP/1.1`, HOST),
    `GET /${"a".repeat(ROOM)} HTTP/1.1 []`,
  ),
  refused(
    "a request line of 65,537 bytes is too long",
    lines(`GET /${"a".repeat(ROOM + 1)} HTTP/1.1`, HOST) + SMUGGLED,
    414,
  ),
  refused(
    "a request line without end is too long",
    "x".repeat(LIMIT + 100),
    414,
  ),
  refused(
    "a request line that is too long ends the connection after the request before it",
    get() + `GET /${"a".repeat(ROOM + 1)} HTTP/1.1\r\n\r\n`,
    414,
    "GET /a HTTP/1.1 []",
  ),
  kept(
    "a target of 8,000 octets is accepted",
    lines(`GET /${"b".repeat(7_999)} HTTP/1.1`, HOST),
    `GET /${"b".repeat(7_999)} HTTP/1.1 []`,
  ),
];

export const REQUEST_LINE: readonly WireCase[] = [
  ...METHODS,
  ...TARGETS,
  ...VERSIONS,
  ...WHITE_SPACE,
  ...NO_VERSION,
  ...LIMITS,
];
