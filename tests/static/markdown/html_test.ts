// Markdown as HTML, and what of it is left out.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { renderMarkdown } from "../../../handlers/static/markdown/render.ts";
import { imageUrl, linkUrl } from "../../../handlers/static/markdown/url.ts";
import { assertHarmless } from "../../_lib/harmless_html.ts";

/** A file without times, whose HTML is not kept. */
const ANY = { mtime: null, ctime: null } as Deno.FileInfo;

async function render(text: string): Promise<string> {
  const html = await renderMarkdown(text, 1, "a.md", ANY);
  assert(html !== undefined, text);
  return html!;
}

Deno.test("renderMarkdown() renders each kind of Markdown", async () => {
  const rows: [text: string, html: string][] = [
    ["", ""],
    ["a\nb", "<p>a\nb</p>\n"],
    ["# A b", '<h1 class="h1" id="md-a-b">A b</h1>\n'],
    ["A\n-", '<h2 class="h2" id="md-a">A</h2>\n'],
    [
      "#### *A* `b`!",
      '<h4 class="h4" id="md-a-b"><em>A</em> <code>b</code>!</h4>\n',
    ],
    ["**a** _b_ ~~c~~", "<p><strong>a</strong> <em>b</em> <del>c</del></p>\n"],
    ["`a <b>`", "<p><code>a &lt;b&gt;</code></p>\n"],
    ["```js\n<b> & c\n```", "<pre><code>&lt;b&gt; &amp; c\n</code></pre>\n"],
    ["    a\n    b", "<pre><code>a\nb\n</code></pre>\n"],
    ["> a", "<blockquote>\n<p>a</p>\n</blockquote>\n"],
    ["---", "<hr>\n"],
    ["- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"],
    ["1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"],
    ["7. a", '<ol start="7">\n<li>a</li>\n</ol>\n'],
    ["- a\n\n- b", "<ul>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ul>\n"],
    ["- a\n  - b", "<ul>\n<li>a<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n"],
    [
      "- [x] a\n- [ ] b",
      '<ul>\n<li class="task">\u2611 a</li>\n<li class="task">\u2610 b</li>\n</ul>\n',
    ],
    [
      "|a|b|\n|-:|:-:|\n|1|*2*|",
      '<div class="table"><table>\n<thead><tr><th class="right">a</th><th class="center">b</th></tr>\n</thead>\n' +
      '<tbody><tr><td class="right">1</td><td class="center"><em>2</em></td></tr>\n</tbody>\n</table></div>\n',
    ],
    ["a  \nb", "<p>a<br>\nb</p>\n"],
    ["a<br>b<BR />c", "<p>a<br>b<br>c</p>\n"],
    ["<kbd>a</kbd>, H<sub>2</sub>", "<p><kbd>a</kbd>, H<sub>2</sub></p>\n"],
    ["<sup>a", "<p><sup>a</sup></p>\n"],
    ["a</sup>", "<p>a&lt;/sup&gt;</p>\n"],
    ["a <!-- b --> c", "<p>a  c</p>\n"],
    ["<!-- a\n\nb -->", ""],
    ["&copy; &lt;b&gt; & &#60;", "<p>&copy; &lt;b&gt; &amp; &lt;</p>\n"],
    ["\\*a\\*", "<p>*a*</p>\n"],
    ["[a](b.txt)", '<p><a href="b.txt?view">a</a></p>\n'],
    ["[a](b.ts#L5)", '<p><a href="b.ts?view#L5">a</a></p>\n'],
    ["[a](#B-c)", '<p><a href="#md-b-c">a</a></p>\n'],
    ['[a](b "c")', '<p><a href="b" title="c">a</a></p>\n'],
    ["[a](?x=1&amp;y=2)", '<p><a href="?x=1&amp;y=2">a</a></p>\n'],
    ["[a](#b)", '<p><a href="#md-b">a</a></p>\n'],
    ["[a](sub/b.md#c)", '<p><a href="sub/b.md?view#md-c">a</a></p>\n'],
    ["[a][b]\n\n[b]: c.md", '<p><a href="c.md?view">a</a></p>\n'],
    ["![a](b.png)", '<p><img src="b.png" alt="a" loading="lazy"></p>\n'],
    ["![a](https://x.test/b.png)", "<p>a</p>\n"],
    [
      "https://x.test/?a&copy=1",
      '<p><a href="https://x.test/?a&amp;copy=1" rel="noopener noreferrer nofollow">https://x.test/?a&amp;copy=1</a></p>\n',
    ],
    [
      "<a@b.test>",
      '<p><a href="mailto:a@b.test" rel="noopener noreferrer nofollow">a@b.test</a></p>\n',
    ],
    [
      "# A\n# A",
      '<h1 class="h1" id="md-a">A</h1>\n<h1 class="h1" id="md-a-1">A</h1>\n',
    ],
  ];
  for (const [text, html] of rows) {
    const rendered = await render(text);
    assertEquals(rendered, html, text);
    assertHarmless(rendered);
  }
});

Deno.test("renderMarkdown() puts headings below those of the page", async () => {
  const html = await renderMarkdown("# A\n##### B", 3, "a.md", ANY);
  assertMatch(html!, /^<h3 class="h1" .*<\/h3>\n<h6 class="h5" .*<\/h6>\n$/);
});

/** Each would run a script, load something or change the page, if it were not for the sanitising. */
const ATTACKS: readonly string[] = [
  "<script>alert(1)</script>",
  "<SCRIPT SRC=//evil.test/a.js></SCRIPT>",
  "<scr<script>ipt>alert(1)</scr</script>ipt>",
  "a <script>alert(1)</script> b",
  "<img src=x onerror=alert(1)>",
  "a <img src=x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  "<svg><script>alert(1)</script></svg>",
  '<math><mi xlink:href="javascript:alert(1)">a</mi></math>',
  "<iframe src=javascript:alert(1)></iframe>",
  "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
  "<object data=javascript:alert(1)>",
  "<embed src=javascript:alert(1)>",
  "<base href=//evil.test/>",
  "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
  "<link rel=stylesheet href=//evil.test/a.css>",
  "<style>body { background: url(//evil.test/) }</style>",
  "<form action=//evil.test/><button>a</button></form>",
  "<input autofocus onfocus=alert(1)>",
  "<details open ontoggle=alert(1)>",
  "<video><source onerror=alert(1)></video>",
  "<a href=javascript:alert(1)>a</a>",
  "a <a href=javascript:alert(1)>a</a>",
  "<kbd onclick=alert(1)>a</kbd>",
  "<sub style='position:fixed;inset:0'>a</sub>",
  "<br onclick=alert(1)>",
  "</section></main><h1>a</h1>",
  "a </section></main>",
  "<!-- --!><script>alert(1)</script>",
  "<!--><script>alert(1)</script>",
  "a <!--><script>alert(1)</script> -->",
  "<![CDATA[<script>alert(1)</script>]]>",
  "<?xml <script>alert(1)</script> ?>",
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt:alert(1))",
  "[a](<javascript:alert(1)>)",
  "[a](<java\tscript:alert(1)>)",
  "[a](&#106;avascript:alert(1))",
  "[a](&#x6A;avascript:alert(1))",
  "[a](java&Tab;script:alert(1))",
  "[a](java&NewLine;script:alert(1))",
  "[a](javascript&colon;alert(1))",
  "[a](javascript&#58;alert(1))",
  "[a](&#1;javascript:alert(1))",
  "[a](\u00a0javascript:alert(1))",
  "[a](\u200bjavascript:alert(1))",
  "[a](java\\script:alert(1))",
  "[a](vbscript:msgbox)",
  "[a](data:text/html,<script>alert(1)</script>)",
  "[a](data:text/html;base64,PHNjcmlwdD4=)",
  "[a](file:///etc/passwd)",
  "[a](blob:http://a.test/1)",
  "[a](filesystem:http://a.test/1)",
  "[a](view-source:http://a.test/)",
  "[a][b]\n\n[b]: javascript:alert(1)",
  "[a]\n\n[a]: <java&#115;cript:alert(1)> 'b'",
  "<javascript:alert(1)>",
  '[a](b "c\\" onmouseover=\\"alert(1)")',
  "[a](b 'c\" onmouseover=\"alert(1)')",
  '[a](b"onmouseover="alert(1))',
  "[a](b'onmouseover='alert(1))",
  "[a](<b> onmouseover=alert(1)>)",
  "![a](javascript:alert(1))",
  "![a](data:image/svg+xml,<svg/onload=alert(1)>)",
  "![a](//evil.test/a.png)",
  "![a](\\\\evil.test/a.png)",
  "![a](/\\evil.test/a.png)",
  "![a](/&#x2F;evil.test/a.png)",
  "![a](https://evil.test/a.png)",
  "![a](&#104;ttps://evil.test/a.png)",
  '![a" onerror="alert(1)](b.png)',
  '![a](b.png "c\\" onerror=\\"alert(1)")',
  "`<script>alert(1)</script>`",
  "```\n</code></pre><script>alert(1)</script>\n```",
  '```"><script>alert(1)</script>\na\n```',
  "# <script>alert(1)</script>",
  '# a" onclick="alert(1)',
  "# a\u0000\u0001<b>",
  "|<script>alert(1)</script>|\n|-|\n|<img src=x onerror=alert(1)>|",
  "- <script>alert(1)</script>\n- [a](javascript:alert(1))",
  "> <script>alert(1)</script>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "&#60;script&#62;alert(1)&#60;/script&#62;",
  "[![a](javascript:alert(1))](javascript:alert(1))",
  "[a](http://x.test/<script>alert(1)</script>)",
  'http://x.test/"onmouseover="alert(1)',
  "<http://x.test/?<script>>",
  "www.x.test/<script>alert(1)</script>",
  "\u2028<script>alert(1)</script>",
  "<scr\0ipt>alert(1)</scr\0ipt>",
];

Deno.test("renderMarkdown() sanitises every attack", async () => {
  assert(ATTACKS.length >= 80, `${ATTACKS.length}`);
  for (const text of ATTACKS) {
    for (const around of [text, `a *b ${text} c* d`, `- a\n\n  ${text}`]) {
      assertHarmless(await render(around));
    }
  }
});

Deno.test("linkUrl() keeps web, mail and relative URLs, and drops other schemes", () => {
  const rows: [text: string, url: string | undefined][] = [
    ["", ""],
    ["a b.txt", "a b.txt?view"],
    ["sub/notes.txt#x", "sub/notes.txt?view#x"],
    ["./code.ts#L5", "./code.ts?view#L5"],
    ["./code.ts#L5-L9", "./code.ts?view#L5"],
    ["/LICENSE", "/LICENSE?view"],
    ["a.TS?raw#L5", "a.TS?raw#L5"],
    ["a.html", "a.html"],
    ["a.png#x", "a.png#x"],
    ["a.zip", "a.zip"],
    ["docs/", "docs/"],
    ["..", ".."],
    ["#", "#"],
    ["#Second-Part", "#md-second-part"],
    ["#%C3%89t%C3%A9", "#md-\u00e9t\u00e9"],
    ["#100%", "#md-100%"],
    ["A.md#Second-Part", "A.md?view#md-second-part"],
    ["../a.txt?b=c:d#e:f", "../a.txt?b=c:d#e:f"],
    ["./a:b.txt", "./a:b.txt?view"],
    ["a:b.txt", undefined],
    ["HTTPS://x.test/a.md", "HTTPS://x.test/a.md"],
    ["//x.test/a.md", "//x.test/a.md"],
    ["mailto:a@x.test", "mailto:a@x.test"],
    ["tel:1", undefined],
    [" \u0001javascript:a", undefined],
    ["java\nscript:a", undefined],
    ["\ufeffjavascript:a", undefined],
    ["java&#0;script:a", undefined],
    ["java&#xfffff;script&colon;a", undefined],
    ["a&#x110000;", "a\ufffd"],
    ["A.MD", "A.MD?view"],
    ["a.markdown#b", "a.markdown?view#md-b"],
    ["a.md?raw", "a.md?raw"],
    ["a.md?raw#b", "a.md?raw#b"],
  ];
  for (const [text, url] of rows) assertEquals(linkUrl(text), url, text);
  assertEquals(linkUrl("http://x.test/&amp;", true), "http://x.test/&amp;");
});

Deno.test("imageUrl() keeps only images of this server", () => {
  for (const text of ["a.png", "./a.png", "/a/b.png?c", "a%20b.png"]) {
    assertEquals(imageUrl(text), text);
  }
  for (
    const text of ["", "http://a.test/", "//a.test/", "\\\\a", "/\\a", "data:,"]
  ) {
    assertEquals(imageUrl(text), undefined, text);
  }
});
