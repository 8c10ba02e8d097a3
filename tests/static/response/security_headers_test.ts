import { assertEquals } from "@std/assert";
import {
  NO_SNIFF,
  securityHeaders,
} from "../../../handlers/static/response/security_headers.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest("securityHeaders() returns nothing by default", () => {
  assertEquals(securityHeaders({}), []);
  assertEquals(securityHeaders({ preset: false, isolation: false }), []);
});

pureTest("securityHeaders() has a preset", () => {
  assertEquals(securityHeaders({ preset: true }), [
    NO_SNIFF,
    ["Referrer-Policy", "same-origin"],
    ["X-Frame-Options", "SAMEORIGIN"],
    ["Content-Security-Policy", "frame-ancestors 'self'"],
  ]);
});

pureTest("securityHeaders() returns a new array each time", () => {
  securityHeaders({ preset: true }).pop();
  assertEquals(securityHeaders({ preset: true }).length, 4);
});

pureTest(
  "securityHeaders() supports both values of Cross-Origin-Embedder-Policy",
  () => {
    const embedder = (isolation: true | "require-corp" | "credentialless") =>
      Object.fromEntries(
        securityHeaders({ isolation }),
      )["Cross-Origin-Embedder-Policy"];
    assertEquals(embedder(true), "require-corp");
    assertEquals(embedder("require-corp"), "require-corp");
    assertEquals(embedder("credentialless"), "credentialless");
  },
);
