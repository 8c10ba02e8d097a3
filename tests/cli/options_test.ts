// `--help`, and that docs/cli.md describes the same options.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  help,
  type Option,
  OPTION_GROUPS,
  OPTIONS,
  usage,
} from "../../cli/options.ts";
import { pureTest } from "../_lib/pure.ts";

/** How many options come before the groups. */
const COMMON = 11;

/** An option with its placeholder, as in the headings of docs/cli.md. */
function heading({ name, short, value }: Option): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? `\`${long}\`` : `\`-${short}\`, \`${long}\``;
}

/** Splits a text at its headings of one level. */
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

pureTest("help() explains each option once, within 79 columns", () => {
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

pureTest("help() shows eleven common options, then the others by theme", () => {
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

pureTest("help() marks the options that can be repeated", () => {
  for (const { name, value, repeatable = false } of OPTIONS) {
    if (value === undefined) assert(!repeatable, name);
    const mark = help().includes(`--${name} ${value} +`);
    assertEquals(mark, repeatable, name);
  }
});

pureTest("usage() is one line", () => {
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
      // The default in the help, which must be the same.
      const [, inHelp] = /\(default: ([^;)]+)/.exec(option.help) ?? [];
      if (inHelp !== undefined) {
        assertStringIncludes(standard.replaceAll("`", ""), inHelp, option.name);
      }
    }
  }
});
