import { assertEquals } from "@std/assert";
import { findFaults } from "../../tools/check_layers.ts";
import { pureTest } from "../_lib/pure.ts";

function faults(files: Record<string, string>): string[] {
  return findFaults(new Map(Object.entries(files)));
}

pureTest("findFaults() finds Deno, the clock and chance in a policy", () => {
  const uses = [
    "Deno.cwd()",
    "console.log()",
    "Date.now()",
    "new Date()",
    "performance.now()",
    "Math.random()",
  ];
  for (const code of uses) {
    const path = "handlers/static/response/a.ts";
    assertEquals(faults({ [path]: code }).length, 1, code);
    assertEquals(faults({ "handlers/static/a.ts": code }), [], code);
  }
  assertEquals(
    faults({ "handlers/static/response/a.ts": "new Date(0)" }),
    [],
  );
});

pureTest("findFaults() finds nothing if imports point down", () => {
  assertEquals(
    faults({
      "text/a.ts": "export const a = 1;",
      "parser/b.ts": 'import { a } from "../text/a.ts";',
      "handlers/types.ts": 'import type { b } from "../connection/c.ts";',
      "connection/c.ts": 'export { b } from "../parser/b.ts";',
      "server/d.ts": 'import type { T } from "../handlers/types.ts";',
      "handlers/cgi/e.ts": 'import { f } from "../simple.ts";',
      "handlers/simple.ts": 'import type { T } from "./types.ts";',
      "handlers/mod.ts": 'export { e } from "./cgi/e.ts";',
      "cli.ts": 'import { e } from "./handlers/cgi/e.ts";',
      "mod.ts": 'export * from "./handlers/mod.ts";',
    }),
    [],
  );
});

const UPWARD: readonly [path: string, target: string][] = [
  ["text/a.ts", "../parser/b.ts"],
  ["parser/a.ts", "../connection/b.ts"],
  ["connection/a.ts", "../handlers/b.ts"],
  ["handlers/a.ts", "../server/b.ts"],
  ["handlers/types.ts", "./base.ts"],
  ["handlers/static/response/a.ts", "../../simple.ts"],
  ["handlers/static/response/a.ts", "../handler.ts"],
  ["handlers/base.ts", "./static/handler.ts"],
  ["handlers/base.ts", "./cgi/handler.ts"],
  ["handlers/base.ts", "./mod.ts"],
  ["handlers/cgi/handler.ts", "../mod.ts"],
  ["handlers/cgi/handler.ts", "../../server/mod.ts"],
  ["server/a.ts", "../handlers/cgi/handler.ts"],
  ["server/a.ts", "../handlers/mod.ts"],
  ["server/a.ts", "../handlers/base.ts"],
  ["cli.ts", "./mod.ts"],
];

for (const [path, target] of UPWARD) {
  for (
    const code of [
      `import { x } from "${target}";`,
      `await import("${target}");`,
    ]
  ) {
    pureTest(`findFaults() finds ${code} in ${path}`, () => {
      const found = faults({ [path]: code });
      assertEquals(found.length, 1);
      assertEquals(found[0]!.startsWith(`${path} imports `), true);
    });
  }
}

pureTest("findFaults() finds a cycle within a folder", () => {
  assertEquals(
    faults({
      "text/a.ts": 'import "./b.ts";',
      "text/b.ts": 'import "./c.ts";',
      "text/c.ts": 'import "./a.ts";',
    }),
    ["cycle: text/a.ts -> text/b.ts -> text/c.ts -> text/a.ts"],
  );
});

pureTest(
  "findFaults() finds Deno in a pure part, but not in its comments",
  () => {
    assertEquals(
      faults({ "parser/a.ts": "// Deno.read\n/* Deno.read */" }),
      [],
    );
    assertEquals(faults({ "parser/a.ts": "Deno.cwd();" }).length, 1);
    assertEquals(faults({ "connection/a.ts": "Deno.cwd();" }), []);
    assertEquals(
      faults({ "handlers/cgi/variables.ts": "Deno.cwd();" }).length,
      1,
    );
    assertEquals(faults({ "handlers/cgi/handler.ts": "Deno.cwd();" }), []);
  },
);
