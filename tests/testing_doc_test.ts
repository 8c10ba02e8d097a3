// The five tests of docs/testing.md, run as a reader would run them.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const root = new URL("..", import.meta.url);

/** How long a run may take, in milliseconds. */
const PATIENCE = 60_000;

const SITE: Readonly<Record<string, string>> = {
  "index.html":
    '<a href="a/">A</a> <img src="/a/b.svg"> <a href="#top">Top</a>',
  "a/index.html": '<a href="../">Up</a> <a href="http://example.com/">Away</a>',
  "a/b.svg": "<svg/>",
};

/** The titles and code of the tests. */
async function fiveTests(): Promise<[title: string, code: string][]> {
  const page = await Deno.readTextFile(new URL("docs/testing.md", root));
  const section = page.split("\n## Five tests\n")[1]!.split("\n## ")[0]!;
  return [...section.matchAll(/^### (.+)\n\n```ts ignore\n([^]*?)^```$/gm)]
    .map(([, title, code]) => [title!, code!]);
}

/** Runs tests in a folder that has the site as `dist/`. */
async function run(
  tests: readonly string[],
  site: Readonly<Record<string, string>>,
  ...options: readonly string[]
): Promise<{ success: boolean; text: string }> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/dist/a`, { recursive: true });
    const files = Object.entries(site).map((
      [name, text],
    ) => [`dist/${name}`, text]);
    const entry = new URL("testing/mod.ts", root).href;
    tests.forEach((code, at) => {
      const local = code.replace("@x/httpserver/testing", entry);
      files.push([`${at}_test.ts`, local]);
    });
    for (const [name, text] of files) {
      await Deno.writeTextFile(`${folder}/${name}`, text!);
    }
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      {
        args: [
          ...["test", "--allow-net", "--allow-read", ...options],
          `--config=${new URL("deno.json", root).pathname}`,
          `--import-map=${new URL("tools/npm_std.json", root).pathname}`,
          ".",
        ],
        cwd: folder,
        env: { NO_COLOR: "1" },
        stdin: "null",
        signal: AbortSignal.timeout(PATIENCE),
      },
    ).output();
    const decoder = new TextDecoder();
    return { success, text: decoder.decode(stdout) + decoder.decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the five tests of docs/testing.md pass, with their types checked", {
  timeout: 2 * PATIENCE,
}, async () => {
  const tests = await fiveTests();
  assertEquals(tests.length, 5);
  const { success, text } = await run(tests.map(([, code]) => code), SITE);
  assert(success, text);
  const count = tests.flatMap(([, code]) => code.match(/Deno\.test\(/g) ?? []);
  assertStringIncludes(text, `ok | ${count.length} passed | 0 failed`);
});

Deno.test("the last test of docs/testing.md fails for a broken link", {
  timeout: 2 * PATIENCE,
}, async () => {
  const [, code] = (await fiveTests()).at(-1)!;
  const broken = { ...SITE, "a/index.html": '<a href="none.html">Gone</a>' };
  const { success, text } = await run([code], broken, "--no-check");
  assertEquals(success, false);
  assertStringIncludes(text, "/a/none.html");
});
