// `--live` in the command: when it is loaded, and what it needs.

import { assertEquals, assertMatch } from "@std/assert";
import { runCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

const root = new URL("../..", import.meta.url);

Deno.test("mod.ts imports nothing of live reload but its entrance", async () => {
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
    modules: { specifier: string }[];
  };
  const ofLive = modules.map(({ specifier }) => specifier)
    .filter((specifier) => specifier.includes("/handlers/static/live/"));
  assertEquals(
    ofLive.map((specifier) => specifier.slice(specifier.lastIndexOf("/"))),
    ["/entrance.ts"],
  );
});

Deno.test("httpserver --live says at start that Deno may not read its files", async () => {
  await using files = await folder();
  const { code, stdout, stderr } = await runCommand(
    ["--live", "-d", files.path, "0"],
    { permissions: ["--allow-net", `--allow-read=${files.path}`] },
  );
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, /^httpserver: Requires read access to .*live\/pages\.ts/);
});
