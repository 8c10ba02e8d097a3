// Building and validating a response head.

import { assertEquals, assertThrows } from "@std/assert";
import { ResponseHead } from "../../handlers/response_head.ts";

const pure = { permissions: "none" } as const;

function begun(code: number, ...fields: [string, string][]): ResponseHead {
  const head = new ResponseHead();
  head.begin("HTTP/1.1", code, "OK");
  for (const [name, value] of fields) head.add(name, value, true);
  return head;
}

Deno.test("ResponseHead adds a line for each part, in order", pure, () => {
  const head = begun(200, ["X-B", "2"], ["X-A", "\xe4 = a"], ["X-B", ""]);
  assertEquals(
    head.text,
    "HTTP/1.1 200 OK\r\nX-B: 2\r\nX-A: \xe4 = a\r\nX-B: \r\n",
  );
  assertEquals(head.code, 200);
  assertEquals([head.sent, head.ended], [false, false]);
});

Deno.test(
  "ResponseHead adds no lines for HTTP/0.9, but records their meaning",
  pure,
  () => {
    const head = new ResponseHead();
    head.begin(undefined, 200, "OK");
    head.add("Content-Length", "5", false);
    assertEquals(head.text, "");
    assertEquals(head.bodyLimit("GET"), 5);
  },
);

const UNSENDABLE = [
  "\r",
  "\n",
  "\0",
  "a\r\nX: y",
  "\u0100",
  "\u20ac",
  "\ud800",
];

Deno.test(
  "ResponseHead rejects a reason or value that can't be sent",
  pure,
  () => {
    for (const text of UNSENDABLE) {
      const head = new ResponseHead();
      assertThrows(
        () => head.begin("HTTP/1.1", 200, text),
        TypeError,
        "reason",
      );
      assertThrows(() => head.add("X-A", text, true), TypeError, '"X-A"');
      assertEquals(head.text, "");
    }
  },
);

Deno.test("ResponseHead rejects a name that is not a token", pure, () => {
  const head = new ResponseHead();
  for (
    const name of [
      "",
      "a b",
      "a:",
      "Content-Length ",
      "\t",
      "\xe4",
      ...UNSENDABLE,
    ]
  ) {
    assertThrows(() => head.add(name, "v", true), TypeError, "token");
  }
  assertEquals(head.text, "");
});

Deno.test(
  "ResponseHead rejects a status code that is not an integer from 100 to 999",
  pure,
  () => {
    for (const code of [0, 99, 1000, 200.5, NaN, -200]) {
      assertThrows(
        () => new ResponseHead().begin("HTTP/1.1", code, ""),
        TypeError,
        "an integer from 100 to 999",
      );
    }
    assertEquals(begun(999).text, "HTTP/1.1 999 OK\r\n");
  },
);

Deno.test(
  "ResponseHead rejects a Content-Length that is not a number",
  pure,
  () => {
    for (
      const value of [
        "",
        "-1",
        "+1",
        "1.5",
        "0x10",
        " 5",
        "5,5",
        "1e3",
        "NaN",
        "9".repeat(17),
      ]
    ) {
      assertThrows(
        () => begun(200, ["Content-Length", value]),
        TypeError,
        "number of bytes",
      );
    }
  },
);

Deno.test("ResponseHead rejects two lengths for one body", pure, () => {
  const pairs: [string, string][][] = [
    [["Content-Length", "5"], ["content-length", "6"]],
    [["Content-Length", "5"], ["Transfer-Encoding", "chunked"]],
    [["transfer-encoding", "chunked"], ["Content-Length", "5"]],
  ];
  for (const pair of pairs) {
    assertThrows(() => begun(200, ...pair), TypeError, "contradicts");
  }
  // The same number twice is allowed.
  assertEquals(
    begun(200, ["Content-Length", "5"], ["Content-Length", "5"]).bodyLimit(
      "GET",
    ),
    5,
  );
});

Deno.test("ResponseHead can begin again if nothing was sent", pure, () => {
  const head = begun(200, ["Content-Length", "5"]);
  head.begin("HTTP/1.1", 404, "Not Found");
  assertEquals(head.text, "HTTP/1.1 404 Not Found\r\n");
  assertEquals(head.bodyLimit("GET"), Infinity);
});

Deno.test(
  "ResponseHead rejects a second response, and adds later fields to the body",
  pure,
  () => {
    const head = begun(200, ["Content-Length", "5"]);
    head.end();
    assertEquals([head.sent, head.ended], [true, true]);
    assertThrows(
      () => head.begin("HTTP/1.1", 500, "Oops"),
      TypeError,
      "sent already",
    );
    head.text = "";
    head.add("Content-Length", "7", true);
    assertEquals(head.text, "Content-Length: 7\r\n");
    assertEquals(head.bodyLimit("GET"), 5);
  },
);

Deno.test(
  "ResponseHead accepts the final response after interim ones",
  pure,
  () => {
    const head = new ResponseHead();
    for (const code of [100, 102, 103]) {
      head.begin("HTTP/1.1", code, "Wait");
      head.end();
      assertEquals([head.interim, head.sent, head.ended], [true, false, false]);
    }
    head.begin("HTTP/1.1", 101, "Switching Protocols");
    assertEquals(head.interim, false);
    head.end();
    assertEquals(head.ended, true);
  },
);

Deno.test("ResponseHead.clear() resets everything", pure, () => {
  const head = begun(200, ["Content-Length", "5"]);
  head.end();
  head.clear();
  assertEquals([head.text, head.code, head.sent, head.ended], [
    "",
    0,
    false,
    false,
  ]);
  head.begin("HTTP/1.1", 200, "OK");
  assertEquals(head.delimited("GET"), false);
});

Deno.test(
  "ResponseHead.bodyLimit() and delimited() follow from the status, method and framing",
  pure,
  () => {
    const length: [string, string] = ["CONTENT-LENGTH", "5"];
    const chunked: [string, string] = ["Transfer-encoding", "chunked"];
    const rows: [string, ResponseHead, number | "framed", boolean][] = [
      ["GET", begun(200), Infinity, false],
      ["GET", begun(200, length), 5, true],
      ["GET", begun(200, ["Content-Length", "0"]), 0, true],
      ["GET", begun(200, chunked), "framed", true],
      ["HEAD", begun(200), 0, true],
      ["HEAD", begun(200, length), 0, true],
      ["HEAD", begun(200, chunked), 0, true],
      ["head", begun(200), Infinity, false],
      ["GET", begun(204), 0, true],
      ["GET", begun(304, length), 0, true],
      ["GET", begun(205), 0, false],
      ["GET", begun(205, ["Content-Length", "0"]), 0, true],
      ["GET", begun(205, length), 0, false],
      ["GET", begun(200, ["Transfer-Encoding", "gzip"]), Infinity, false],
      [
        "GET",
        begun(200, ["Transfer-Encoding", "gzip, chunked"]),
        "framed",
        true,
      ],
      ["GET", begun(100), 0, true],
      ["GET", begun(101), Infinity, false],
      ["GET", begun(101, length), Infinity, false],
    ];
    for (const [command, head, limit, delimited] of rows) {
      const row = `${command} ${head.text}`;
      assertEquals(head.bodyLimit(command), limit, row);
      assertEquals(head.delimited(command), delimited, row);
    }
  },
);

Deno.test(
  "ResponseHead drops a Content-Length that is not allowed or repeated",
  pure,
  () => {
    for (const code of [100, 103, 204]) {
      assertEquals(
        begun(code, ["Content-Length", "0"]).text.includes("Content-Length"),
        false,
      );
    }
    const twice = begun(200, ["Content-Length", "5"]);
    const { text } = twice;
    twice.add("content-length", "5", true);
    assertEquals(twice.text, text);
  },
);
