// HTTPStatus against the members, texts and properties of CPython 3.14.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { HTTPStatus, RESPONSES, statusCode } from "../status.ts";

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

Deno.test({
  name: "HTTPStatus has the codes of CPython in ascending order",
  permissions: "none",
  fn() {
    const codes = [...HTTPStatus.members()].map((status) => status.value);
    assertEquals(codes, CODES);
  },
});

Deno.test({
  name: "HTTPStatus has CPython's texts",
  permissions: "none",
  fn() {
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
  },
});

Deno.test({
  name: "HTTPStatus gives each member a static of its own name",
  permissions: "none",
  fn() {
    const statics = new Map<string, unknown>(Object.entries(HTTPStatus));
    for (const status of HTTPStatus.members()) {
      assertEquals(statics.get(status.name), status);
    }
  },
});

Deno.test({
  name: "HTTPStatus keeps the former names as the same objects",
  permissions: "none",
  fn() {
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
  },
});

Deno.test({
  name:
    "HTTPStatus sorts its members into the five classes by their first digit",
  permissions: "none",
  fn() {
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
});

Deno.test({
  name: "HTTPStatus stands for its code in text, arithmetic and JSON",
  permissions: "none",
  fn() {
    assertEquals(`${HTTPStatus.NOT_FOUND}`, "404");
    assertEquals(String(HTTPStatus.OK), "200");
    assertEquals(HTTPStatus.OK.valueOf() + 1, 201);
    assert(HTTPStatus.OK < HTTPStatus.CREATED);
    assertEquals(JSON.stringify({ code: HTTPStatus.GONE }), '{"code":410}');
  },
});

Deno.test({
  name: "HTTPStatus cannot be changed",
  permissions: "none",
  fn() {
    for (const status of HTTPStatus.members()) assert(Object.isFrozen(status));
    assert(!Reflect.set(HTTPStatus.OK, "phrase", "Fine"));
    assertEquals(HTTPStatus.OK.phrase, "OK");
  },
});

Deno.test({
  name: "HTTPStatus.from() finds each member by its code",
  permissions: "none",
  fn() {
    for (const status of HTTPStatus.members()) {
      assert(HTTPStatus.from(status.value) === status);
    }
  },
});

Deno.test({
  name: "HTTPStatus.from() throws for a code without a member",
  permissions: "none",
  fn() {
    for (const code of [999, 0, -1, 306, 200.5, NaN]) {
      assertThrows(
        () => HTTPStatus.from(code),
        RangeError,
        `Cannot find an HTTP status with the code ${code}`,
      );
    }
  },
});

Deno.test({
  name: "RESPONSES has the phrase and the description of each member",
  permissions: "none",
  fn() {
    const rows = [...HTTPStatus.members()].map((
      { value, phrase, description },
    ): [string, readonly [string, string]] => [
      String(value),
      [phrase, description],
    ]);
    assertEquals(Object.entries(RESPONSES), rows);
  },
});

Deno.test({
  name: "RESPONSES cannot be changed, nor can its rows",
  permissions: "none",
  fn() {
    assert(Object.isFrozen(RESPONSES));
    for (const row of Object.values(RESPONSES)) assert(Object.isFrozen(row));
  },
});

Deno.test({
  name: "statusCode() gives the number of a member and of a number",
  permissions: "none",
  fn() {
    assertEquals(statusCode(HTTPStatus.NOT_MODIFIED), 304);
    assertEquals(statusCode(304), 304);
    assertEquals(statusCode(799), 799);
  },
});
