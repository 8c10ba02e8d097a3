// What a pattern matches, and why it doesn't.

import { assertEquals, assertThrows } from "@std/assert";
import {
  checkMatcher,
  describe,
  mismatches,
  type RequestMatcher,
} from "../../testing/pattern.ts";
import { pureTest } from "../_lib/pure.ts";
import { requestOf } from "./_request.ts";

const request = requestOf(
  "POST",
  "/a%20b?page=2&tag=x&tag=y",
  [["Accept", "text/html"], ["X-A", "1"], ["x-a", "2"]],
  '{"n":[1,{"b":null,"a":true}]}',
);

const matching: [name: string, matcher: RequestMatcher][] = [
  ["nothing", {}],
  ["an equal method", { method: "POST" }],
  ["a method by RegExp", { method: /^(POST|PUT)$/ }],
  ["the raw path", { path: "/a%20b" }],
  ["a path by function", { path: (path) => path.length === 6 }],
  ["the whole query", { query: "page=2&tag=x&tag=y" }],
  ["a query by RegExp", { query: /page=\d/ }],
  ["one of several parameters", { query: { page: "2" } }],
  ["a repeated parameter, joined", { query: { tag: "x, y" } }],
  ["an absent parameter", { query: { none: null } }],
  ["a field in any case", { headers: { accept: /html/ } }],
  ["a repeated field, joined", { headers: { "X-A": "1, 2" } }],
  ["an absent field", { headers: { Cookie: null } }],
  ["a body by RegExp", { body: /"n"/ }],
  ["the body's bytes", { body: new Uint8Array(request.body) }],
  ["equal JSON in another order", { json: { n: [1, { a: true, b: null }] } }],
  ["JSON by function", {
    json: (value: unknown) => (value as { n: unknown[] }).n.length === 2,
  }],
  ["a function", (request) => request.query.get("page") === "2"],
];

for (const [name, matcher] of matching) {
  pureTest(`mismatches() accepts ${name}`, () => {
    assertEquals(mismatches(matcher, request), []);
  });
}

const failing: [reasons: string[], matcher: RequestMatcher][] = [
  [['method: "POST", not "GET"'], { method: "GET" }],
  [['path: "/a%20b", not /^.b/'], { path: /^.b/ }],
  [
    ['path "/a%20b": the function doesn\'t accept it'],
    { path: () => false },
  ],
  [['query page: "2", not "3"'], { query: { page: "3" } }],
  [['query none: absent, not "1"'], { query: { none: "1" } }],
  [['query tag: "x, y", not absent'], { query: { tag: null } }],
  [
    ['query: "page=2&tag=x&tag=y", not "page=2"'],
    { query: "page=2" },
  ],
  [["header Cookie: absent, not /a/"], { headers: { Cookie: /a/ } }],
  [["body: 29 other bytes were sent"], { body: new Uint8Array(29) }],
  [
    [
      'json: {"n":[1,{"b":null,"a":true}]}, not {"n":[1]}',
    ],
    { json: { n: [1] } },
  ],
  [
    ['method: "POST", not "GET"', 'query page: "2", not "1"'],
    { method: "GET", query: { page: "1" } },
  ],
  [['the function threw "no"'], () => {
    throw new Error("no");
  }],
];

for (const [reasons, matcher] of failing) {
  pureTest(`mismatches() explains ${reasons[0]}`, () => {
    assertEquals(mismatches(matcher, request), reasons);
  });
}

pureTest("mismatches() matches a RegExp with the flag g each time", () => {
  const path = /b/g;
  for (let count = 0; count < 3; count++) {
    assertEquals(mismatches({ path }, request), []);
  }
});

pureTest("mismatches() compares JSON by type and length", () => {
  const differ: [sent: unknown, wanted: unknown][] = [
    [[], {}],
    [{}, []],
    [null, {}],
    [{}, null],
    [1, "1"],
    [[1], [1, 2]],
    [{ a: 1 }, { a: 1, b: null }],
    [{ a: 1, b: 2 }, { a: 1 }],
    [0, undefined],
  ];
  for (const [sent, wanted] of differ) {
    const request = requestOf("POST", "/", [], JSON.stringify(sent));
    assertEquals(
      mismatches({ json: wanted }, request).length,
      1,
      `${JSON.stringify(sent)} ${JSON.stringify(wanted)}`,
    );
  }
  const same = requestOf("POST", "/", [], '{"a":1}');
  assertEquals(mismatches({ json: { a: 1, b: undefined } }, same), []);
});

pureTest("mismatches() says that a body is not JSON", () => {
  const [reason = ""] = mismatches({ json: 1 }, requestOf("POST", "/"));
  assertEquals(reason.startsWith("json: the body is not JSON: "), true);
});

pureTest("mismatches() shortens long values", () => {
  const long = requestOf("GET", "/" + "a".repeat(10_000));
  const [reason = ""] = mismatches({ path: "/b" }, long);
  assertEquals(reason.length < 200, true);
});

pureTest("describe() names the parts", () => {
  assertEquals(describe({}), "any method any path");
  assertEquals(
    describe({
      method: "PUT",
      path: /^\/a/,
      query: { page: "2" },
      headers: { Accept: null },
      json: { a: 1 },
    }),
    'PUT /^\\/a/, query page "2", header Accept absent, JSON {"a":1}',
  );
  assertEquals(
    describe({ path: "/", query: "a", body: new Uint8Array(3) }),
    'any method /, query "a", body of 3 bytes',
  );
  assertEquals(describe(() => true), "a request that a function accepts");
});

pureTest("checkMatcher() rejects paths that no request has", () => {
  for (const path of ["/", "/a", "*", "host:443"]) checkMatcher({ path });
  for (const path of ["", "a", "/a?b=1"]) {
    assertThrows(() => checkMatcher({ path }), TypeError, "Cannot match");
  }
});
