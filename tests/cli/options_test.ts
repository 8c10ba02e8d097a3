// `--help` and `--help-all`, and that docs/cli.md describes the same options.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { help, helpAll } from "../../cli/help.ts";
import {
  type Option,
  OPTION_GROUPS,
  OPTIONS,
  usage,
} from "../../cli/options.ts";
import { pureTest } from "../_lib/pure.ts";

/** The most lines of `--help`: those of a small terminal, without the one of the prompt. */
const SCREEN = 23;

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

/** The lines of a help that begin with an option. */
function entriesOf(text: string, { name, short }: Option): string[] {
  const start = short === undefined ? `  --${name}` : `  -${short}, --${name}`;
  return text.split("\n").filter((line) =>
    line === start || line.startsWith(start + " ")
  );
}

pureTest(
  "help() explains the everyday options, on one screen",
  () => {
    const everyday = OPTIONS.filter(({ brief }) => brief !== undefined);
    assert(everyday.length >= 10, String(everyday.length));
    for (const option of OPTIONS) {
      const expected = option.brief === undefined ? 0 : 1;
      const entries = entriesOf(help(), option);
      assertEquals(entries.length, expected, option.name);
      assertStringIncludes(help(), option.brief ?? "");
    }
    const lines = help().trimEnd().split("\n");
    assert(lines.length <= SCREEN, `${lines.length} lines`);
    for (const line of lines) assert(line.length <= 79, line);
  },
);

pureTest(
  "helpAll() explains each option once, by theme, within 79 columns",
  () => {
    for (const option of OPTIONS) {
      assertEquals(entriesOf(helpAll(), option).length, 1, option.name);
    }
    for (const line of helpAll().split("\n")) assert(line.length <= 79, line);
    assertEquals(
      helpAll().split("\n\n").slice(2).map((text) => text.split(":\n", 1)[0]!),
      ["Arguments", ...OPTION_GROUPS.map(({ title }) => title)],
    );
  },
);

pureTest("helpAll() marks the options that can be repeated", () => {
  for (const { name, value, repeatable = false } of OPTIONS) {
    if (value === undefined) assert(!repeatable, name);
    const mark = helpAll().includes(`--${name} ${value} +`);
    assertEquals(mark, repeatable, name);
  }
});

pureTest("usage() is one line", () => {
  assertEquals(usage(), "usage: httpserver [options] [path] [port]\n");
});

Deno.test("docs/cli.md describes each option, in the groups of --help-all", async () => {
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
