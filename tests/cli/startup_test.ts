// What the command loads before its first response. Each of these parts takes as long as dozens of
// modules, so a test finds them without measuring time.

import { assert, assertEquals } from "@std/assert";
import { runCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

const root = new URL("../..", import.meta.url);

/** The most modules that are evaluated at start. Each takes a part of a millisecond. */
const MAX_MODULES = 226;

/** The same, with those of the command. */
const MAX_COMMAND_MODULES = 252;

Deno.test("the command loads none of Node's globals, timers and streams before its first response", async () => {
  await using files = await folder({ "a.txt": "a" });
  const { code, stdout } = await runCommand([files.in("")], {
    file: "tests/cli/_startup.ts",
  });
  assertEquals(JSON.parse(stdout), { response: "HTTP/1.1 200", read: [] });
  assertEquals(code, 0);
});

Deno.test("mod.ts imports no built-in module of Node, few modules, and of each feature that is off only its entrance", async () => {
  const modules = await moduleGraph();
  const imported = [...modules.values()].flat();
  assert(imported.some(({ specifier }) => specifier === "./cli.ts"));
  const heavy = /^node:|^npm:|^@std\/(?:media-types|streams)|^@std\/path$/;
  assertEquals(
    imported.filter(({ specifier }) => heavy.test(specifier)),
    [],
  );
  const { size } = reachable(modules, ["mod.ts"]);
  assert(size > 100 && size <= MAX_MODULES, String(size));
  const all = reachable(modules, ["mod.ts", "cli.ts"]);
  assert(
    all.size > size && all.size <= MAX_COMMAND_MODULES,
    String(all.size),
  );
  const inFolder = (name: string) =>
    [...all].filter((url) => url.includes(`/static/${name}/`))
      .map((url) => url.slice(url.lastIndexOf("/"))).toSorted();
  assertEquals(inFolder("archive"), []);
  assertEquals(inFolder("live"), ["/entrance.ts"]);
  assertEquals(inFolder("proxy"), ["/entrance.ts"]);
  assertEquals(inFolder("rules"), ["/entrance.ts"]);
  assertEquals(inFolder("upload"), ["/entrance.ts", "/options.ts"]);
  const ofPages = /\/static\/(?:markdown|view)\/|\bmarked\b/;
  assert([...modules.keys()].some((url) => ofPages.test(url)));
  assertEquals([...all].filter((url) => ofPages.test(url)), []);
});

interface Import {
  readonly specifier: string;
  readonly url: string;
  readonly isDynamic: boolean;
}

/** The imports of each module below `mod.ts`, without those of types. */
async function moduleGraph(): Promise<Map<string, Import[]>> {
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
      dependencies?: {
        specifier: string;
        code?: { specifier?: string };
        isDynamic?: boolean;
      }[];
    }[];
  };
  return new Map(modules.map(({ specifier, dependencies = [] }) => [
    specifier,
    dependencies.flatMap(({ specifier, code, isDynamic = false }) =>
      code?.specifier === undefined
        ? []
        : [{ specifier, url: code.specifier, isDynamic }]
    ),
  ]));
}

/** The modules that are evaluated at start: all but those that are imported when they are needed. */
function reachable(
  modules: ReadonlyMap<string, readonly Import[]>,
  from: readonly string[],
): Set<string> {
  const found = new Set<string>();
  const left = from.map((file) => new URL(file, root).href);
  for (let url = left.pop(); url !== undefined; url = left.pop()) {
    if (found.has(url)) continue;
    found.add(url);
    for (const { url: next, isDynamic } of modules.get(url) ?? []) {
      if (!isDynamic) left.push(next);
    }
  }
  return found;
}
