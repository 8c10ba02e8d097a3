// Parsing the header of a script's output.

import { assertEquals, assertThrows } from "@std/assert";
import { parseScriptHead } from "../../handlers/cgi/script_head.ts";
import { pureTest } from "../_lib/pure.ts";

/** The status code and reason phrase. */
function statusOf(block: string): [number, string | undefined] {
  const { status, reason } = parseScriptHead(block);
  return [status, reason];
}

function assertRefused(block: string, message: string): void {
  assertThrows(() => parseScriptHead(block), SyntaxError, message);
}

pureTest(
  "parseScriptHead() returns the fields in order, with LF or CRLF",
  () => {
    for (const end of ["\n", "\r\n"]) {
      const head = parseScriptHead(
        ["Content-Type: text/plain", "X-A:1", "X-A:  2 ", "", ""].join(end),
      );
      assertEquals(head, {
        status: 200,
        reason: undefined,
        fields: [["Content-Type", "text/plain"], ["X-A", "1"], ["X-A", "2"]],
        localRedirect: undefined,
      });
    }
  },
);

pureTest(
  "parseScriptHead() reads the status from Status or from a leading status line",
  () => {
    assertEquals(statusOf("Status: 404 Not here\n\n"), [404, "Not here"]);
    assertEquals(statusOf("sTATUS: 204\n\n"), [204, undefined]);
    assertEquals(statusOf("Status: 299 \n\n"), [299, undefined]);
    assertEquals(statusOf("HTTP/1.1 404 Not here\nX: 1\n\n"), [
      404,
      "Not here",
    ]);
    assertEquals(statusOf("HTTP/1.0 204 None\r\n\r\n"), [204, "None"]);
    assertEquals(statusOf("Status: 418 T\xe9a\n\n"), [418, "T\xe9a"]);
  },
);

for (
  const status of [
    "",
    "20",
    "2000",
    "2O0 OK",
    "-200",
    "+200",
    " 0x0c8",
    "100 Continue",
    "101 Switching",
    "000",
    "200OK",
    "200\tOK",
  ]
) {
  pureTest(
    `parseScriptHead() rejects the status ${JSON.stringify(status)}`,
    () => {
      assertRefused(`Status: ${status}\n\n`, "malformed status");
      assertRefused(`HTTP/1.1 ${status}\nX: 1\n\n`, "malformed status");
    },
  );
}

pureTest("parseScriptHead() drops the fields that the server sends", () => {
  const names = [
    "Connection",
    "DATE",
    "Keep-Alive",
    "server",
    "Status",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
  ];
  const lines = names.map((name) => `${name}: 200\n`).join("");
  const { fields } = parseScriptHead(`X-First: 1\n${lines}X-Last: 2\n\n`);
  assertEquals(fields, [["X-First", "1"], ["X-Last", "2"]]);
});

pureTest("parseScriptHead() returns 302 for a Location on another host", () => {
  for (
    const location of [
      "http://b.example/x",
      "//b.example/x",
      "/\\b.example/x",
      "x",
      "#x",
      "",
    ]
  ) {
    const head = parseScriptHead(`Location: ${location}\n\n`);
    assertEquals(head.status, 302);
    assertEquals(head.localRedirect, undefined);
    assertEquals(head.fields, [["Location", location]]);
  }
});

pureTest(
  "parseScriptHead() treats a Location that is a path as a local redirect",
  () => {
    assertEquals(parseScriptHead("Location: /x?y\n\n").localRedirect, "/x?y");
    assertEquals(parseScriptHead("LOCATION:/\n\n").localRedirect, "/");
  },
);

pureTest("parseScriptHead() keeps a Location with a Status", () => {
  const head = parseScriptHead("Status: 303 See\nLocation: /x\n\n");
  assertEquals(head, {
    status: 303,
    reason: "See",
    fields: [["Location", "/x"]],
    localRedirect: undefined,
  });
});

pureTest("parseScriptHead() drops Content-Length with 205", () => {
  assertEquals(
    parseScriptHead("Status: 205\nContent-Length: 5\nX: 1\n\n").fields,
    [["X", "1"]],
  );
});

pureTest("parseScriptHead() rejects an empty header", () => {
  assertRefused("", "the script sent no header");
  assertRefused("\n", "the script sent no header");
  assertRefused("\r\n", "the script sent no header");
});

for (
  const line of [
    "hello world",
    " X: 1",
    "X : 1",
    ": 1",
    "X: a\rb",
    "X: a\0b",
    "X: a\n b",
    "\x1b[1m: x",
    "<p>: x",
  ]
) {
  pureTest(`parseScriptHead() rejects the line ${JSON.stringify(line)}`, () => {
    assertRefused(`A: 1\n${line}\n\n`, "the script sent a malformed header");
  });
}

for (
  const lengths of [
    ["5", "6"],
    ["5", "5"],
    ["5, 5"],
    ["+5"],
    ["0x5"],
    [
      "9".repeat(16),
    ],
    [""],
    ["five"],
  ]
) {
  pureTest(
    `parseScriptHead() rejects Content-Length ${JSON.stringify(lengths)}`,
    () => {
      const lines = lengths.map((length) => `Content-Length: ${length}\n`);
      assertRefused(
        `${lines.join("")}\n`,
        "the script sent a malformed Content-Length",
      );
    },
  );
}
