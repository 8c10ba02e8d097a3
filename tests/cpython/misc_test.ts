// MiscTestCase of CPython's test_httpservers.py: the exports of the module.

import { assert, assertEquals } from "@std/assert";
import * as httpserver from "../../mod.ts";

/** `http.server.__all__` of CPython 3.14. */
const ALL: readonly (keyof typeof httpserver)[] = [
  "HTTPServer",
  "ThreadingHTTPServer",
  "HTTPSServer",
  "ThreadingHTTPSServer",
  "BaseHTTPRequestHandler",
  "SimpleHTTPRequestHandler",
  "CGIHTTPRequestHandler",
];

Deno.test("MiscTestCase.test_all: every class of http.server is exported under its name", () => {
  for (const name of ALL) {
    assertEquals(typeof httpserver[name], "function", name);
    assertEquals((httpserver[name] as { name?: string }).name, name);
  }
});

Deno.test("MiscTestCase.test_all: the classes inherit from each other as in CPython", () => {
  const chains: readonly (readonly (keyof typeof httpserver)[])[] = [
    ["ThreadingHTTPServer", "HTTPServer", "TCPServer", "BaseServer"],
    ["ThreadingHTTPSServer", "HTTPSServer", "HTTPServer"],
    [
      "CGIHTTPRequestHandler",
      "SimpleHTTPRequestHandler",
      "BaseHTTPRequestHandler",
      "StreamRequestHandler",
      "BaseRequestHandler",
    ],
  ];
  const prototype = (name: keyof typeof httpserver) =>
    (httpserver[name] as { prototype: object }).prototype;
  for (const chain of chains) {
    for (const [n, name] of chain.slice(0, -1).entries()) {
      const base = chain[n + 1]!;
      assert(
        Object.prototype.isPrototypeOf.call(prototype(base), prototype(name)),
        `${name} is not a ${base}`,
      );
    }
  }
});
