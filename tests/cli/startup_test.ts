// What the command loads before its first response. Each of these parts takes as long as dozens of
// modules, so a test finds them without measuring time.

import { assert, assertEquals } from "@std/assert";
import { runCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

const root = new URL("../..", import.meta.url);

/** The most modules that `mod.ts` imports, in all. Each takes a part of a millisecond. */
const MAX_MODULES = 235;

Deno.test("the command loads none of Node's globals, timers and streams before its first response", async () => {
  await using files = await folder({ "a.txt": "a" });
  const { code, stdout } = await runCommand([files.in("")], {
    file: "tests/cli/_startup.ts",
  });
  assertEquals(JSON.parse(stdout), { response: "HTTP/1.1 200", read: [] });
  assertEquals(code, 0);
});

Deno.test("mod.ts imports no built-in module of Node, and few modules", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "info",
      "--json",
      "--no-lock",
      "--import-map=tools/npm_std.json",
      "mod.ts",
    ],
    cwd: root,
    signal: AbortSignal.timeout(30_000),
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: {
      specifier: string;
      dependencies?: { specifier: string; code?: { specifier?: string } }[];
    }[];
  };
  const imported = modules.flatMap(({ dependencies = [] }) =>
    dependencies.filter(({ code }) => code?.specifier !== undefined)
      .map(({ specifier }) => specifier)
  );
  assert(imported.includes("./cli.ts"));
  const heavy = /^node:|^npm:|^@std\/(?:media-types|streams)|^@std\/path$/;
  assertEquals(imported.filter((specifier) => heavy.test(specifier)), []);
  assert(
    modules.length > 100 && modules.length <= MAX_MODULES,
    String(modules.length),
  );
});
