// Numbers in comments are behaviours of CPython, as listed in docs/parity.md.

import { assertEquals, assertThrows } from "@std/assert";
import {
  LineReader,
  MAX_EMPTY_LINES,
  ParseError,
  parseRequest,
  parseRequestHead,
  parseRequestLine,
  type ParseRequestOptions,
  type RequestHead,
} from "@x/httpserver/parser";
import { encodeLatin1 } from "../../text/latin1.ts";
import { faultOf, readThreeWays, readUntilEnd } from "./_three_ways.ts";
import { pureTest } from "../_lib/pure.ts";

function head(
  block: string,
  version: string = "HTTP/1.1",
  requiresHost?: boolean,
): RequestHead {
  const line = parseRequestLine(`GET / ${version}\r\n`)!;
  return parseRequestHead(line, block, requiresHost);
}

function reason(
  block: string,
  version?: string,
  requiresHost?: boolean,
): [number, string] {
  const error = assertThrows(
    () => head(block, version, requiresHost),
    ParseError,
  );
  return [error.status, error.message];
}

pureTest(
  "parseRequestHead() requires Host in HTTP/1.1 only if asked to",
  () => {
    const missing = [400, "Missing Host header"];
    for (const version of ["HTTP/1.1", "HTTP/1.2"]) {
      assertEquals(reason("\r\n", version, true), missing);
      assertEquals(reason("X-Host: a\r\n\r\n", version, true), missing);
      // 61: as in CPython.
      assertEquals(head("\r\n", version).headers.length, 0);
    }
    for (const version of ["HTTP/1.0", "HTTP/0.9"]) {
      assertEquals(head("\r\n", version, true).headers.length, 0);
    }
  },
);

pureTest(
  "parseRequestHead() refuses two Hosts and a malformed Host in any version",
  () => {
    for (const version of ["HTTP/1.1", "HTTP/1.0", "HTTP/0.9"]) {
      for (const required of [false, true]) {
        assertEquals(reason("Host: a\r\nhost: a\r\n\r\n", version, required), [
          400,
          "More than one Host header",
        ]);
        assertEquals(reason("Host:\r\nHost: a\r\n\r\n", version, required), [
          400,
          "More than one Host header",
        ]);
        assertEquals(reason("Host: a b\r\n\r\n", version, required), [
          400,
          "Bad Host header ('a b')",
        ]);
      }
    }
  },
);

pureTest(
  "parseRequestHead() derives keepAlive from all Connection tokens",
  () => {
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
    // 59, as a deviation: a list in which close wins.
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
  },
);

pureTest(
  "parseRequestHead() accepts Expect in any case, from HTTP/1.1 on",
  () => {
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
  },
);

pureTest("parseRequestHead() combines checks, framing and fields", () => {
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

pureTest(
  "parseRequestHead() sets http09 and http11 from the version",
  () => {
    const version = (text: string) => {
      const { http09, http11 } = head("Host: a\r\n\r\n", text);
      return [http09, http11];
    };
    assertEquals(version("HTTP/1.1"), [false, true]);
    assertEquals(version("HTTP/1.2"), [false, true]);
    assertEquals(version("HTTP/1.0"), [false, false]);
    assertEquals(version("HTTP/0.9"), [true, false]);
    const simple = parseRequestHead(parseRequestLine("GET /\r\n")!, "");
    assertEquals([simple.http09, simple.http11, simple.keepAlive], [
      true,
      false,
      false,
    ]);
    assertEquals(simple.headers.items(), []);
  },
);

pureTest(
  "parseRequestHead() treats the body as endless if its length is 2^53 or more",
  () => {
    const line = parseRequestLine("POST / HTTP/1.1\r\n")!;
    const block = `Host: a\r\nContent-Length: ${2n ** 64n}\r\n\r\n`;
    assertEquals(parseRequestHead(line, block).framing, {
      kind: "length",
      length: Infinity,
    });
    const error = assertThrows(
      () => parseRequestHead(line, block, false, true),
      ParseError,
    );
    assertEquals(error.status, 400);
  },
);

/** Reads a request as plain data. */
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

pureTest("parseRequest() consumes one head and leaves the rest", () => {
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
  // RFC 9112 §2.2: empty lines before a request
  assertEquals(
    readThreeWays("\r\n\n\r\nGET /b HTTP/1.0\r\n\r\n", startRequest),
    {
      value: { path: "/b", fields: [], ...PLAIN },
    },
  );
});

pureTest("parseRequest() ignores a few empty lines and refuses more", () => {
  const request = "GET /b HTTP/1.0\r\n\r\n";
  const lines = (count: number) =>
    readThreeWays("\r\n".repeat(count) + request, startRequest);
  assertEquals(lines(MAX_EMPTY_LINES), {
    value: { path: "/b", fields: [], ...PLAIN },
  });
  assertEquals(faultOf(lines(MAX_EMPTY_LINES + 1)).status, 400);
  // The count begins again after each request.
  const buffer = new LineReader();
  const filler = "\n".repeat(MAX_EMPTY_LINES);
  buffer.feed(encodeLatin1((filler + request).repeat(3)));
  for (let i = 0; i < 3; i++) {
    assertEquals(parseRequest(buffer)?.line.path, "/b");
  }
});

pureTest("parseRequest() follows its options", () => {
  const parse = (input: string, options: ParseRequestOptions) => {
    const buffer = new LineReader();
    buffer.feed(encodeLatin1(input));
    return parseRequest(buffer, options);
  };
  const bare = "GET / HTTP/1.1\r\n\r\n";
  assertThrows(() => parse(bare, {}), ParseError, "Missing Host header");
  assertEquals(parse(bare, { requiresHost: false })?.line.path, "/");
  const huge = `POST / HTTP/1.0\r\nContent-Length: ${2n ** 64n}\r\n\r\n`;
  assertThrows(() => parse(huge, {}), ParseError, "Bad Content-Length");
  assertEquals(parse(huge, { limitsContentLength: false })?.framing, {
    kind: "length",
    length: Infinity,
  });
  const versionless = "GET /\r\nX: 1\r\n\r\n";
  assertEquals(parse(versionless, {})?.headers.items(), []);
  const newer = parse(versionless, { defaultVersion: "HTTP/1.0" });
  assertEquals(newer?.headers.items(), [["X", "1"]]);
  assertEquals(newer?.line.version, "HTTP/1.0");
  // As in CPython, the connection closes by default, and the head may end with its line.
  assertEquals(newer?.keepAlive, false);
  const kept = "GET / \r\nHost: a\r\nConnection: keep-alive\r\n\r\n";
  assertEquals(parse(kept, { defaultVersion: "HTTP/1.1" })?.keepAlive, true);
  const line = parseRequestLine("GET /\r\n", "HTTP/1.1")!;
  assertEquals(parseRequestHead(line, "").headers.items(), []);
  assertThrows(() => parseRequestHead(line, "X: 1\r\n"), ParseError);
});

pureTest("parseRequest() refuses malformed requests", () => {
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
});

pureTest("parseRequest() bounds the request line at 65536 bytes", () => {
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

pureTest("parseRequest() bounds a header line at 65536 bytes", () => {
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

pureTest("parseRequest() accepts 99 header lines, and no more", () => {
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

pureTest(
  "parseRequest() refuses a head that the stream cuts short",
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

pureTest("parseRequest() parses pipelined requests one at a time", () => {
  const buffer = new LineReader();
  for (const path of ["/a", "/b", "/c"]) {
    buffer.feed(encodeLatin1(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`));
  }
  const paths = [1, 2, 3].map(() => parseRequest(buffer)?.line.path);
  assertEquals(paths, ["/a", "/b", "/c"]);
  assertEquals(parseRequest(buffer), undefined);
});
