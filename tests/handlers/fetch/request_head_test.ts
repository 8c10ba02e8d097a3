import { assertEquals } from "@std/assert";
import {
  contentLength,
  requestHead,
} from "../../../handlers/fetch/request_head.ts";
import { pureTest } from "../../_lib/pure.ts";

/** The head of a request in lines, without the last two, which are always the same. */
function head(
  url: string,
  fields: Record<string, string> = {},
  method = "GET",
  raw = true,
): string[] {
  const text = requestHead(
    { method, url, headers: new Headers(fields) },
    "none",
    raw,
  );
  const end = "Connection: close\r\n\r\n";
  assertEquals(text.slice(-end.length), end);
  return text.slice(0, -end.length).trimEnd().split("\r\n");
}

pureTest("requestHead() keeps the target as the client sent it", () => {
  const targets = [
    "/",
    "/a?b",
    "//evil.test/..",
    "/a/../b",
    "/%2f%zz",
    "/a\\b",
    "/#f",
    "/?a#b?c",
  ];
  for (const target of targets) {
    assertEquals(head("http://a.test" + target, { host: "a.test" }), [
      `GET ${target} HTTP/1.1`,
      "Host: a.test",
    ]);
  }
});

pureTest("requestHead() makes a path of an empty one", () => {
  assertEquals(head("http://a.test")[0], "GET / HTTP/1.1");
  assertEquals(head("http://a.test?q")[0], "GET /?q HTTP/1.1");
});

pureTest(
  "requestHead() encodes characters beyond ASCII as bytes of UTF-8",
  () => {
    assertEquals(head("http://a.test/\u00e9")[0], "GET /\xc3\xa9 HTTP/1.1");
  },
);

pureTest(
  "requestHead() restores an absolute target if its authority is not the Host",
  () => {
    assertEquals(head("http://b.test/x?y", { host: "a.test" }), [
      "GET http://b.test/x?y HTTP/1.1",
      "Host: a.test",
    ]);
    // Other runtimes parse the URL, and some put another authority in its place.
    assertEquals(head("http://b.test/x?y", { host: "a.test" }, "GET", false), [
      "GET /x?y HTTP/1.1",
      "Host: a.test",
    ]);
    assertEquals(head("http://localhost/x", { host: "" }), [
      "GET /x HTTP/1.1",
      "Host:",
    ]);
  },
);

pureTest("requestHead() makes Host of the URL in HTTP/2", () => {
  assertEquals(head("https://a.test:8443/x"), [
    "GET /x HTTP/1.1",
    "Host: a.test:8443",
  ]);
});

pureTest("requestHead() restores OPTIONS *", () => {
  const host = { host: "a" };
  assertEquals(head("http://a/*", host, "OPTIONS")[0], "OPTIONS * HTTP/1.1");
  assertEquals(head("http://a/*", host, "GET")[0], "GET /* HTTP/1.1");
});

pureTest("requestHead() restores the target of CONNECT", () => {
  for (const host of ["a.test:443", "b.test"]) {
    assertEquals(
      head("http://a.test:443", { host }, "CONNECT")[0],
      "CONNECT a.test:443 HTTP/1.1",
    );
  }
});

pureTest(
  "requestHead() leaves out fields of the connection, and those that it names",
  () => {
    assertEquals(
      head("http://a/", {
        "connection": "keep-alive, X-Hop, host",
        "host": "a",
        "keep-alive": "timeout=5",
        "te": "trailers",
        "trailer": "X-Sum",
        "transfer-encoding": "chunked",
        "upgrade": "websocket",
        "x-end": "1, 2",
        "x-hop": "1",
      }),
      ["GET / HTTP/1.1", "Host: a", "X-End: 1, 2"],
    );
  },
);

pureTest("requestHead() writes how the body ends", () => {
  const parts = {
    method: "POST",
    url: "http://a/",
    headers: new Headers({ "content-length": "7" }),
  };
  const framings = [["none", ""], [7, "Content-Length: 7\r\n"], [
    "chunked",
    "Transfer-Encoding: chunked\r\n",
  ]] as const;
  for (const [framing, field] of framings) {
    assertEquals(
      requestHead(parts, framing, true),
      `POST / HTTP/1.1\r\nHost: a\r\n${field}Connection: close\r\n\r\n`,
    );
  }
});

pureTest("contentLength() reads digits only", () => {
  const rows: [string, number | undefined][] = [
    ["0", 0],
    ["12", 12],
    ["5, 5", undefined],
    ["-1", undefined],
    ["0x5", undefined],
  ];
  for (const [value, expected] of rows) {
    const headers = new Headers({ "content-length": value });
    assertEquals(contentLength(headers), expected, value);
  }
  assertEquals(contentLength(new Headers()), undefined);
});
