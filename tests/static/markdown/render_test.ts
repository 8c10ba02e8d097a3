// Markdown that would take long, and how it is kept.

import { assert, assertEquals } from "@std/assert";
import {
  MAX_MARKDOWN,
  renderMarkdown,
} from "../../../handlers/static/markdown/render.ts";
import { assertHarmless } from "../../_lib/harmless_html.ts";

const ANY = { mtime: null, ctime: null } as Deno.FileInfo;

function fill(text: string, length = MAX_MARKDOWN): string {
  return text.repeat(Math.ceil(length / text.length)).slice(0, length);
}

/** Each takes marked quadratic time, nests deeply or makes much HTML. */
const HARD: Readonly<Record<string, string>> = {
  quotes: fill(">"),
  "quotes and lists": fill("> * "),
  lists: fill("1. "),
  "lazy quotes": fill(">a\nb\n"),
  "nested lists": Array.from({ length: 500 }, (_, at) => " ".repeat(at) + "* a")
    .join("\n"),
  brackets: fill("["),
  images: fill("!["),
  links: fill("[a]("),
  "links with parentheses": "[a](" + fill("("),
  "nested links": "[".repeat(20_000) + "a" + "](b)".repeat(20_000),
  stars: fill("*a "),
  "stars without spaces": fill("*a"),
  "stars and underscores": fill("a**b_c "),
  "stars that end with underscores": "*a_".repeat(3_333),
  "a word in underscores": "_".repeat(60_000) + "a" + "_".repeat(60_000),
  "nested emphasis": "_a*".repeat(20_000) + "*a_".repeat(20_000),
  "paragraphs with nested emphasis": fill("_a*".repeat(300) + "\n\n"),
  "markers of lists on one line": fill("*  ", 65_000) + "a\n[a]: b",
  "lists with definitions": fill("-  [a]: b\n&a;".repeat(200) + "\n\n"),
  "open comments in paragraphs": fill("&> !<!--".repeat(300) + "\n\n"),
  "escaped brackets": fill("\\["),
  ticks: fill("`a``"),
  "ever more ticks": Array.from({ length: 500 }, (_, at) => "`".repeat(at))
    .join(" "),
  "open tags": fill("<a "),
  comments: fill("<!--"),
  "instructions": fill("<?"),
  "URL with dots": "http://a" + fill("."),
  "URL with entities": "http://a" + fill("&a;"),
  "URLs with parentheses": fill("http://a("),
  "question marks": "www." + fill("?!"),
  mails: fill("a@"),
  "rows of a table": "|a|b|\n|-|-|\n" + fill("|\n"),
  "columns of a table": fill("|a", 40_000) + "\n" + fill("|-", 40_000),
  "a long link, used often": `[a]: ${fill("x", 60_000)}\n\n${
    "[a] ".repeat(100)
  }`,
  "line breaks": fill("\n"),
  spaces: "a" + fill(" ") + "b",
};

/**
 * How long a text takes, in milliseconds. For the renderer no time passes, so only its limits on
 * work can end it, not the one of a second.
 */
async function timeOf(text: string): Promise<number> {
  const { now } = performance;
  const start = performance.now();
  performance.now = () => start;
  let html: string | undefined;
  try {
    html = await renderMarkdown(text, 1, "a.md", ANY);
  } finally {
    performance.now = now;
  }
  const took = performance.now() - start;
  if (html !== undefined && html.length < 200_000) assertHarmless(html);
  return took;
}

Deno.test("renderMarkdown() takes little time, whatever the text", async () => {
  const ordinary = fill(
    "## A *b* c\n\nSome `code` and [text](a.md).\n\n- a\n- b\n\n",
  );
  const usual = Math.max(await timeOf(ordinary), await timeOf(ordinary));
  for (const [name, text] of Object.entries(HARD)) {
    const took = await timeOf(text);
    // Without the limits, some take several hundred times as long.
    assert(took < 100 + 12 * usual, `${name} took ${took} ms, not ${usual}`);
  }
});

Deno.test("renderMarkdown() gives up on the worst texts, and renders the next one", async () => {
  for (
    const name of [
      "quotes",
      "markers of lists on one line",
      "a long link, used often",
    ]
  ) {
    const html = await renderMarkdown(HARD[name]!, 1, "a.md", ANY);
    assertEquals(html, undefined, name);
  }
  const html = await renderMarkdown("a", 1, "a.md", ANY);
  assertEquals(html, "<p>a</p>\n");
});

Deno.test("renderMarkdown() shows a paragraph with too many tokens as it is", async () => {
  for (
    const text of [
      "*a_".repeat(3_333),
      "_".repeat(60_000) + "a" + "_".repeat(60_000),
      "_a*".repeat(20_000) + "*a_".repeat(20_000),
    ]
  ) {
    const html = await renderMarkdown(`${text}\n\n*b*`, 1, "a.md", ANY);
    assert(html === `<p>${text}</p>\n<p><em>b</em></p>\n`, text.slice(0, 9));
  }
});

Deno.test("renderMarkdown() remembers a text that took too long", async () => {
  const time = new Date("2024-01-01");
  const info = { mtime: time, ctime: time, size: 1, ino: 1 } as Deno.FileInfo;
  const text = "*a* ".repeat(100);
  const { now } = performance;
  let reads = 0;
  performance.now = () => 10_000 * reads++;
  try {
    const html = await renderMarkdown(text, 1, "/too-long.md", info);
    assertEquals(html, undefined);
  } finally {
    performance.now = now;
  }
  assertEquals(await renderMarkdown("a", 1, "/too-long.md", info), undefined);
  const later = { ...info, mtime: new Date("2024-01-02") };
  const html = await renderMarkdown("a", 1, "/too-long.md", later);
  assertEquals(html, "<p>a</p>\n");
});

Deno.test("renderMarkdown() renders a state of a file once for each level", async () => {
  const time = new Date("2024-01-01");
  const info = {
    mtime: time,
    ctime: time,
    size: 1,
    ino: 0,
    dev: 1,
  } as Deno.FileInfo;
  const path = "/rendered-once.md";
  assertEquals(await renderMarkdown("a", 1, path, info), "<p>a</p>\n");
  assertEquals(await renderMarkdown("b", 1, path, info), "<p>a</p>\n");
  assertEquals(await renderMarkdown("b", 2, path, info), "<p>b</p>\n");
  const later = { ...info, mtime: new Date("2024-01-02") };
  assertEquals(await renderMarkdown("c", 1, path, later), "<p>c</p>\n");
  for (const mtime of [null, new Date(0), new Date()]) {
    const other = { ...info, mtime, ctime: mtime };
    assertEquals(await renderMarkdown("d", 1, path, other), "<p>d</p>\n");
    assertEquals(await renderMarkdown("e", 1, path, other), "<p>e</p>\n");
  }
});
