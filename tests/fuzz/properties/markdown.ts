// Markdown: whatever it contains, the HTML has only harmless elements and URLs.

import { assert } from "@std/assert";
import { renderMarkdown } from "../../../handlers/static/markdown/render.ts";
import { assertHarmless } from "../../_lib/harmless_html.ts";
import { property, type Subject } from "../_lib.ts";
import { ODD, texts, WIDE } from "../_random.ts";
import corpus from "../corpus/markdown.json" with { type: "json" };

/** A file without times, whose HTML is not kept. */
const ANY = { mtime: null, ctime: null } as Deno.FileInfo;

const markdown = texts(
  [
    "\n",
    "\n\n",
    "    ",
    "# ",
    "> ",
    "- ",
    "1. ",
    "- [x] ",
    "|",
    "|a|b|\n|-|:-:|\n",
    "---\n",
    "```\n",
    "`",
    "*",
    "**",
    "_",
    "~~",
    "[",
    "](",
    ")",
    "![",
    "[a]: ",
    "<",
    ">",
    "</",
    "<!--",
    "-->",
    "<kbd>",
    "</kbd>",
    "<sub x=1>",
    "<br>",
    "<p align=center>",
    "</p>",
    "<div>",
    "</div>",
    "<details>",
    "<summary>",
    "</summary>",
    "</details>",
    "<h1>",
    "</h1>",
    "<a href=",
    "<a href='b.md' onclick='c'>",
    "</a>",
    "<b>",
    "</b>",
    "<picture>",
    "<source media='(prefers-color-scheme: dark)' srcset='",
    "</picture>",
    "<img src='",
    " alt='",
    "<script>",
    "</script>",
    "<img src=x onerror=alert(1)>",
    '"',
    "'",
    "\\",
    "&",
    "&#106;",
    "&colon;",
    "&lt;",
    "javascript:",
    "data:text/html,",
    "//evil.test",
    "http://x.test/",
    "www.x.test",
    "a@x.test",
    "a.md#b",
    "a",
  ],
  [
    "# A\n\n- b\n  - c\n\n> d",
    "[a](javascript:alert(1))",
    '[a](b "c")',
    "![a](b.png)",
    "|a|\n|-|\n|<script>|",
    "<p>\n\n*a*\n\n</p>",
    "<kbd>a **b</kbd> c**",
    "[a][b]\n\n[b]: <javascript&colon;alert(1)>",
  ],
  { most: 24, odd: [...ODD, ...WIDE] },
);

const harmless = property(
  "renderMarkdown() makes only harmless HTML",
  markdown,
  async (text) => {
    // The first attempt may take too long on a busy machine.
    const html = await renderMarkdown(text, 2, "a.md", ANY) ??
      await renderMarkdown(text, 2, "a.md", ANY);
    assert(html !== undefined, "It took too long");
    assertHarmless(html!);
  },
);

/** Properties of rendered Markdown. */
export const MARKDOWN: Subject = {
  name: "markdown",
  properties: [harmless],
  corpus,
};
