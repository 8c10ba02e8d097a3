import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  ChunkedDecoder,
  encodeChunk,
  encodeLastChunk,
  LineReader,
  ParseError,
} from "@x/httpserver/parser";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";
import {
  faultOf,
  type Reader,
  readThreeWays,
  readUntilEnd,
} from "./_three_ways.ts";
import { pureTest } from "../_lib/pure.ts";

/** Reads a whole body: its text and its trailers. */
function wholeBody(
  max: number = 1024,
): Reader<{ text: string; trailers: [string, string][] }> {
  const decoder = new ChunkedDecoder();
  let text = "";
  return (buffer) => {
    while (true) {
      const piece = decoder.read(buffer, max);
      if (piece === undefined) return undefined;
      assertEquals(decoder.done, piece.length === 0);
      if (piece.length === 0) {
        return { text, trailers: decoder.trailers.items() };
      }
      assert(piece.length <= max);
      text += decodeLatin1(piece);
    }
  };
}

/** Body, text, trailers. */
const GOOD: [string, string, [string, string][]?][] = [
  ["0\r\n\r\n", ""],
  ["000\r\n\r\n", ""],
  ["5\r\nhello\r\n0\r\n\r\n", "hello"],
  ["5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"],
  ["a\r\n0123456789\r\n0\r\n\r\n", "0123456789"],
  ["A\r\n0123456789\r\n0\r\n\r\n", "0123456789"],
  ["00000000000000000000000000005\r\nhello\r\n0\r\n\r\n", "hello"],
  ["10\r\n0123456789abcdef\r\n0\r\n\r\n", "0123456789abcdef"],
  // Data may be anything, including line ends and text that looks like a chunk.
  ["2\r\n\r\n\r\n0\r\n\r\n", "\r\n"],
  ["5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n"],
  ["3\r\n\0\xff\n\r\n0\r\n\r\n", "\0\xff\n"],
  // Well-formed extensions are accepted and ignored.
  ["5;a\r\nhello\r\n0;b=c\r\n\r\n", "hello"],
  ['5 ; a = "b;\xe9"\r\nhello\r\n0\t;\tz\r\n\r\n', "hello"],
  ['5;a="";b="\\"\\\\\t";c\r\nhello\r\n0\r\n\r\n', "hello"],
  ["5;!#$%&'*+-.^_`|~=1\r\nhello\r\n0\r\n\r\n", "hello"],
  [`5;s=${"a".repeat(249)}\r\nhello\r\n0\r\n\r\n`, "hello"],
  // Trailers.
  ["0\r\nA: 1\r\nb:2 \r\n\r\n", "", [["A", "1"], ["b", "2"]]],
  ["1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n", "x", [["X-Sum", "1"]]],
  // RFC 9110 §6.5.1: fields that must not be trailers are dropped.
  [
    "0\r\nContent-Length: 5\r\nHOST: evil\r\nTransfer-encoding: x\r\nETag: e\r\nauthorization: a\r\n\r\n",
    "",
    [["ETag", "e"]],
  ],
];

pureTest("ChunkedDecoder reads a body and leaves the rest", () => {
  for (const [body, text, trailers = []] of GOOD) {
    for (const max of [1, 3, 1024]) {
      assertEquals(readThreeWays(body, () => wholeBody(max)), {
        value: { text, trailers },
      }, body);
    }
  }
});

const NO_CRLF = "The size of a chunk must be followed by CRLF";
const NO_DATA_END = "The data of a chunk must be followed by CRLF";
const TOO_LONG = "The line of a chunk size is too long";

/** Body, explanation. */
const BAD: [string, string][] = [
  ["\r\n", "Not a chunk size: ''"],
  ["x\r\n", "Not a chunk size: 'x'"],
  ["g5\r\nhello\r\n", "Not a chunk size: 'g5'"],
  ["-5\r\nhello\r\n", "Not a chunk size: '-5'"],
  ["+5\r\nhello\r\n", "Not a chunk size: '+5'"],
  ["0x5\r\nhello\r\n", "Not a chunk size: '0x5'"],
  ["5_0\r\n", "Not a chunk size: '5_0'"],
  [" 5\r\nhello\r\n", "Not a chunk size: ' 5'"],
  ["5 \r\nhello\r\n", "Not a chunk size: '5 '"],
  ["5\t\r\nhello\r\n", "Not a chunk size: '5\\t'"],
  ["5 5\r\nhello\r\n", "Not a chunk size: '5 5'"],
  ["5,5\r\nhello\r\n", "Not a chunk size: '5,5'"],
  ["5\x0b\r\nhello\r\n", "Not a chunk size: '5\\x0b'"],
  ["\xa05\r\nhello\r\n", "Not a chunk size: '\\xa05'"],
  [";a\r\n", "Not a chunk size: ';a'"],
  ["5;a\0\r\n", "Not a chunk size: '5;a\\x00'"],
  ["5;a\rb\r\nhello\r\n", "Not a chunk size: '5;a\\rb'"],
  ["5\r\r\nhello\r\n", "Not a chunk size: '5\\r'"],
  // RFC 9112 §7.1.1: an extension has a name, and a value after "=".
  ["5;\r\nhello\r\n", "Not a chunk size: '5;'"],
  ["5; \r\nhello\r\n", "Not a chunk size: '5; '"],
  ["0;\r\n\r\n", "Not a chunk size: '0;'"],
  ["5;a;\r\nhello\r\n", "Not a chunk size: '5;a;'"],
  ["5;;a\r\nhello\r\n", "Not a chunk size: '5;;a'"],
  ["5;a \r\nhello\r\n", "Not a chunk size: '5;a '"],
  ["5;a=\r\nhello\r\n", "Not a chunk size: '5;a='"],
  ["5;=b\r\nhello\r\n", "Not a chunk size: '5;=b'"],
  ["5;a b\r\nhello\r\n", "Not a chunk size: '5;a b'"],
  ["5;a=b c\r\nhello\r\n", "Not a chunk size: '5;a=b c'"],
  ["5;a=b=c\r\nhello\r\n", "Not a chunk size: '5;a=b=c'"],
  ["5;bad[=x\r\nhello\r\n", "Not a chunk size: '5;bad[=x'"],
  ["5;a=[\r\nhello\r\n", "Not a chunk size: '5;a=['"],
  ["5;\xe9\r\nhello\r\n", "Not a chunk size: '5;\xe9'"],
  ['5;a="b\r\nhello\r\n', "Not a chunk size: '5;a=\"b'"],
  ['5;a="b\r\n"\r\nhello\r\n', "Not a chunk size: '5;a=\"b'"],
  ['5;a="b"c\r\nhello\r\n', "Not a chunk size: '5;a=\"b\"c'"],
  ['5;a="\\"\r\nhello\r\n', "Not a chunk size: '5;a=\"\\\\\"'"],
  ['5;a="\x07"\r\nhello\r\n', "Not a chunk size: '5;a=\"\\x07\"'"],
  ["5;a\x7f\r\nhello\r\n", "Not a chunk size: '5;a\\x7f'"],
  // A lone LF, known from request smuggling.
  ["5\nhello\r\n0\r\n\r\n", NO_CRLF],
  ["5;a\nhello\r\n0\r\n\r\n", NO_CRLF],
  ["0\n\r\n", NO_CRLF],
  ["5\r\nhello\n0\r\n\r\n", NO_DATA_END],
  ["0\r\n\n", "Trailer lines must end with CRLF"],
  ["0\r\nA: 1\n\r\n", "Trailer lines must end with CRLF"],
  ["0\r\nA: 1\r\n\n", "Trailer lines must end with CRLF"],
  // Data that is longer or shorter than announced.
  ["5\r\nhello!\r\n0\r\n\r\n", NO_DATA_END],
  ["5\r\nhell\r\n0\r\n\r\n", NO_DATA_END],
  ["5\r\nhello0\r\n\r\n", NO_DATA_END],
  ["5\r\nhello\r\r", NO_DATA_END],
  // Oversized sizes and lines.
  ["10000000000000\r\n", "A chunk is too large"],
  ["FFFFFFFFFFFFFFFFFF\r\n", "A chunk is too large"],
  ["100000000000000000000000000000005\r\n", "A chunk is too large"],
  ["0".repeat(256), TOO_LONG],
  [`5;${"a".repeat(300)}\r\n`, TOO_LONG],
  // Trailers are header lines.
  ["0\r\nno colon\r\n\r\n", "A header line must contain a colon"],
  [
    "0\r\nA : 1\r\n\r\n",
    "There must be no white space between a header name and its colon",
  ],
  ["0\r\nGET / HTTP/1.1\r\n\r\n", "A header line must contain a colon"],
  [
    "0\r\nA: \x07\r\n\r\n",
    "A header value must not contain control characters",
  ],
  ["0\r\nA: 1\r\n 2\r\n\r\n", "A header line must not begin with white space"],
];

pureTest("ChunkedDecoder refuses a malformed body", () => {
  for (const [body, explain] of BAD) {
    const result = faultOf(readThreeWays(body, () => wholeBody()));
    assertEquals([result.status, result.explain], [400, explain], body);
  }
});

pureTest(
  "ChunkedDecoder refuses a body that the stream cuts short",
  () => {
    const body = "5\r\nhello\r\n0\r\n\r\n";
    for (let length = 0; length < body.length; length++) {
      const result = faultOf(
        readUntilEnd(body.slice(0, length), () => wholeBody()),
      );
      assertEquals(result.status, 400);
    }
    const trailers = "0\r\nA: 1\r\n\r\n";
    for (let length = 3; length < trailers.length; length++) {
      const result = faultOf(
        readUntilEnd(trailers.slice(0, length), () => wholeBody()),
      );
      assertEquals(result.status, 400);
    }
  },
);

pureTest(
  "ChunkedDecoder returns the available part of a chunk, and undefined before more comes",
  () => {
    const buffer = new LineReader();
    const decoder = new ChunkedDecoder();
    assertEquals(decoder.read(buffer, 10), undefined);
    buffer.feed(encodeLatin1("5\r\nhe"));
    assertEquals(decoder.read(buffer, 1), encodeLatin1("h"));
    assertEquals(decoder.read(buffer, 10), encodeLatin1("e"));
    assertEquals(decoder.read(buffer, 10), undefined);
    buffer.feed(encodeLatin1("llo\r"));
    assertEquals(decoder.read(buffer, 10), encodeLatin1("llo"));
    assertEquals(decoder.read(buffer, 10), undefined);
    assertEquals(decoder.done, false);
    buffer.feed(encodeLatin1("\n0\r\n\r\nnext"));
    assertEquals(decoder.read(buffer, 10), new Uint8Array(0));
    assertEquals(decoder.read(buffer, 10), new Uint8Array(0));
    assertEquals(decoder.done, true);
    assertEquals(buffer.length, 4);
  },
);

pureTest("ChunkedDecoder does not allocate a chunk before it arrives", () => {
  const buffer = new LineReader();
  const decoder = new ChunkedDecoder();
  buffer.feed(encodeLatin1("fffffffffffff\r\nabc"));
  assertEquals(decoder.read(buffer, Infinity), encodeLatin1("abc"));
  assertEquals(decoder.read(buffer, Infinity), undefined);
});

pureTest("ChunkedDecoder repeats its error after a fault", () => {
  const buffer = new LineReader();
  const decoder = new ChunkedDecoder();
  buffer.feed(encodeLatin1("zz\r\n5\r\nhello\r\n0\r\n\r\n"));
  const first = assertThrows(() => decoder.read(buffer, 10), ParseError);
  const second = assertThrows(() => decoder.read(buffer, 10), ParseError);
  assertStrictEquals(second, first);
  assertEquals(decoder.done, false);
});

pureTest("ChunkedDecoder bounds the total length of size lines", () => {
  const tiny = `1;${"x".repeat(200)}\r\na\r\n`;
  const result = readThreeWays(tiny.repeat(200), () => wholeBody());
  assertEquals(result, {
    status: 400,
    message: "Bad chunked body",
    explain: "The chunk extensions are too large",
  });
  // Signatures on chunks of ordinary size, and tiny chunks without extension, don't count.
  const signed = `400;signature=${"f".repeat(64)}\r\n${"a".repeat(1024)}\r\n`;
  const plain = "1\r\na\r\n";
  for (const chunk of [signed, plain]) {
    const buffer = new LineReader();
    buffer.feed(encodeLatin1(chunk.repeat(2000) + "0\r\n\r\n"));
    assert(wholeBody()(buffer) !== undefined);
  }
});

pureTest("ChunkedDecoder bounds trailers like headers", () => {
  const many = faultOf(readThreeWays(
    `0\r\n${"A: 1\r\n".repeat(101)}`,
    () => wholeBody(),
  ));
  assertEquals([many.status, many.message], [431, "Too many headers"]);
  const buffer = new LineReader();
  buffer.feed(encodeLatin1(`0\r\nA: ${"x".repeat(70_000)}`));
  const error = assertThrows(() => wholeBody()(buffer), ParseError);
  assertEquals([error.status, error.message], [431, "Line too long"]);
});

pureTest("ChunkedDecoder.read() refuses a max below 1", () => {
  for (const max of [0, -1, NaN]) {
    assertThrows(
      () => new ChunkedDecoder().read(new LineReader(), max),
      RangeError,
    );
  }
});

pureTest("encodeChunk() never makes an empty chunk", () => {
  const chunk = (text: string, extension?: string) =>
    decodeLatin1(encodeChunk(encodeLatin1(text), extension));
  assertEquals(chunk("hello"), "5\r\nhello\r\n");
  assertEquals(chunk("x".repeat(255)), `ff\r\n${"x".repeat(255)}\r\n`);
  assertEquals(chunk(""), "");
  assertEquals(chunk("", "a=b"), "");
  assertEquals(chunk("a", "b"), "1;b\r\na\r\n");
  assertEquals(
    chunk("a", 'b=c;d="e \\" \xe9"'),
    '1;b=c;d="e \\" \xe9"\r\na\r\n',
  );
});

pureTest("encodeChunk() refuses an extension that is not well-formed", () => {
  for (
    const extension of [
      "",
      "a\r\n",
      "a b",
      "=b",
      "a=",
      ";a",
      "a;",
      'a="',
      'a="\n"',
      "a=\u20ac",
      'a="\\"',
    ]
  ) {
    assertThrows(
      () => encodeChunk(new Uint8Array(1), extension),
      TypeError,
      "extension",
      extension,
    );
  }
});

pureTest("encodeLastChunk() ends the body with trailers", () => {
  assertEquals(decodeLatin1(encodeLastChunk()), "0\r\n\r\n");
  const trailers: [string, string][] = [["A", "1"], ["b", "\xe9"]];
  assertEquals(
    decodeLatin1(encodeLastChunk(trailers)),
    "0\r\nA: 1\r\nb: \xe9\r\n\r\n",
  );
});

pureTest(
  "encodeLastChunk() refuses trailers that would break the framing",
  () => {
    const bad: [string, string][] = [
      ["", "1"],
      ["a b", "1"],
      ["a:", "1"],
      ["a\r\n", "1"],
      ["\xe9", "1"],
      ["Content-Length", "1"],
      ["a", "1\r\nb: 2"],
      ["a", "\n"],
      ["a", "\0"],
      ["a", "\u20ac"],
      ["a", "\u{1f600}"],
    ];
    for (const [name, value] of bad) {
      assertThrows(
        () => encodeLastChunk([[name, value]]),
        TypeError,
        "Cannot encode a trailer",
        name,
      );
    }
  },
);

pureTest("ChunkedDecoder reads back what encodeChunk() made", () => {
  const text = "a\r\n0\r\n\r\n\0\xff";
  const body = decodeLatin1(encodeChunk(encodeLatin1(text), "x=1")) +
    decodeLatin1(encodeChunk(encodeLatin1(text))) +
    decodeLatin1(encodeLastChunk([["X", "y"]]));
  assertEquals(readThreeWays(body, () => wholeBody(4)), {
    value: { text: text + text, trailers: [["X", "y"]] },
  });
});
