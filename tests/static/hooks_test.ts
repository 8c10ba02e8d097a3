// The hooks of CPython's classes in StaticFileHandler.

import { assert, assertEquals } from "@std/assert";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { folder } from "../handlers/_folder.ts";
import { testHooks } from "../handlers/_hook_cases.ts";
import { QuietFiles, serveFolder } from "./_hooks.ts";

testHooks(QuietFiles, ["GET"]);

Deno.test("a replaced translate_path() may return a path outside the folder, as in SimpleHTTPRequestHandler", async () => {
  await using outside = await folder({
    "x/a.txt": "outside",
    "x/sub/index.html": "index",
    "x/list/b.txt": "b",
    "x/one.html": "page",
    "x/.hidden": "hidden",
    "x/list/.hidden/index.html": "hidden",
  });
  await using inside = await folder({ "in.txt": "in" });
  const rows: readonly StaticFileOptions[] = [
    {},
    { cleanUrls: true },
    { symlinks: "deny" },
  ];
  for (const options of rows) {
    await using server = serveFolder(
      inside.path,
      class extends QuietFiles {
        override translate_path(path: string) {
          return super.translate_path(path).replace(
            inside.path,
            outside.in("x"),
          );
        }
      },
      options,
    );
    const ask = async (target: string) => {
      const answer = await server.ask(`GET ${target} HTTP/1.0\r\n\r\n`);
      return [answer.status, answer.header("location") ?? answer.body];
    };
    assertEquals(await ask("/a.txt"), [200, "outside"]);
    assertEquals(await ask("/sub/"), [200, "index"]);
    assertEquals(await ask("/sub"), [301, "sub/"]);
    assertEquals((await ask("/list/"))[0], 200);
    assert(String((await ask("/list/"))[1]).includes("b.txt"));
    assertEquals((await ask("/in.txt"))[0], 404);
    assertEquals((await ask("/.git"))[0], 404);
    // The rules judge the path of the request, as everywhere.
    assertEquals((await ask("/.hidden"))[0], 404);
    assertEquals((await ask("/list/.hidden/"))[0], 404);
    if (options.cleanUrls) assertEquals(await ask("/one"), [200, "page"]);
  }
});
