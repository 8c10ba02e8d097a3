// `--live` in the command: which permissions it needs.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

Deno.test("httpserver --live needs no further permission", async () => {
  await using files = await folder({ "index.html": "<p>Hello" });
  await using command = await startCommand(
    ["--live", "-b", "127.0.0.1", "-d", files.path, "0"],
    { permissions: ["--allow-net", `--allow-read=${files.path}`] },
  );
  const response = await fetch(`http://127.0.0.1:${command.port}/`, {
    headers: { Accept: "text/html" },
  });
  const body = await response.text();
  assertStringIncludes(body, '<p>Hello<script src="http://127.0.0.1:');
  const [, script = ""] = /src="([^"]+)"/.exec(body) ?? [];
  const loaded = await fetch(script.replaceAll("&amp;", "&"));
  assertStringIncludes(await loaded.text(), "EventSource");
  assertEquals((await command.stop()).code, 0);
});
