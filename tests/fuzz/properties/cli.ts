// The command line: every list of arguments results in options or one clear error.

import { assert, assertEquals } from "@std/assert";
import { parseCommandLine } from "../../../cli/arguments.ts";
import { OPTIONS } from "../../../cli/options.ts";
import { suggest } from "../../../cli/suggest.ts";
import { UsageError } from "../../../cli/usage_error.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/cli.json" with { type: "json" };
import { anyText, mutate, type Random } from "../_random.ts";

const VALUES = [
  "8000",
  "0",
  "65535",
  "65536",
  "",
  "-1",
  "--",
  "-",
  "a=b",
  "*.js=immutable",
  "X-A: b",
  "X: \r\n",
  "http://a.test",
  "text/plain",
  "10",
  "::1",
  "HTTP/1.1",
  "inside",
  "json",
  "constructor=x",
  "__proto__=x",
];

function anyArgument(random: Random): string {
  const option = random.pick(OPTIONS);
  switch (random.int(6)) {
    case 0:
      return random.pick(VALUES);
    case 1:
      return anyText(random);
    case 2:
      return option.short === undefined
        ? "--" + option.name
        : "-" + option.short;
    case 3:
      return `--${option.name}=${random.pick(VALUES)}`;
    case 4:
      return "--" + mutate(random, option.name, ["-", "=", "a"]);
    default:
      return "--" + option.name;
  }
}

const commandLines = property(
  "parseCommandLine() returns options or throws a UsageError of one line",
  (random) => random.list(5, anyArgument),
  (args) => {
    const { value, error } = attempt(() => parseCommandLine(args), UsageError);
    if (error !== undefined) {
      assert(error.message.length > 0);
      return;
    }
    if (typeof value === "string") return;
    assert(
      Number.isInteger(value!.port) && value!.port >= 0 &&
        value!.port <= 65_535,
    );
    assert(["HTTP/1.0", "HTTP/1.1"].includes(value!.protocol));
    for (const [name, given] of Object.entries(value!.site)) {
      assert(given !== undefined, name);
    }
  },
  400,
);

const suggestions = property(
  "suggest() returns a name that is at most two edits away",
  (random) => mutate(random, random.pick(OPTIONS).name, ["-", "x"]),
  (typed) => {
    const names = OPTIONS.map(({ name }) => name);
    const found = suggest(typed, names);
    if (names.includes(typed)) return assertEquals(found, typed);
    if (found === undefined) return;
    assert(names.includes(found));
    assert(Math.abs(found.length - typed.length) <= 2);
  },
);

/** Properties of the command line. */
export const CLI: Subject = {
  name: "cli",
  properties: [commandLines, suggestions],
  corpus,
};
