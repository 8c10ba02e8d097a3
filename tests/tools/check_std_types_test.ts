// The import map for a checkout of std.

import { assertEquals } from "@std/assert";
import { stdImports } from "../../tools/check_std_types.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest(
  "stdImports() maps each export of each package, and keeps the others",
  () => {
    const packages = new Map([
      ["assert", {
        name: "@std/assert",
        exports: { ".": "./mod.ts", "./equals": "./equals.ts" },
      }],
      ["media_types", { name: "@std/media-types", exports: "./mod.ts" }],
    ]);
    const others = {
      "@std/assert": "npm:deno-std@1.0.0/assert/mod.js",
      "playwright-core": "npm:playwright-core@1.0.0",
    };
    assertEquals(stdImports("file:///a%20b/std/", packages, others), {
      "playwright-core": "npm:playwright-core@1.0.0",
      "@std/assert": "file:///a%20b/std/assert/mod.ts",
      "@std/assert/equals": "file:///a%20b/std/assert/equals.ts",
      "@std/media-types": "file:///a%20b/std/media_types/mod.ts",
    });
  },
);
