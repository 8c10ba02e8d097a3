// RFC 9112 §7: the chunked coding: sizes, extensions, data and trailers.

import {
  badBody,
  body,
  chunked,
  kept,
  shown,
  SMUGGLED,
  type WireCase,
} from "./_case.ts";

const LAST = "0\r\n\r\n";

/** A body of these chunks, and the last chunk. */
function good(name: string, chunks: string, content: string): WireCase {
  return body(name, chunked(chunks + LAST), content);
}

/** Chunks that are refused, and a request after them, which gets no response. */
function bad(name: string, chunks: string, status = 400): WireCase {
  return badBody(name, chunked(chunks) + SMUGGLED, status);
}

const SIZES: readonly WireCase[] = [
  good("a body of no chunks is empty", "", ""),
  good("a chunk has its size", "5\r\nhello\r\n", "hello"),
  good(
    "several chunks are one body",
    "5\r\nhello\r\n6\r\n world\r\n",
    "hello world",
  ),
  good("a chunk may have one octet", "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n", "abc"),
  good(
    "a size is hexadecimal",
    "10\r\n0123456789abcdef\r\n",
    "0123456789abcdef",
  ),
  good("a size may have small letters", "a\r\n0123456789\r\n", "0123456789"),
  good("a size may have capitals", "A\r\n0123456789\r\n", "0123456789"),
  good(
    "a size may have letters of both cases",
    `1b\r\n${"x".repeat(27)}\r\n1B\r\n${"y".repeat(27)}\r\n`,
    "x".repeat(27) + "y".repeat(27),
  ),
  good(
    "zeros before a size do not count",
    "0000000000000000000000002\r\nab\r\n",
    "ab",
  ),
  body(
    "the last chunk may have several zeros",
    chunked("2\r\nab\r\n000\r\n\r\n"),
    "ab",
  ),
  good("data may be line ends", "4\r\n\r\n\r\n\r\n", "\r\n\r\n"),
  good("data may look like the last chunk", "5\r\n0\r\n\r\n\r\n", "0\r\n\r\n"),
  good("data may be any octets", "4\r\n\0\xff\n\r\r\n", "\0\xff\n\r"),
  good(
    "data may look like a request",
    `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n`,
    SMUGGLED,
  ),
  good(
    "a chunk of 5,000 octets is whole",
    `1388\r\n${"z".repeat(5_000)}\r\n`,
    "z".repeat(5_000),
  ),
  kept(
    "a request after the last chunk is the next one",
    chunked(LAST) + SMUGGLED,
    "POST /a HTTP/1.1 []",
    "GET /smuggled HTTP/1.1 []",
  ),
  kept(
    "an empty line after the last chunk is ignored",
    chunked(LAST) + "\r\n",
    "POST /a HTTP/1.1 []",
  ),
  ...[
    "",
    " ",
    "g",
    "zz",
    "-1",
    "-5",
    "+5",
    "+0",
    "-0",
    "0x5",
    "0X5",
    "5h",
    "5_0",
    "0_2e",
    "_5",
    " 5",
    "\t5",
    "5 ",
    "5\t",
    "5 5",
    "5,5",
    "5.0",
    "5e+1",
    "5:",
    "5\v",
    "\f5",
    "5\0",
    "\x005",
    "5\x7f",
    "\xa05",
    "5\xa0",
    "\xb2",
    '"5"',
    "5\r",
    "\r5",
    "0\r",
    "0 ",
    "chunk",
    "GET /smuggled HTTP/1.1",
  ].map((size) =>
    bad(`the size ${shown(size)} is refused`, `${size}\r\nhello\r\n${LAST}`)
  ),
  ...[
    "10000000000000",
    "7fffffffffffffff",
    "FFFFFFFFFFFFFFFF",
    "FFFFFFFFFFFFFFFF0",
    "10000000000000005",
    "f".repeat(200),
  ].map((size) =>
    bad(
      `a chunk of ${size.slice(0, 20)} (${size.length} digits) is too large`,
      `${size}\r\nhello\r\n${LAST}`,
    )
  ),
  bad(
    "a size of 255 zeros is too long",
    `${"0".repeat(255)}5\r\nhello\r\n${LAST}`,
  ),
  bad("an empty line before the last chunk is refused", `\r\n${LAST}`),
  bad("an empty line between chunks is refused", `2\r\nab\r\n\r\n${LAST}`),
];

const LINE_ENDS: readonly WireCase[] = [
  bad("LF alone does not end a size", `5\nhello\r\n${LAST}`),
  bad("LF alone does not end the last size", "0\n\r\n"),
  bad("LF alone does not end an extension", `5;a\nhello\r\n${LAST}`),
  bad("CR alone does not end a size", `5\rhello\r\n${LAST}`),
  bad("CR and another octet do not end a size", `5\rXhello\r\n${LAST}`),
  bad("LF alone does not end data", `5\r\nhello\n${LAST}`),
  bad("CR alone does not end data", `5\r\nhello\r${LAST}`),
  bad("CR CR does not end data", `5\r\nhello\r\r\n${LAST}`),
  bad("nothing does not end data", `5\r\nhello${LAST}`),
  bad("two other octets do not end data", `5\r\nhelloXX${LAST}`),
  bad(
    "data that is longer than its size is refused",
    `5\r\nhello!!\r\n${LAST}`,
  ),
  bad(
    "data that is an octet longer than its size is refused",
    `4\r\nhello\r\n${LAST}`,
  ),
  bad("data that is shorter than its size is refused", `6\r\nhello\r\n${LAST}`),
  bad("LF alone does not end a body", "5\r\nhello\r\n0\r\n\n"),
  bad("CR alone does not end a body", "0\r\n\rX\r\n\r\n"),
  bad("LF alone does not end a trailer", "0\r\nX: y\n\r\n"),
  bad("LF alone does not end the last trailer", "0\r\nX: y\r\n\n"),
  bad("all line ends of LF alone are refused", "5\nhello\n0\n\n"),
];

const EXTENSIONS: readonly WireCase[] = [
  ...[
    ";a",
    ";a=b",
    ";a=b;c;d=e",
    ';a="b"',
    ';a=""',
    ';a="b;c"',
    ';a="b\\"c\\\\"',
    ';a="\\\t"',
    ';a="\xe9"',
    " ;a",
    "\t;\ta",
    "; a",
    ";a =b",
    ";a= b",
    ';a\t=\t"b" ;c',
    ";!#$%&'*+-.^_`|~=1",
    `;a=${"b".repeat(200)}`,
  ].map((extension) =>
    good(
      `the extension ${shown(extension).slice(0, 40)} is ignored`,
      `2${extension}\r\nab\r\n`,
      "ab",
    )
  ),
  body(
    "the last chunk may have an extension",
    chunked("2\r\nab\r\n0;a=b\r\n\r\n"),
    "ab",
  ),
  ...[
    ";",
    "; ",
    ";;",
    ";;a",
    ";a;",
    ";a; ",
    ";a ",
    ";a=",
    ";=b",
    ";a==b",
    ";a=b=c",
    ";a b",
    ";a=b c",
    ";a,b",
    ";bad[=x",
    ";a=[x",
    ";a=b/c",
    ";a:b",
    ';"a"=b',
    ';a="b',
    ';a=b"',
    ';a="b"c',
    ';a="b""c"',
    ';a="\\"',
    ";\xe9",
    ";a=\xe9",
    ";a\0",
    ";a\x07",
    ";a=b\x7f",
    ';a="\x01"',
    ';a="b\rc"',
    ";a\rb",
    ";a\r",
    " a",
    ",a",
  ].map((extension) =>
    bad(
      `the extension ${shown(extension)} is refused`,
      `2${extension}\r\nab\r\n${LAST}`,
    )
  ),
  bad(
    "a quoted string with a line end in it is refused",
    `2;a="\r\nab\r\n0\r\n\r\n"\r\n`,
  ),
  bad(
    "a malformed extension of the last chunk is refused",
    "2\r\nab\r\n0;\r\n\r\n",
  ),
  bad(
    "an extension of 300 octets is too long",
    `2;a=${"b".repeat(300)}\r\nab\r\n${LAST}`,
  ),
  bad("an extension without end is too long", `2;a=${"b".repeat(3_000)}`),
  bad(
    "extensions that are larger than the body are refused",
    `1;a=${"b".repeat(230)}\r\na\r\n`.repeat(120),
  ),
];

const TRAILERS: readonly WireCase[] = [
  ...[
    "X: y",
    "X:",
    "X: y\r\nY: z",
    "Content-Length: 5",
    "Transfer-Encoding: chunked",
    "Host: b",
    "Authorization: Basic eDp5",
    "Connection: close",
    "Content-Type: text/html",
    "Expect: 100-continue",
  ].map((trailer) =>
    body(
      `the trailer ${shown(trailer)} changes nothing`,
      chunked(`2\r\nab\r\n0\r\n${trailer}\r\n\r\n`),
      "ab",
    )
  ),
  ...[
    "no colon",
    ": y",
    "X : y",
    "X y: z",
    " X: y",
    "X: y\r\n z",
    "X: a\rb",
    "X: a\0b",
    "X: \x07",
    "X\x7f: y",
    "\xe9: y",
    "X\r: y",
    "GET /smuggled HTTP/1.1",
    "0",
    "\r",
  ].map((trailer) =>
    bad(
      `the trailer ${shown(trailer)} is refused`,
      `2\r\nab\r\n0\r\n${trailer}\r\n\r\n`,
    )
  ),
  body(
    "98 trailers are accepted",
    chunked("0\r\n" + "X: y\r\n".repeat(98) + "\r\n"),
    "",
  ),
  bad(
    "101 trailers are too many",
    "0\r\n" + "X: y\r\n".repeat(101) + "\r\n",
    431,
  ),
  bad(
    "a trailer without end is too long",
    "0\r\nX: " + "y".repeat(66_000),
    431,
  ),
];

export const CHUNKED: readonly WireCase[] = [
  ...SIZES,
  ...LINE_ENDS,
  ...EXTENSIONS,
  ...TRAILERS,
];
