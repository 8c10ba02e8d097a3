import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Figures, Sample } from "../../bench/figures.ts";
import {
  formatRatio,
  formatValue,
  leftOutLines,
  markdownReport,
  textReport,
} from "../../bench/report.ts";

function sample(value: number): Sample {
  return { value, requests: 1, errors: 0, memory: 50_000_000, cpu: 12.34 };
}

const FIGURES: Figures = {
  machine: { cores: "2" },
  versions: { nginx: "1.22.1" },
  command: "deno task bench",
  rounds: 2,
  seconds: 1,
  works: [
    {
      name: "small",
      description: "1 KB file",
      unit: "req/s",
      servers: [
        { name: "ours", samples: [sample(20_000), sample(30_000)] },
        { name: "nginx", samples: [sample(40_000), null] },
      ],
    },
    {
      name: "start",
      description: "first response",
      unit: "ms",
      servers: [{
        name: "ours",
        samples: [{ ...sample(90), notes: { least: 88 } }],
      }],
    },
  ],
  leftOut: [
    { server: "sirv", reason: "it is not installed" },
    { server: "serve", work: "206", reason: "it responds with 200" },
  ],
};

Deno.test("formatValue() keeps three digits, and groups thousands", () => {
  assertEquals(
    [31_234.5, 123.4, 12.34, 1.234].map(formatValue),
    ["31,235", "123", "12.3", "1.23"],
  );
});

Deno.test("formatRatio() shows a dash for a round that failed", () => {
  assertEquals(
    [0.5, 1.756, 180.4, null, undefined].map(formatRatio),
    ["0.50", "1.76", "180", "-", "-"],
  );
});

Deno.test("textReport() has a row per server with its ratio by round", () => {
  const lines = textReport(FIGURES).split("\n");
  const find = (start: string) =>
    lines.filter((line) => line.startsWith(start));
  assertEquals(find("small:"), ["small: 1 KB file (req/s)"]);
  assertEquals(find("start:"), ["start: first response (ms, less is better)"]);
  assertEquals(
    find("nginx ").map((line) => line.split(/\s{2,}/)),
    [["nginx", "40,000", "0.50", "0.50 -", "12.3", "50 MB", "0"]],
  );
  assertEquals(
    find("ours ").map((line) => line.split(/\s{2,}/).at(-1)),
    ["0", "least: 88.0"],
  );
  assertStringIncludes(lines.join("\n"), "sirv: it is not installed");
});

Deno.test("markdownReport() begins with a table of ratios", () => {
  const report = markdownReport(FIGURES);
  assertStringIncludes(
    report,
    `| work | ours | nginx |
| --- | ---: | ---: |
| small | 25,000 req/s | 0.50 |
| start | 90.0 ms | - |
`,
  );
  assertStringIncludes(report, "### small: 1 KB file (req/s)");
  assertStringIncludes(report, "- serve in 206: it responds with 200");
});

Deno.test("leftOutLines() names a server once per work and reason", () => {
  const leftOut = [
    { server: "a", work: "small", reason: "it closed" },
    { server: "a", work: "small", reason: "it closed" },
    { server: "a", work: "64k", reason: "it closed" },
  ];
  assertEquals(leftOutLines(leftOut), [
    "a in small: it closed",
    "a in 64k: it closed",
  ]);
});
