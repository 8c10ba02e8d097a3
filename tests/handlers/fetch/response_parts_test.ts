import { assertEquals, assertThrows } from "@std/assert";
import { responseParts } from "../../../handlers/fetch/response_parts.ts";
import { pureTest } from "../../_lib/pure.ts";

const lines = (...all: string[]) => all.join("\r\n");

pureTest(
  "responseParts() reads the status, the phrase and the fields in order",
  () => {
    const head = lines(
      "HTTP/1.0 404 File not found",
      "Set-Cookie: a=1",
      "X-A:  b ",
      "Set-Cookie: b=2",
    );
    assertEquals(responseParts(head, "GET"), {
      status: 404,
      statusText: "File not found",
      headers: [["Set-Cookie", "a=1"], ["X-A", "b"], ["Set-Cookie", "b=2"]],
      framing: "rest",
    });
  },
);

pureTest("responseParts() tells how the body ends", () => {
  const rows: [string, string, ReturnType<typeof responseParts>["framing"]][] =
    [
      ["GET", lines("HTTP/1.1 200 OK", "Content-Length: 5"), 5],
      [
        "GET",
        lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"),
        "chunked",
      ],
      ["GET", "HTTP/1.1 200 OK", "rest"],
      ["HEAD", lines("HTTP/1.1 200 OK", "Content-Length: 5"), "none"],
      ["GET", lines("HTTP/1.1 304 Not Modified", "Content-Length: 5"), "none"],
      ["GET", "HTTP/1.1 204 No Content", "none"],
      ["GET", lines("HTTP/1.1 205 Reset Content", "Content-Length: 0"), "none"],
    ];
  for (const [method, head, framing] of rows) {
    assertEquals(responseParts(head, method).framing, framing, head);
  }
});

pureTest(
  "responseParts() leaves out fields of the connection, and those that it names",
  () => {
    const head = lines(
      "HTTP/1.1 200 OK",
      "Connection: close, X-Hop",
      "X-Hop: 1",
      "Keep-Alive: timeout=5",
      "Transfer-Encoding: chunked",
      "Content-Type: text/plain",
    );
    assertEquals(responseParts(head, "GET").headers, [
      ["Content-Type", "text/plain"],
    ]);
  },
);

pureTest(
  "responseParts() accepts interim responses, an empty phrase and none",
  () => {
    assertEquals(responseParts("HTTP/1.1 100 Continue", "GET").status, 100);
    assertEquals(responseParts("HTTP/1.1 299 ", "GET").statusText, "");
    assertEquals(responseParts("HTTP/1.1 299", "GET").statusText, "");
  },
);

pureTest("responseParts() refuses what a Response can't be", () => {
  const heads = [
    "",
    "hello",
    "HTTP/1.1 20 OK",
    "HTTP/1.1 101 Switching Protocols",
    "HTTP/1.1 600 Beyond",
    lines("HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked"),
  ];
  for (const head of heads) {
    assertThrows(() => responseParts(head, "GET"), TypeError, "Cannot send");
  }
  assertThrows(
    () => responseParts("HTTP/1.1 200 OK", "CONNECT"),
    TypeError,
    "Cannot send a tunnel",
  );
});
