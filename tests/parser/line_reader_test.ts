// The byte buffer below every reader. Numbers in comments are behaviours of CPython, as
// listed in docs/parity.md.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  LineReader,
  MAX_HEADER_BYTES,
  MAX_HEADER_LINES,
  MAX_LINE,
} from "../../parser/line_reader.ts";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";
import { faultOf, readThreeWays, readUntilEnd } from "./_three_ways.ts";
import { pureTest } from "../_lib/pure.ts";

/** A reader whose buffer holds the text, and is so small at first that it must grow. */
function holding(text: string): LineReader {
  const reader = new LineReader(1);
  reader.feed(encodeLatin1(text));
  return reader;
}

const line = (limit: number) => () => (buffer: LineReader) =>
  buffer.readLatin1Line(limit);
const block = () => (buffer: LineReader) => buffer.readHeaderBlock();

const LINES: readonly [input: string, limit: number][] = [
  ["\n", 10],
  ["\r\n", 10],
  ["GET / HTTP/1.0\r\n", 100],
  ["a\rb\n", 100],
  ["a\0b\x80\xff\n", 100],
  ["abc", 3],
  ["abc\n", 4],
];

for (const [input, limit] of LINES) {
  pureTest(`readLatin1Line(${limit}) reads ${JSON.stringify(input)}`, () => {
    assertEquals(readThreeWays(input, line(limit)), { value: input });
  });
}

pureTest(
  "readline() returns the bytes that readLatin1Line() returns as text",
  () => {
    for (const [input, limit] of LINES) {
      const bytes = holding(input + "rest").readline(limit);
      assertEquals(decodeLatin1(bytes!), input);
    }
  },
);

pureTest("readline() returns undefined before a line end or the limit", () => {
  const reader = holding("ab");
  assertEquals(reader.readline(4), undefined);
  reader.feed(encodeLatin1("c"));
  assertEquals(reader.readline(4), undefined);
  reader.feed(encodeLatin1("\nd"));
  assertEquals(decodeLatin1(reader.readline(4)!), "abc\n");
  assertEquals(reader.readline(4), undefined);
});

pureTest(
  "readline() returns the rest at the end of the stream, then empty arrays",
  () => {
    const reader = holding("ab");
    reader.end();
    assertEquals(reader.readline(4), encodeLatin1("ab"));
    assertEquals(reader.readline(4), new Uint8Array());
    assertEquals(reader.readLatin1Line(4), "");
  },
);

pureTest(
  "readline() cuts a line at a lower limit than that of an earlier call",
  () => {
    const reader = holding("abcdef");
    assertEquals(reader.readline(100), undefined);
    assertEquals(decodeLatin1(reader.readline(4)!), "abcd");
    reader.feed(encodeLatin1("\n"));
    assertEquals(decodeLatin1(reader.readline(100)!), "ef\n");
  },
);

// behaviours 33 and 52
pureTest(
  "readLatin1Line() distinguishes a line of 65,536 bytes from a longer one",
  () => {
    const fits = "x".repeat(MAX_LINE - 2) + "\r\n";
    assertEquals(readThreeWays(fits, line(MAX_LINE + 1)), { value: fits });
    const long = "x".repeat(MAX_LINE - 1) + "\r\n";
    assertEquals(readThreeWays(long, line(MAX_LINE + 1)), { value: long });
    assertEquals(
      holding(long + "y").readLatin1Line(MAX_LINE + 1)!.length,
      MAX_LINE + 1,
    );
  },
);

pureTest("readline() returns arrays that later reads do not change", () => {
  const reader = new LineReader(8);
  reader.feed(encodeLatin1("one\n"));
  const first = reader.readline(100)!;
  reader.feed(encodeLatin1("two\nthree\n"));
  reader.readline(100);
  assertEquals(decodeLatin1(first), "one\n");
});

const BLOCKS: readonly string[] = [
  "\r\n",
  "\n",
  "Host: a\r\n\r\n",
  "Host: a\nB: c\n\n",
  "A: \xe9\0\r\n\r\r\n\r\n", // a bare CR is not a blank line
  " folded\r\n\r\n",
];

for (const input of BLOCKS) {
  pureTest(`readHeaderBlock() reads ${JSON.stringify(input)}`, () => {
    assertEquals(readThreeWays(input, block), { value: input });
  });
}

for (const input of ["", "Host: a", "Host: a\r\n", "Host: a\r\n\r"]) {
  pureTest(
    `readHeaderBlock() returns ${JSON.stringify(input)} at the end`,
    () => {
      assertEquals(readUntilEnd(input, block), { value: input });
    },
  );
}

// behaviour 53
pureTest("readHeaderBlock() accepts 99 header lines and refuses 100", () => {
  const lines = (count: number) => "A: b\r\n".repeat(count) + "\r\n";
  const most = lines(MAX_HEADER_LINES - 1);
  assertEquals(readThreeWays(most, block), { value: most });
  assertEquals(readUntilEnd(lines(MAX_HEADER_LINES), block), {
    status: 431,
    message: "Too many headers",
    explain: "got more than 100 headers",
  });
});

// behaviours 34 and 52
pureTest(
  "readHeaderBlock() accepts a line of 65,536 bytes, and none longer",
  () => {
    const fits = "A:" + "x".repeat(MAX_LINE - 4) + "\r\n\r\n";
    assertEquals(readThreeWays(fits, block), { value: fits });
    const fault = faultOf(readUntilEnd("A:x" + fits.slice(2), block));
    assertEquals([fault.status, fault.message], [431, "Line too long"]);
  },
);

pureTest(
  "readHeaderBlock() refuses a long line before its end has come",
  () => {
    const reader = holding("A:" + "x".repeat(MAX_LINE));
    assertThrows(() => reader.readHeaderBlock(), SyntaxError, "Line too long");
  },
);

pureTest("readHeaderBlock() refuses more than 256 KiB in all", () => {
  const long = "A:" + "x".repeat(MAX_LINE - 4) + "\r\n";
  const fault = faultOf(
    readUntilEnd(long.repeat(MAX_HEADER_BYTES / MAX_LINE) + "\r\n", block),
  );
  assertEquals([fault.status, fault.message], [431, "Headers too large"]);
});

pureTest(
  "take() returns up to so many bytes, and undefined if the buffer is empty",
  () => {
    const reader = holding("abc");
    assertEquals(reader.take(2), encodeLatin1("ab"));
    assertEquals(reader.take(0), new Uint8Array());
    assertEquals(reader.take(5), encodeLatin1("c"));
    assertEquals(reader.take(5), undefined);
    reader.end();
    assertEquals(reader.take(5), new Uint8Array());
    assert(reader.ended);
  },
);

pureTest("reserve() and commit() append bytes like feed()", () => {
  const reader = new LineReader(4);
  reader.reserve(2).set(encodeLatin1("ab"));
  reader.commit(2);
  const space = reader.reserve(10);
  assert(space.length >= 10);
  space.set(encodeLatin1("cd\nef"));
  reader.commit(5);
  assertEquals(reader.readLatin1Line(100), "abcd\n");
  assertEquals(reader.length, 2);
});

pureTest(
  "LineReader keeps bytes in order while growing and moving them",
  () => {
    const reader = new LineReader(3);
    let taken = "";
    for (let i = 0; i < 1_000; i++) {
      reader.feed(encodeLatin1(`${i},`.repeat(i % 7)));
      taken += decodeLatin1(reader.take(i % 11) ?? new Uint8Array());
    }
    reader.end();
    taken += decodeLatin1(reader.take(1_000_000)!);
    const whole = Array.from(
      { length: 1_000 },
      (_, i) => `${i},`.repeat(i % 7),
    );
    assertEquals(taken, whole.join(""));
  },
);
