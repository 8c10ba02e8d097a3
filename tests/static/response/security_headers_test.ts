import { assertEquals, assertThrows } from "@std/assert";
import {
  NO_SNIFF,
  securityHeaders,
} from "../../../handlers/static/response/security_headers.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("securityHeaders() sends nothing unasked", () => {
  assertEquals(securityHeaders({}), []);
  assertEquals(securityHeaders({ preset: false, isolation: false }), []);
});

test("securityHeaders() has a preset", () => {
  assertEquals(securityHeaders({ preset: true }), [
    NO_SNIFF,
    ["Referrer-Policy", "same-origin"],
    ["X-Frame-Options", "SAMEORIGIN"],
    ["Content-Security-Policy", "frame-ancestors 'self'"],
  ]);
});

test("securityHeaders() never hands out its own list", () => {
  securityHeaders({ preset: true }).pop();
  assertEquals(securityHeaders({ preset: true }).length, 4);
});

test("securityHeaders() isolates by either way of embedding", () => {
  const embedder = (isolation: true | "require-corp" | "credentialless") =>
    Object.fromEntries(
      securityHeaders({ isolation }),
    )["Cross-Origin-Embedder-Policy"];
  assertEquals(embedder(true), "require-corp");
  assertEquals(embedder("require-corp"), "require-corp");
  assertEquals(embedder("credentialless"), "credentialless");
});

test("securityHeaders() sends what else is asked for", () => {
  assertEquals(securityHeaders({ resources: "cross-origin", hsts: 60 }), [
    ["Cross-Origin-Resource-Policy", "cross-origin"],
    ["Strict-Transport-Security", "max-age=60"],
  ]);
  assertEquals(securityHeaders({ hsts: 0 }), [
    ["Strict-Transport-Security", "max-age=0"],
  ]);
});

test("securityHeaders() refuses a time that is none", () => {
  for (const hsts of [-1, 1.5, NaN, Infinity]) {
    assertThrows(() => securityHeaders({ hsts }), RangeError, "Cannot ask");
  }
});
