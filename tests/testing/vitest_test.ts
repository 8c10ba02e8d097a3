// `serve()` in a test of Vitest under Deno. Left out if npm's registry can't be reached.

import { assertEquals, assertStringIncludes } from "@std/assert";
import standard from "../../tools/npm_std.json" with { type: "json" };

/** How long the installation, and the tests, may take, in milliseconds. */
const PATIENCE = 60_000;

const TEST = `
import { expect, test } from "vitest";
import { serve } from ${
  JSON.stringify(new URL("../../testing/mod.ts", import.meta.url).pathname)
};

test("a client sees a reset, then the response", async () => {
  await using site = await serve();
  site.expect({ path: "/tea" }).respond({ body: "hot" });
  site.fault("reset");
  await expect(fetch(site.url + "/tea")).rejects.toThrow();
  expect(await (await fetch(site.url + "/tea")).text()).toBe("hot");
  expect(site.requests.map(({ fault }) => fault)).toEqual(["reset", undefined]);
  site.check();
});

test("a test can fail", async () => {
  await using site = await serve();
  await (await fetch(site.url)).text();
  expect(() => site.check()).toThrow("No expectation matches GET /");
});
`;

/** Runs a command in a folder. */
async function run(
  cwd: string,
  args: readonly string[],
): Promise<{ success: boolean; text: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(PATIENCE),
  }).output();
  const decoder = new TextDecoder();
  return { success, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Where the project has a module of std, which Vite doesn't find by Deno's import map. */
function aliases(folder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(standard.imports)
      .filter(([name]) => name.startsWith("@std/"))
      // The longest first: an alias is also for the paths below it.
      .toSorted(([a], [b]) => b.length - a.length)
      .map(([name, target]) => [
        name,
        target.replace(
          /^npm:deno-std@[^/]+/,
          `${folder}/node_modules/deno-std`,
        ),
      ]),
  );
}

Deno.test("a test of Vitest under Deno can use serve()", {
  timeout: 3 * PATIENCE,
}, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const version = /@([^/]+)\//.exec(standard.imports["@std/path"].slice(4));
    const imports = {
      "deno-std": `npm:deno-std@${version![1]}`,
      "vitest": "npm:vitest@^3.2.0",
    };
    const config = { nodeModulesDir: "auto", lock: false, imports };
    const options = {
      resolve: { alias: aliases(folder) },
      test: { watch: false },
    };
    await Promise.all([
      Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config)),
      Deno.writeTextFile(`${folder}/tea.test.ts`, TEST),
      Deno.writeTextFile(
        `${folder}/vitest.config.mjs`,
        `export default ${JSON.stringify(options)};\n`,
      ),
    ]);
    // From the cache, it asks the registry for nothing.
    const cached = await run(folder, ["install", "--cached-only"]);
    const installed = cached.success ? cached : await run(folder, ["install"]);
    if (!installed.success) {
      // deno-lint-ignore no-console
      console.log(`Vitest is left out: ${installed.text.trim()}`);
      return;
    }
    const { success, text } = await run(folder, [
      ...["run", "-A", "npm:vitest@^3.2.0", "run"],
    ]);
    assertStringIncludes(text, "2 passed");
    assertEquals(success, true, text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
