// `--help`, and that docs/cli.md describes the same options.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  help,
  type Option,
  OPTION_GROUPS,
  OPTIONS,
  usage,
} from "../../cli/options.ts";

/** How many options the help shows before all others. */
const COMMON = 10;

/** The names of an option with its placeholder, as docs/cli.md writes its heading. */
function heading({ name, short, value }: Option): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? `\`${long}\`` : `\`-${short}\`, \`${long}\``;
}

/** What follows a heading of a level, up to the next one of that level or above. */
function sections(text: string, level: number): Map<string, string> {
  const marks = "#".repeat(level);
  const parts = text.split(new RegExp(`^(?=#{1,${level}} )`, "m"));
  return new Map(
    parts.filter((part) => part.startsWith(`${marks} `)).map((part) => {
      const end = part.indexOf("\n");
      return [part.slice(marks.length + 1, end), part.slice(end)];
    }),
  );
}

Deno.test("help() explains each option once, within 79 columns", {
  permissions: "none",
}, () => {
  for (const { name, short } of OPTIONS) {
    const entries = help().split("\n").filter((line) =>
      new RegExp(`^ {2}(?:-., )?--${name}(?: |$)`).test(line)
    );
    assertEquals(entries.length, 1, name);
    if (short !== undefined) {
      assertStringIncludes(entries[0]!, `  -${short}, `);
    }
  }
  for (const line of help().split("\n")) assert(line.length <= 79, line);
});

Deno.test("help() shows ten common options, then the others by theme", {
  permissions: "none",
}, () => {
  const sections = help().split("\n\n").slice(2);
  const shown = sections[0]!.split("\n").slice(1)
    .filter((line) => /^ {2}-/.test(line));
  assertEquals(OPTIONS.filter(({ common }) => common).length, COMMON);
  assertEquals(shown.length, COMMON);
  assertEquals(
    sections.map((text) => text.split(":\n", 1)[0]!),
    ["Common options", ...OPTION_GROUPS.map(({ title }) => title)],
  );
});

Deno.test("help() marks the options that may be repeated", {
  permissions: "none",
}, () => {
  for (const { name, value, repeatable = false } of OPTIONS) {
    if (value === undefined) assert(!repeatable, name);
    const mark = help().includes(`--${name} ${value} +`);
    assertEquals(mark, repeatable, name);
  }
});

Deno.test("usage() is one line", { permissions: "none" }, () => {
  assertEquals(usage(), "usage: httpserver [options] [port]\n");
});

Deno.test("docs/cli.md describes each option, in the groups of --help", async () => {
  const text = await Deno.readTextFile(
    new URL("../../docs/cli.md", import.meta.url),
  );
  const groups = sections(sections(text, 2).get("Options") ?? "", 3);
  assertEquals(
    [...groups.keys()],
    OPTION_GROUPS.map(({ title }) => title),
  );
  for (const { title, options } of OPTION_GROUPS) {
    const entries = sections(groups.get(title)!, 4);
    assertEquals(new Set(entries.keys()), new Set(options.map(heading)));
    for (const option of options) {
      // The first paragraph.
      const facts = entries.get(heading(option))!.trim().split("\n\n", 1)[0]!;
      const [, type = "", standard = ""] =
        /^_Type_: (.+) · _Default_: (.+)$/.exec(facts.replace(/\s+/g, " ")) ??
          [];
      assert(type !== "" && standard !== "", heading(option));
      assertEquals(type === "switch", option.value === undefined, option.name);
      assertEquals(
        type.includes("repeatable"),
        option.repeatable ?? false,
        option.name,
      );
      // What the help calls the default, in the same words.
      const [, told] = /\(default: ([^;)]+)/.exec(option.help) ?? [];
      if (told !== undefined) {
        assertStringIncludes(standard.replaceAll("`", ""), told, option.name);
      }
    }
  }
});
