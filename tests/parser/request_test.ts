// Numbers in comments are those of the list of CPython's behaviours.

import { assertEquals, assertThrows } from "@std/assert";
import {
  LineReader,
  ParseError,
  parseRequest,
  parseRequestHead,
  parseRequestLine,
  type RequestHead,
} from "@x/httpserver/parser";
import { encodeLatin1 } from "../../text/latin1.ts";
import { faultOf, readThreeWays, readUntilEnd } from "./_three_ways.ts";

function head(block: string, version: string = "HTTP/1.1"): RequestHead {
  return parseRequestHead(parseRequestLine(`GET / ${version}\r\n`)!, block);
}

function reason(block: string, version: string = "HTTP/1.1"): [number, string] {
  const error = assertThrows(() => head(block, version), ParseError);
  return [error.status, error.message];
}

Deno.test("parseRequestHead() demands one good Host on HTTP/1.1", {
  permissions: "none",
}, () => {
  assertEquals(reason("\r\n"), [400, "Missing Host header"]);
  assertEquals(reason("X-Host: a\r\n\r\n", "HTTP/1.2"), [
    400,
    "Missing Host header",
  ]);
  for (const version of ["HTTP/1.1", "HTTP/1.0", "HTTP/0.9"]) {
    assertEquals(reason("Host: a\r\nhost: a\r\n\r\n", version), [
      400,
      "More than one Host header",
    ]);
    assertEquals(reason("Host: a b\r\n\r\n", version), [
      400,
      "Bad Host header ('a b')",
    ]);
  }
  // 61: CPython accepts a missing one; before 1.1 that is right.
  assertEquals(head("\r\n", "HTTP/1.0").headers.length, 0);
});

Deno.test("parseRequestHead() goes by the grammar of Host", {
  permissions: "none",
}, () => {
  const good = [
    "",
    "a",
    "a.example:80",
    "a:",
    "127.0.0.1:8000",
    "[::1]",
    "[::1]:80",
    "[v1.x]",
    "a_b-c~d",
    "%41",
    "a,b",
  ];
  for (const host of good) {
    assertEquals(head(`Host: ${host}\r\n\r\n`).headers.get("host"), host);
  }
  const bad = [
    "a/b",
    "a@b",
    "a:b",
    "a:80:80",
    "[::1",
    "::1",
    "\xe9",
    "a\x0b",
    "a?b",
    "a#b",
    "<a>",
    "a\\b",
    "[::1]x",
  ];
  for (const host of bad) {
    assertEquals(reason(`Host: ${host}\r\n\r\n`)[0], 400, host);
  }
});

Deno.test("parseRequestHead() draws keepAlive from all Connection tokens", {
  permissions: "none",
}, () => {
  const keepAlive = (lines: string) =>
    head(`Host: a\r\n${lines}\r\n`).keepAlive;
  assertEquals(keepAlive(""), undefined);
  // 12, 13
  assertEquals(keepAlive("Connection: close\r\n"), false);
  assertEquals(keepAlive("Connection: keep-alive\r\n"), true);
  assertEquals(keepAlive("Connection: Keep-Alive\r\n"), true);
  assertEquals(keepAlive("connection: KEEP-ALIVE\r\n"), true);
  assertEquals(keepAlive("connection: CLOSE\r\n"), false);
  assertEquals(keepAlive("Connection: Upgrade\r\n"), undefined);
  // 59, as a deviation: a list, in which close wins.
  assertEquals(keepAlive("Connection: keep-alive, close\r\n"), false);
  assertEquals(
    keepAlive("Connection: keep-alive\r\nConnection: close\r\n"),
    false,
  );
  assertEquals(
    keepAlive("Connection: close\r\nConnection: keep-alive\r\n"),
    false,
  );
  assertEquals(keepAlive("Connection: Upgrade, keep-alive\r\n"), true);
  assertEquals(keepAlive("Connection: closed\r\n"), undefined);
});

Deno.test("parseRequestHead() takes Expect in any case, from HTTP/1.1 on", {
  permissions: "none",
}, () => {
  const expect = (value: string, version?: string) =>
    head(`Host: a\r\nExpect: ${value}\r\n\r\n`, version).expectContinue;
  // 30, 62
  assertEquals(expect("100-continue"), true);
  assertEquals(expect("100-Continue"), true);
  // 29
  assertEquals(expect("100-continue", "HTTP/1.0"), false);
  assertEquals(expect("200-ok"), false);
  assertEquals(expect("100-continued"), false);
  assertEquals(head("Host: a\r\n\r\n").expectContinue, false);
});

Deno.test("parseRequestHead() puts check, framing and fields together", {
  permissions: "none",
}, () => {
  const result = head("Host: a\r\nContent-Length: 5\r\nX: 1\r\n\r\n");
  assertEquals(result.framing, { kind: "length", length: 5 });
  assertEquals(result.headers.items(), [
    ["Host", "a"],
    ["Content-Length", "5"],
    ["X", "1"],
  ]);
  assertEquals(head("Host: a\r\nTransfer-Encoding: chunked\r\n\r\n").framing, {
    kind: "chunked",
  });
  assertEquals(
    reason("Transfer-Encoding: chunked\r\n\r\n", "HTTP/1.0")[0],
    400,
  );
  assertEquals(reason("Host: a\r\nTransfer-Encoding: br\r\n\r\n")[0], 501);
  assertEquals(reason("Host: a\r\n folded\r\n\r\n"), [
    400,
    "Bad header line (' folded')",
  ]);
});

/** A reader that tells of a request in plain data. */
function startRequest() {
  return (buffer: LineReader) => {
    const request = parseRequest(buffer);
    if (request === undefined) return undefined;
    const { line, headers, framing, keepAlive, expectContinue } = request;
    return {
      path: line.path,
      fields: headers.items(),
      framing,
      keepAlive,
      expectContinue,
    };
  };
}

const PLAIN: Pick<RequestHead, "framing" | "keepAlive" | "expectContinue"> = {
  framing: { kind: "none" },
  keepAlive: undefined,
  expectContinue: false,
};

Deno.test("parseRequest() takes one head and leaves the rest", {
  permissions: "none",
}, () => {
  assertEquals(
    readThreeWays("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", startRequest),
    {
      value: { path: "/a", fields: [["Host", "h"]], ...PLAIN },
    },
  );
  // 27: HTTP/1.0 without a field
  assertEquals(readThreeWays("GET / HTTP/1.0\r\n\r\n", startRequest), {
    value: { path: "/", fields: [], ...PLAIN },
  });
  // 57: LF alone
  assertEquals(readThreeWays("GET /a HTTP/1.1\nHost: h\n\n", startRequest), {
    value: { path: "/a", fields: [["Host", "h"]], ...PLAIN },
  });
  // 25: HTTP/0.9 has no headers
  assertEquals(readThreeWays("GET /old\r\n", startRequest), {
    value: { path: "/old", fields: [], ...PLAIN, keepAlive: false },
  });
  // RFC 9112 2.2: empty lines before a request
  assertEquals(
    readThreeWays("\r\n\n\r\nGET /b HTTP/1.0\r\n\r\n", startRequest),
    {
      value: { path: "/b", fields: [], ...PLAIN },
    },
  );
});

Deno.test(
  "parseRequest() refuses what is malformed",
  { permissions: "none" },
  () => {
    const bad: [string, number][] = [
      ["GET /spaced out HTTP/1.1\r\n", 400], // 28
      ["GET / HTTP/2.0\r\n", 505], // 10
      ["  \r\n", 400],
      ["GET / HTTP/1.1\r\n\r\n", 400],
      ["GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400],
      [`GET / HTTP/1.1\r\n${"A: 1\r\n".repeat(101)}`, 431], // 35
    ];
    for (const [input, status] of bad) {
      const result = faultOf(readThreeWays(input, startRequest));
      assertEquals(result.status, status, input);
    }
  },
);

Deno.test("parseRequest() bounds the request line at 65536 bytes", {
  permissions: "none",
}, () => {
  // 33, 52
  const result = (size: number) => {
    const buffer = new LineReader();
    const ends = "GET / HTTP/1.0\r\n";
    buffer.feed(
      encodeLatin1(`GET /${"a".repeat(size - ends.length)} HTTP/1.0\r\n\r\n`),
    );
    return () => parseRequest(buffer);
  };
  assertEquals(result(65_536)()?.line.path.length, 65_536 - 15);
  const error = assertThrows(result(65_537), ParseError);
  assertEquals([error.status, error.message], [414, "URI Too Long"]);
});

Deno.test("parseRequest() bounds a header line at 65536 bytes", {
  permissions: "none",
}, () => {
  // 34, 52
  const result = (size: number) => {
    const buffer = new LineReader();
    buffer.feed(
      encodeLatin1(`GET / HTTP/1.0\r\nA:${"a".repeat(size - 4)}\r\n\r\n`),
    );
    return () => parseRequest(buffer);
  };
  assertEquals(result(65_536)()?.headers.get("a")?.length, 65_532);
  const error = assertThrows(result(65_537), ParseError);
  assertEquals([error.status, error.message], [431, "Line too long"]);
});

Deno.test("parseRequest() takes 99 header lines and no more", {
  permissions: "none",
}, () => {
  // 35, 53: the blank line counts
  const result = (count: number) => {
    const buffer = new LineReader();
    buffer.feed(
      encodeLatin1(`GET / HTTP/1.0\r\n${"A: 1\r\n".repeat(count)}\r\n`),
    );
    return () => parseRequest(buffer);
  };
  assertEquals(result(99)()?.headers.length, 99);
  const error = assertThrows(result(100), ParseError);
  assertEquals([error.status, error.message], [431, "Too many headers"]);
});

Deno.test(
  "parseRequest() refuses a head that the end of the stream cuts short",
  { permissions: "none" },
  () => {
    const input = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (let length = "GET / HTTP".length; length < input.length; length++) {
      const result = faultOf(
        readUntilEnd(input.slice(0, length), startRequest),
      );
      assertEquals(result.status, 400);
    }
    assertEquals(readUntilEnd("", startRequest), "not yet");
    assertEquals(readUntilEnd("\r\n", startRequest), "not yet");
  },
);

Deno.test("parseRequest() takes pipelined requests one by one", {
  permissions: "none",
}, () => {
  const buffer = new LineReader();
  for (const path of ["/a", "/b", "/c"]) {
    buffer.feed(encodeLatin1(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`));
  }
  const paths = [1, 2, 3].map(() => parseRequest(buffer)?.line.path);
  assertEquals(paths, ["/a", "/b", "/c"]);
  assertEquals(parseRequest(buffer), undefined);
});
