// The help, and that the README tells of the same options.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { help, OPTIONS, usage } from "../../cli/options.ts";

Deno.test("help() explains every option and stays within 79 columns", {
  permissions: "none",
}, () => {
  for (const { name, short } of OPTIONS) {
    assertStringIncludes(help(), ` --${name}`);
    if (short !== undefined) assertStringIncludes(help(), `  -${short}, `);
  }
  for (const line of help().split("\n")) assert(line.length <= 79, line);
});

Deno.test("usage() shows each option once, by its shortest name", {
  permissions: "none",
}, () => {
  for (const { name, short, value } of OPTIONS) {
    const spelling = short === undefined ? `--${name}` : `-${short}`;
    const shown = value === undefined ? spelling : `${spelling} ${value}`;
    assertEquals(usage().split(`[${shown}]`).length, 2, shown);
  }
  assert(usage().endsWith("[port]\n"));
});

Deno.test("OPTIONS are the options that the README lists", async () => {
  const readme = await Deno.readTextFile(
    new URL("../../README.md", import.meta.url),
  );
  const table = readme.slice(readme.indexOf("## The command"))
    .split("\n## ", 1)[0]!;
  const listed = table.match(/^\| (?:`-.`, )?`--[a-z-]+/gm)
    ?.map((row) => row.slice(row.lastIndexOf("--") + 2));
  assertEquals(
    listed?.toSorted(),
    OPTIONS.map(({ name }) => name).toSorted(),
  );
});
