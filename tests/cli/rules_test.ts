// `--rules`, `--redirect` and `--rewrite` in the command.

import { assertEquals, assertMatch } from "@std/assert";
import { startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

const FILES = {
  _redirects: "/a /b 308\n/bad\n",
  _headers: "/*\n  X-A: 1\n",
  "app.html": "app",
};

async function status(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    redirect: "manual",
  });
  const body = await response.text();
  return `${response.status} ${response.headers.get("Location") ?? body}`;
}

Deno.test("httpserver --rules reports what is wrong at start, once, and applies the rest", async () => {
  await using files = await folder(FILES);
  await using command = await startCommand(
    ["--rules", "netlify", "-b", "127.0.0.1", "-d", files.path, "0"],
    { permissions: ["--allow-net", `--allow-read=${files.path}`] },
  );
  assertEquals(await status(command.port, "/a"), "308 /b");
  const { code, stderr } = await command.stop();
  assertEquals(code, 0);
  const fault = `  ${files.path}/_redirects:2: the target is missing`;
  assertEquals(stderr.startsWith(fault), true, stderr);
  assertEquals(stderr.split(fault).length, 2, stderr);
});

Deno.test("httpserver says that there are rules which are not applied", async () => {
  await using files = await folder(FILES);
  await using command = await startCommand(
    ["-b", "127.0.0.1", "-d", files.path, "0"],
  );
  assertEquals(
    await status(command.port, "/_headers"),
    `200 ${FILES._headers}`,
  );
  const { stderr } = await command.stop();
  assertMatch(
    stderr,
    /^httpserver: the rules in _redirects and _headers are not applied; use --rules netlify or --rules cloudflare$/m,
  );
});

Deno.test("httpserver --redirect and --rewrite need no files", async () => {
  await using files = await folder({ "app.html": "app" });
  await using command = await startCommand([
    "--redirect",
    "/old/*=/new/:splat",
    "--rewrite",
    "/app/*=/app.html",
    "--quiet",
    "-b",
    "127.0.0.1",
    "-d",
    files.path,
    "0",
  ]);
  assertEquals(await status(command.port, "/old/x?y"), "302 /new/x?y");
  assertEquals(await status(command.port, "/app/x"), "200 app");
  assertEquals((await command.stop()).stderr, "");
});

Deno.test("httpserver --workers reports what is wrong with rules once", async () => {
  await using files = await folder(FILES);
  await using command = await startCommand(
    [
      "--workers",
      "2",
      "--rules",
      "netlify",
      "-b",
      "127.0.0.1",
      "-d",
      files.path,
      "0",
    ],
  );
  for (let round = 0; round < 4; round++) {
    assertEquals(await status(command.port, "/a"), "308 /b");
  }
  const { stderr } = await command.stop();
  assertEquals(stderr.split("the target is missing").length, 2, stderr);
});
