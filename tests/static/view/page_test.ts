// The readable page as HTML, its style and its policy.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COLOURS } from "../../../handlers/static/listing/style.ts";
import {
  LIVE_VIEW_CSP,
  VIEW_CSP,
  VIEW_STYLE_HASH,
} from "../../../handlers/static/view/csp.ts";
import { MAX_LINES, viewPage } from "../../../handlers/static/view/page.ts";
import { VIEW_STYLE } from "../../../handlers/static/view/style.ts";
import {
  isMarkdown,
  textOf,
} from "../../../handlers/static/representation/text_file.ts";

const pure = { permissions: "none" } as const;

const EVIL = `"'><script>alert(1)</script>&amp;`;
const ESCAPED = `"'&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;`;

function page(
  text: string,
  more: Partial<Parameters<typeof viewPage>[0]> = {},
) {
  const { length: size } = text;
  return viewPage({
    segments: ["a.txt"],
    size,
    text,
    truncated: false,
    ...more,
  });
}

/** The lines of a page, with their numbers. */
function linesOf(html: string): [number: string, line: string][] {
  return [...html.matchAll(
    /<span id="L(\d+)"><a href="#L\1" aria-label="\1" tabindex="-1"><\/a>(.*)\n<\/span>/g,
  )].map(([, number, line]) => [number!, line!]);
}

Deno.test("VIEW_STYLE_HASH is the hash of VIEW_STYLE", pure, async () => {
  const bytes = new TextEncoder().encode(VIEW_STYLE);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  assertEquals(VIEW_STYLE_HASH, "sha256-" + new Uint8Array(digest).toBase64());
});

Deno.test(
  "VIEW_CSP permits no script, and images of this server alone",
  pure,
  () => {
    assert(VIEW_CSP.startsWith("default-src 'none'; "));
    assertStringIncludes(VIEW_CSP, "img-src 'self' data:;");
    assert(!/script-src|unsafe|\*|http/.test(VIEW_CSP));
    assert(!/unsafe|\*|http/.test(LIVE_VIEW_CSP));
    assertStringIncludes(LIVE_VIEW_CSP, "script-src 'self';");
  },
);

Deno.test(
  "VIEW_STYLE has the colours of the listing, and can't end its element",
  pure,
  () => {
    assertStringIncludes(VIEW_STYLE, COLOURS);
    assert(!VIEW_STYLE.includes("<"));
  },
);

Deno.test("viewPage() numbers lines with any line break", pure, () => {
  const rows: [text: string, lines: string[]][] = [
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\nb", ["a", "b"]],
    ["a\r\nb\r\n", ["a", "b"]],
    ["a\rb", ["a", "b"]],
    ["\n\n", ["", ""]],
    ["\ta  b ", ["\ta  b "]],
    [EVIL, [ESCAPED]],
  ];
  for (const [text, lines] of rows) {
    const html = page(text);
    assertEquals(
      linesOf(html),
      lines.map((line, index) => [`${index + 1}`, line]),
      text,
    );
    const count = lines.length === 1 ? "1 line" : `${lines.length} lines`;
    assertStringIncludes(html, `<p class="facts">${count}, ${text.length} B `);
  }
  assertStringIncludes(page(""), "This file is empty.");
});

Deno.test(
  "viewPage() links the folders above, and the file itself",
  pure,
  () => {
    const html = page("a", { segments: ["b c", "d", `${EVIL}.txt`] });
    const links = [...html.matchAll(/<a (?:class="raw-file" )?href="([^"]*)"/g)]
      .map(([, href]) => href);
    const name = "%22%27%3E%3Cscript%3Ealert%281%29%3C/script%3E%26amp%3B.txt";
    assertEquals(links, ["../../", "../", "./", name, "#L1"]);
    assertStringIncludes(html, `<h1>${ESCAPED}.txt</h1>`);
    assertStringIncludes(html, `<title>${ESCAPED}.txt</title>`);
    assert(!html.includes("<script"));
  },
);

Deno.test(
  "viewPage() shows a part of a long file, and links the rest",
  pure,
  () => {
    const cut = page("a\nb\nhal", { truncated: true, size: 9_000_000 });
    assertEquals(linesOf(cut).map(([, line]) => line), ["a", "b"]);
    assertStringIncludes(cut, '<p class="facts">9.0 MB ');
    assertStringIncludes(cut, 'There is more in <a href="a.txt">a.txt</a>');
    const one = page("a".repeat(9), { truncated: true });
    assertEquals(linesOf(one).length, 1);
    const full = page("a\n".repeat(MAX_LINES));
    assertEquals(linesOf(full).length, MAX_LINES);
    assert(!full.includes("There is more"));
    const long = page("a\n".repeat(MAX_LINES + 1));
    assertEquals(linesOf(long).length, MAX_LINES);
    assertStringIncludes(long, "There is more");
  },
);

Deno.test("viewPage() shows Markdown without line numbers", pure, () => {
  const html = page("a", { html: "<p>a</p>\n" });
  assertStringIncludes(
    html,
    '<div class="prose" dir="auto">\n<p>a</p>\n</div>',
  );
  assertEquals(linesOf(html), []);
});

Deno.test("textOf() decodes text, and recognises other files", pure, () => {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const binary = "application/octet-stream";
  // Its first 8 KiB end within a character.
  const long = "a" + "é".repeat(5_000);
  const rows: [bytes: Uint8Array, type: string, text: string | undefined][] = [
    [utf8("é"), "text/plain", "é"],
    [utf8("é"), binary, "é"],
    [utf8("\ufeffé"), "text/plain", "é"],
    [utf8(""), binary, ""],
    [Uint8Array.of(0xe9), "text/plain; charset=utf-8", "\ufffd"],
    [Uint8Array.of(0xe9), "application/json", "\ufffd"],
    [Uint8Array.of(0xe9), "image/svg+xml", "\ufffd"],
    [Uint8Array.of(0xe9), binary, undefined],
    [Uint8Array.of(0xff, 0xd8), "image/jpeg", undefined],
    [utf8("a\0b"), "text/plain", undefined],
    [utf8(long), binary, long],
    [Uint8Array.of(0xff, 0xfe, 0xe9, 0, 97, 0), "text/plain", "\u00e9a"],
    [Uint8Array.of(0xfe, 0xff, 0, 0xe9, 0, 97), binary, "\u00e9a"],
    [Uint8Array.of(0xff, 0xfe, 0, 0, 97, 0, 0, 0), "text/plain", undefined],
  ];
  for (const [bytes, type, text] of rows) {
    assertEquals(textOf(bytes, type), text, `${bytes.slice(0, 9)} ${type}`);
  }
});

Deno.test("isMarkdown() recognises its media types", pure, () => {
  assert(isMarkdown("text/markdown"));
  assert(isMarkdown("text/x-markdown; charset=utf-8"));
  assert(!isMarkdown("text/plain"));
  assert(!isMarkdown("text/markdowns"));
});
