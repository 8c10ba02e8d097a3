import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { isComplete, parseHead } from "../../bench/exchange.ts";
import { faultOf, validatorsOf } from "../../bench/probe.ts";

function head(status: number, ...lines: string[]) {
  return parseHead([`HTTP/1.1 ${status} Some Reason`, ...lines].join("\r\n"));
}

Deno.test("parseHead() reads the status and the fields in lower case", () => {
  const { status, fields } = head(206, 'ETag: W/"a:b"', "content-length:  5");
  assertEquals(status, 206);
  assertEquals([...fields], [["etag", 'W/"a:b"'], ["content-length", "5"]]);
});

Deno.test("parseHead() refuses anything but a status line", () => {
  for (const text of ["", "ICY 200 OK", "HTTP/1.1 20 OK", "HTTP/2 200"]) {
    assertThrows(() => parseHead(text), Error, "is not a status line");
  }
});

Deno.test("isComplete() knows the end of a body by length, chunks or status", () => {
  const sized = head(200, "Content-Length: 3");
  assertEquals(isComplete(sized, "GET", "ab"), false);
  assertEquals(isComplete(sized, "GET", "abc"), true);
  assertEquals(isComplete(sized, "HEAD", ""), true);
  const chunked = head(200, "Transfer-Encoding: chunked");
  assertEquals(isComplete(chunked, "GET", "1\r\na\r\n"), false);
  assertEquals(isComplete(chunked, "GET", "1\r\na\r\n0\r\n\r\n"), true);
  assertEquals(isComplete(head(304, "Content-Length: 3"), "GET", ""), true);
  assertEquals(isComplete(head(200), "GET", "abc"), false);
});

Deno.test("validatorsOf() turns validators into conditions", () => {
  const modified = "Thu, 01 Jan 2026 00:00:00 GMT";
  assertEquals(
    validatorsOf(head(200, 'ETag: "a"', `Last-Modified: ${modified}`)),
    { "If-None-Match": '"a"', "If-Modified-Since": modified },
  );
  assertEquals(validatorsOf(head(200)), {});
});

Deno.test("faultOf() accepts the expected status alone", () => {
  assertEquals(faultOf(head(200), { status: 200 }), undefined);
  assertEquals(
    faultOf(head(200), { status: 206 }),
    "it responds with 200, not 206",
  );
});

Deno.test("faultOf() refuses a 304 whose body wrk waits for", () => {
  assertEquals(faultOf(head(304), { status: 304 }), undefined);
  assertStringIncludes(
    faultOf(head(304, "Content-Length: 1024"), { status: 304 }) ?? "",
    "wrk cannot read",
  );
});

Deno.test("faultOf() refuses a connection that ab can't use again", () => {
  const expected = { status: 200, keepAlive: true } as const;
  const kept = head(200, "Connection: Keep-Alive");
  assertEquals(faultOf(kept, expected), undefined);
  for (const other of [head(200), head(200, "Connection: close")]) {
    assertStringIncludes(faultOf(other, expected) ?? "", "HTTP/1.0");
  }
});
