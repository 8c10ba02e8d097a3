// `--config` as a user types it, and the schema for editors.

import { assertEquals, assertStringIncludes } from "@std/assert";
import schema from "../../../cli/config/config.schema.json" with {
  type: "json",
};
import { configSchema } from "../../../tools/config_schema.ts";
import { runCommand, startCommand } from "../../_command.ts";
import { folder } from "../../handlers/_folder.ts";

Deno.test("--config serves what the file says, from anywhere; the command line wins", async () => {
  await using files = await folder({
    "site/dist/a.txt": "in dist",
    "site/httpserver.json": `\xef\xbb\xbf{
      // Comments, a byte order mark and a trailing comma are fine.
      "path": "dist",
      "bind": "127.0.0.1",
      "quiet": true,
      "header": ["X-From: file"],
      "cors": true,
      "port": 1,
    }`,
    "elsewhere/": "",
  });
  await using serving = await startCommand(
    ["--config", "../site/httpserver.json", "-H", "X-From: flag", "0"],
    { cwd: files.in("elsewhere") },
  );
  const response = await fetch(`http://127.0.0.1:${serving.port}/a.txt`);
  assertEquals(
    [
      await response.text(),
      response.headers.get("x-from"),
      response.headers.get("access-control-allow-origin"),
    ],
    ["in dist", "flag", "*"],
  );
});

const FAULTS: readonly [content: string, message: string][] = [
  ["{", "'site.json': Cannot parse JSONC"],
  ['{"cors": true, "cors": false}', "'site.json': 'cors' occurs twice"],
  [
    '{"coors": true}',
    "'site.json': unknown name 'coors'; did you mean 'cors'?",
  ],
  ['{"slow": "fast"}', "argument --slow: "],
];

Deno.test("--config explains a fault in the file in one line, with exit code 2", async () => {
  for (const [content, message] of FAULTS) {
    await using files = await folder({ "site.json": content });
    const { code, stdout, stderr } = await runCommand(
      ["--config=site.json", "0"],
      { cwd: files.path },
    );
    assertEquals([code, stdout], [2, ""], stderr);
    assertStringIncludes(stderr, message);
  }
});

Deno.test("--config explains a file that is missing", async () => {
  const { code, stderr } = await runCommand(["--config", "missing.json"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "argument --config: cannot read 'missing.json'");
});

Deno.test("the schema for editors has every option", () => {
  // `deno run --allow-write=cli/config tools/config_schema.ts` writes it.
  assertEquals(schema, configSchema());
});
