// HTTPStatus against the members, texts and properties of CPython 3.14.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { HTTPStatus, RESPONSES, statusCode } from "../status.ts";
import { pureTest } from "./_lib/pure.ts";

const CODES: readonly number[] = [
  ...[100, 101, 102, 103],
  ...[200, 201, 202, 203, 204, 205, 206, 207, 208, 226],
  ...[300, 301, 302, 303, 304, 305, 307, 308],
  ...[400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413],
  ...[
    414,
    415,
    416,
    417,
    418,
    421,
    422,
    423,
    424,
    425,
    426,
    428,
    429,
    431,
    451,
  ],
  ...[500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511],
];

pureTest(
  "HTTPStatus has the status codes of CPython in ascending order",
  () => {
    const codes = [...HTTPStatus.members()].map((status) => status.value);
    assertEquals(codes, CODES);
  },
);

pureTest("HTTPStatus has CPython's phrases and descriptions", () => {
  const rows: [HTTPStatus, number, string, string][] = [
    [HTTPStatus.OK, 200, "OK", "Request fulfilled, document follows"],
    [
      HTTPStatus.MOVED_PERMANENTLY,
      301,
      "Moved Permanently",
      "Object moved permanently -- see URI list",
    ],
    [HTTPStatus.NOT_FOUND, 404, "Not Found", "Nothing matches the given URI"],
    [
      HTTPStatus.REQUEST_TIMEOUT,
      408,
      "Request Timeout",
      "Request timed out; try again later",
    ],
    [
      HTTPStatus.CONTENT_TOO_LARGE,
      413,
      "Content Too Large",
      "Content is too large",
    ],
    [
      HTTPStatus.IM_A_TEAPOT,
      418,
      "I'm a Teapot",
      "Server refuses to brew coffee because it is a teapot",
    ],
    [
      HTTPStatus.TOO_MANY_REQUESTS,
      429,
      "Too Many Requests",
      "The user has sent too many requests in " +
      'a given amount of time ("rate limiting")',
    ],
    [
      HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
      505,
      "HTTP Version Not Supported",
      "Cannot fulfill request",
    ],
  ];
  for (const [status, value, phrase, description] of rows) {
    assertEquals(status.value, value);
    assertEquals(status.phrase, phrase);
    assertEquals(status.description, description);
  }
});

pureTest("HTTPStatus has a static property for each member", () => {
  const statics = new Map<string, unknown>(Object.entries(HTTPStatus));
  for (const status of HTTPStatus.members()) {
    assertEquals(statics.get(status.name), status);
  }
});

pureTest("HTTPStatus keeps the former names for the same objects", () => {
  const rows: [HTTPStatus, HTTPStatus, string][] = [
    [
      HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
      HTTPStatus.CONTENT_TOO_LARGE,
      "CONTENT_TOO_LARGE",
    ],
    [
      HTTPStatus.REQUEST_URI_TOO_LONG,
      HTTPStatus.URI_TOO_LONG,
      "URI_TOO_LONG",
    ],
    [
      HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
      HTTPStatus.RANGE_NOT_SATISFIABLE,
      "RANGE_NOT_SATISFIABLE",
    ],
    [
      HTTPStatus.UNPROCESSABLE_ENTITY,
      HTTPStatus.UNPROCESSABLE_CONTENT,
      "UNPROCESSABLE_CONTENT",
    ],
  ];
  for (const [former, current, name] of rows) {
    assert(former === current);
    assertEquals(former.name, name);
  }
});

pureTest(
  "HTTPStatus sorts its members into the five classes by their first digit",
  () => {
    for (const status of HTTPStatus.members()) {
      const classes = [
        status.is_informational,
        status.is_success,
        status.is_redirection,
        status.is_client_error,
        status.is_server_error,
      ];
      const expected = [1, 2, 3, 4, 5].map((digit) =>
        Math.floor(status.value / 100) === digit
      );
      assertEquals(classes, expected);
    }
  },
);

pureTest("HTTPStatus converts to its code in text, arithmetic and JSON", () => {
  assertEquals(`${HTTPStatus.NOT_FOUND}`, "404");
  assertEquals(String(HTTPStatus.OK), "200");
  assertEquals(HTTPStatus.OK.valueOf() + 1, 201);
  assert(HTTPStatus.OK < HTTPStatus.CREATED);
  assertEquals(JSON.stringify({ code: HTTPStatus.GONE }), '{"code":410}');
});

pureTest("HTTPStatus cannot be changed", () => {
  for (const status of HTTPStatus.members()) assert(Object.isFrozen(status));
  assert(!Reflect.set(HTTPStatus.OK, "phrase", "Fine"));
  assertEquals(HTTPStatus.OK.phrase, "OK");
});

pureTest("HTTPStatus.from() finds each member by its code", () => {
  for (const status of HTTPStatus.members()) {
    assert(HTTPStatus.from(status.value) === status);
  }
});

pureTest("HTTPStatus.from() throws for a code without a member", () => {
  for (const code of [999, 0, -1, 306, 200.5, NaN]) {
    assertThrows(
      () => HTTPStatus.from(code),
      RangeError,
      `Cannot find an HTTP status with the code ${code}`,
    );
  }
});

pureTest("RESPONSES has the phrase and the description of each member", () => {
  const rows = [...HTTPStatus.members()].map((
    { value, phrase, description },
  ): [string, readonly [string, string]] => [
    String(value),
    [phrase, description],
  ]);
  assertEquals(Object.entries(RESPONSES), rows);
});

pureTest("RESPONSES cannot be changed, nor can its rows", () => {
  assert(Object.isFrozen(RESPONSES));
  for (const row of Object.values(RESPONSES)) assert(Object.isFrozen(row));
});

pureTest("statusCode() returns the code of a member or a number", () => {
  assertEquals(statusCode(HTTPStatus.NOT_MODIFIED), 304);
  assertEquals(statusCode(304), 304);
  assertEquals(statusCode(799), 799);
});
