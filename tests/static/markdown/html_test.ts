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

Deno.test("renderMarkdown() keeps some raw HTML, and closes it", async () => {
  const rows: [text: string, html: string][] = [
    ['<p align="center">a</p>', '<div class="center">a</div>\n'],
    [
      "<div align=right>\n\n*a*\n\n</div>",
      '<div class="right">\n<p><em>a</em></p>\n</div>\n',
    ],
    ["<p align=left>a<p>b", "<div>a<div>b\n</div></div>"],
    [
      '<h1 align="center"><a href="a.md"><img src="b.svg" alt="c" width="80" height="9%"></a><br/>D</h1>',
      '<h1 class="h1 center"><a href="a.md?view"><img src="b.svg" alt="c" loading="lazy" width="80" height="9%"></a><br>D</h1>\n',
    ],
    ["<h2>a\n<h3>b", '<h2 class="h2">a\n</h2><h3 class="h3">b</h3>\n'],
    [
      "<details open>\n<summary><b>a</b></summary>\n\n- b\n\n</details>\n\nc",
      '<details open="">\n<summary><strong>a</strong></summary>\n<ul>\n<li>b</li>\n</ul>\n</details>\n<p>c</p>\n',
    ],
    [
      "<details><summary><h3>a</h3></summary>b</details>",
      '<details><summary><h3 class="h3">a</h3></summary>b</details>\n',
    ],
    ["<details>\n\na", "<details>\n<p>a</p>\n</details>"],
    [
      "- <div>\n\n  a\n\nb",
      "<ul>\n<li><div>\n<p>a</p>\n</div></li>\n</ul>\n<p>b</p>\n",
    ],
    [
      "> <div>\n\n</div>",
      '<blockquote>\n<div>\n</div></blockquote>\n<p class="raw">&lt;/div&gt;</p>\n',
    ],
    [
      '<picture>\n<source media="(prefers-color-scheme: dark)" srcset="a.svg"><source srcset="//x.test/a">\n<img src=b.svg>\n</picture>',
      '<picture>\n<source media="(prefers-color-scheme: dark)" srcset="a.svg">\n<img src="b.svg" alt="" loading="lazy">\n</picture>\n',
    ],
    [
      'a <img src="https://x.test/a.png" alt="b &amp; c">',
      "<p>a b &amp; c</p>\n",
    ],
    ["a <img src=https://x.test/a.png>", "<p>a </p>\n"],
    [
      "<a name='A-b'></a>\n[c](#A-B)",
      '<p><a id="md-a-b"></a>\n<a href="#md-a-b">c</a></p>\n',
    ],
    [
      '<a href="https://x.test/">a [b](c) https://x.test</a> [d](e)',
      '<p><a href="https://x.test/" rel="noopener noreferrer nofollow">a b https://x.test</a> <a href="e">d</a></p>\n',
    ],
    [
      "[a <a href=b>c</a>](d)",
      '<p><a href="d">a &lt;a href=b&gt;c&lt;/a&gt;</a></p>\n',
    ],
    [
      "<b>a <i>b</b> c</i>",
      "<p><strong>a <em>b</em></strong> c&lt;/i&gt;</p>\n",
    ],
    ["<!-- a -->\n<p>b<!-- c --></p>\n<!-- d", "<div>b</div>\n&lt;!-- d\n"],
    ["<p>&nbsp;&lt;b&gt;</p>", "<div>&nbsp;&lt;b&gt;</div>\n"],
    ["a <p>b</p>", "<p>a &lt;p&gt;b&lt;/p&gt;</p>\n"],
    [
      "<table><tr><td>a</table>",
      '<p class="raw">&lt;table&gt;&lt;tr&gt;&lt;td&gt;a&lt;/table&gt;</p>\n',
    ],
  ];
  for (const [text, html] of rows) {
    const rendered = await render(text);
    assertEquals(rendered, html, text);
    assertHarmless(rendered);
  }
  assertHarmless(await render("<div>\n\n".repeat(1_000)));
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
  "<p align=center onclick=alert(1)>a</p>",
  "<p align='center\" onclick=\"alert(1)'>a</p>",
  "<p style='position:fixed;inset:0'>a</p>",
  "<p class=raw-file id=entries>a</p>",
  "<div></div></div></div></main><script>alert(1)</script>",
  "<div></section></div>",
  "<div/onclick=alert(1)>a</div>",
  "<div\nonclick\n=\nalert(1)\n>a</div>",
  "<details open ontoggle=alert(1)><summary>a</summary></details>",
  "<details open='\"><script>alert(1)</script>'>a</details>",
  "<details><summary onclick=alert(1)>a</details></summary>",
  "<summary>a</summary></details>",
  "<h1 onclick=alert(1) align=center>a</h2></h1>",
  "<h1 align='center x'>a</h1>",
  "<img src='a.png' onerror='alert(1)'>",
  "<img src=a.png onerror=alert(1) src=//evil.test/a>",
  "<img src='a.png\" onerror=\"alert(1)'>",
  "<img src=a.png alt='\"><script>alert(1)</script>'>",
  "<img src=a.png alt='\" onerror=\"alert(1)'>",
  "<img src=a.png title='&quot; onerror=&quot;alert(1)'>",
  "<img src=a.png width='1\" onerror=\"alert(1)' height=9px>",
  "<img src=//evil.test/a.png>",
  "<img src=' //evil.test/a.png'>",
  "<img src='/&#47;evil.test/a.png'>",
  "<img src='/\t/evil.test/a.png'>",
  "<img src='\\\\evil.test/a.png'>",
  "<img src=ht&Tab;tps://evil.test/a.png>",
  "<img src=data:image/svg+xml,a>",
  "<img src=javascript:alert(1)>",
  "<img srcset='//evil.test/a.png 1x' src=a.png>",
  "<img/src=a.png/onerror=alert(1)>",
  "<img src=`a.png`onerror=alert(1)>",
  "<image src=x onerror=alert(1)>",
  "<picture><source srcset='//evil.test/a'><img src=a></picture>",
  "<picture><source srcset='a 1x, //evil.test/a 2x'></picture>",
  "<picture><source media='(prefers-color-scheme: dark)' srcset='a,//evil.test/a'></picture>",
  "<picture><source media='(prefers-color-scheme: dark)\" onerror=\"alert(1)' srcset=a></picture>",
  "<source srcset=//evil.test/a>",
  "<a href='java&#115;cript:alert(1)'>a</a>",
  "<a href=' javascript:alert(1)'>a</a>",
  "<a href='java\nscript:alert(1)'>a</a>",
  "<a href=&#x6a;avascript:alert(1)>a</a>",
  "<a href=javascript&colon;alert(1)>a</a>",
  "<a href='data:text/html,a' title='b'>a</a>",
  "<a href='b' onclick='alert(1)'>a</a>",
  "<a href='b\" onclick=\"alert(1)'>a</a>",
  "<a href=b target=_top download ping=//evil.test/>a</a>",
  "<a id='entries'>a</a>",
  "<a name='a\" onclick=\"alert(1)'>a</a>",
  "<a href=b><a href=javascript:alert(1)>a</a></a>",
  "<b onclick=alert(1)>a</b>",
  "<kbd/onclick=alert(1)>a</kbd>",
  "<p><!-- </p> --><script>alert(1)</script>",
  "<p><!-- a --!><img src=x onerror=alert(1)> --></p>",
  "<p><![CDATA[</p><script>alert(1)</script>]]>",
  "<p><textarea></p><script>alert(1)</script></textarea>",
  "<p><noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
  "<p><svg><p><style><a id='</style><img src=1 onerror=alert(1)>'>",
  "<p <script>alert(1)</script>>",
  "<p title='<script>alert(1)</script>'>a</p>",
  "<p\u00a0onclick=alert(1)>a</p>",
  "<P ALIGN=CENTER ONCLICK=alert(1)>a</P>",
];

Deno.test("renderMarkdown() sanitises every attack", async () => {
  assert(ATTACKS.length >= 140, `${ATTACKS.length}`);
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
