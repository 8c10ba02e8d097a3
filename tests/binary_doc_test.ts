// docs/binary.md: its scripts, run from a directory as from an executable, and the task that
// compiles the command.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startCommand } from "./_command.ts";

const root = new URL("../", import.meta.url);

/** The scripts of the page, with the modules of this checkout. */
async function scripts(): Promise<string[]> {
  const page = await Deno.readTextFile(new URL("docs/binary.md", root));
  return [...page.matchAll(/```ts ignore\n([^]*?)```/g)].map(([, code]) =>
    code!
      .replace('"jsr:@x/httpserver/cli"', `"${new URL("cli.ts", root).href}"`)
      .replace('"jsr:@x/httpserver"', `"${new URL("mod.ts", root).href}"`)
  );
}

Deno.test("the scripts of docs/binary.md serve the directory next to them", async () => {
  const [command, program, ...others] = await scripts();
  assertEquals(others, []);
  const onFreePort = program!.replace('["0.0.0.0", 8000]', '["127.0.0.1", 0]')
    .replace(
      "await server.serve",
      'console.log("at port", server.server_port);\nawait server.serve',
    );
  assertStringIncludes(onFreePort, "127.0.0.1");
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/public`);
    await Deno.writeTextFile(`${folder}/public/index.html`, "<p>inside");
    const rows: [code: string, args: string[]][] = [
      [command!, ["-b", "127.0.0.1", "0"]],
      [onFreePort, []],
    ];
    for (const [code, args] of rows) {
      await Deno.writeTextFile(`${folder}/site.ts`, code);
      await using serving = await startCommand(args, {
        file: `${folder}/site.ts`,
        permissions: ["--allow-net", "--allow-read"],
      });
      const response = await fetch(`http://127.0.0.1:${serving.port}/`);
      assertEquals(await response.text(), "<p>inside");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("deno task compile has options that deno compile knows, and the script last", async () => {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", root)),
  );
  const words: string[] = tasks.compile.split(" ");
  assertEquals(words.slice(0, 2), ["deno", "compile"]);
  // What follows the script is built in as an argument.
  assertEquals(words.at(-1), "mod.ts");
  assertEquals(words[words.indexOf("--output") + 1], "httpserver");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["compile", "--help"],
    env: { NO_COLOR: "1" },
  }).output();
  const help = new TextDecoder().decode(stdout);
  const options = words.filter((word) => word.startsWith("-"));
  assert(options.length > 3, `${options}`);
  for (const option of options) {
    assert(new RegExp(`(?:^|[\\s,])${option}\\b`).test(help), option);
  }
});
