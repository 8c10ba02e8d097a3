// Checks docs/reliability.md: each default equals the constant in the source, and each
// option exists.

import { assert, assertEquals } from "@std/assert";

/** Subjects that need at least one row each. */
const SUBJECTS = [
  "Header time",
  "Idle time",
  "Body progress",
  "Write progress",
  "TLS handshake",
  "Connections",
  "Connections of one address",
  "Header lines",
  "Header block",
  "Request line",
  "Drained body",
  "cached about files",
  "Compressions",
  "Password checks",
  "CGI scripts",
  "listed",
];

const root = new URL("..", import.meta.url);

interface Row {
  readonly bound: string;
  readonly value: string;
  readonly beyond: string;
  readonly option: string;
  readonly why: string;
  readonly source: string;
}

/** The rows of all tables of bounds. */
async function rows(): Promise<Row[]> {
  const text = await read("docs/reliability.md");
  const section = text.split(/^(?=## )/m)
    .find((part) => part.startsWith("## Limits\n")) ?? "";
  return section.split("\n")
    .filter((line) => /^\| (?!Bound |-)/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
    .map(([bound, value, beyond, option, why, source]) => {
      const row = { bound, value, beyond, option, why, source };
      for (const cell of Object.values(row)) assert(cell, `${bound}`);
      return row as Row;
    });
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, root));
}

/** Parses a number with its unit, such as `60 s`, `256 KiB` or `4,096`. */
function parseValue(text: string): number {
  const [, digits = "", unit] =
    /^([0-9][0-9,]*)(?: (s|KiB|MiB))?$/.exec(text) ?? [];
  assert(digits !== "", text);
  const scale = { s: 1, KiB: 1024, MiB: 1024 ** 2 }[unit ?? "s"]!;
  return Number(digits.replaceAll(",", "")) * scale;
}

/** The value of a constant, a static field or a default: a product of numbers and other constants. */
function valueIn(source: string, name: string): number {
  const [, product = ""] =
    new RegExp(`\\b${name}\\b(?:: number)? = ([\\w *]+)[,;]`).exec(source) ??
      [];
  assert(product !== "", `There is no constant ${name}`);
  return product.split("*").map((factor) => factor.trim()).reduce(
    (value, factor) =>
      value *
      (/^\d/.test(factor)
        ? Number(factor.replaceAll("_", ""))
        : valueIn(source, factor)),
    1,
  );
}

Deno.test("docs/reliability.md lists the defaults of the source", async () => {
  for (const { bound, value, source } of await rows()) {
    const [, path = "", name = "", milliseconds] =
      /^`([^`]+)` `(\w+)`( \(ms\))?$/.exec(source) ?? [];
    assert(name !== "", source);
    const found = valueIn(await read(path), name);
    const expected = parseValue(value) * (milliseconds ? 1000 : 1);
    assertEquals(found, expected, `${bound}: ${source}`);
  }
});

Deno.test("docs/reliability.md has a bound for each subject", async () => {
  const bounds = (await rows()).map(({ bound }) => bound);
  const missing = SUBJECTS.filter((subject) =>
    !bounds.some((bound) => bound.includes(subject))
  );
  assertEquals(missing, []);
});

Deno.test("docs/reliability.md lists existing options", async () => {
  const files = [
    "handlers/stream.ts",
    "handlers/cgi/handler.ts",
    "handlers/static/options.ts",
    "server/settings.ts",
    "server/https.ts",
  ];
  const texts = await Promise.all(files.map(read));
  for (const { bound, option } of await rows()) {
    for (const [, name] of option.matchAll(/`(\w+)/g)) {
      const there = texts.some((text) =>
        new RegExp(`\\b${name}\\b`).test(text)
      );
      assert(there, `${bound}: ${name}`);
    }
  }
});

Deno.test("docs/reliability.md says for each bound what happens when it is exceeded", async () => {
  const statuses = [
    "400",
    "408",
    "413",
    "414",
    "429",
    "431",
    "500",
    "503",
    "504",
  ];
  for (const { bound, beyond } of await rows()) {
    for (const [code] of beyond.matchAll(/\b\d{3}\b/g)) {
      assert(statuses.includes(code), `${bound}: ${code}`);
    }
  }
});
