// HTML escaping. Expected values are those of CPython's html.escape().

import { assertEquals } from "@std/assert";
import { escapeHtml } from "../../text/escape_html.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest("escapeHtml() escapes markup and both kinds of quotation mark", () => {
  assertEquals(
    escapeHtml(`<a href="x" title='y'>&amp;</a>`),
    "&lt;a href=&quot;x&quot; title=&#x27;y&#x27;&gt;&amp;amp;&lt;/a&gt;",
  );
});

pureTest("escapeHtml() leaves quotation marks alone if asked to", () => {
  assertEquals(escapeHtml(`"<'&'>"`, false), `"&lt;'&amp;'&gt;"`);
  assertEquals(escapeHtml(`"it's"`, false), `"it's"`);
});

pureTest("escapeHtml() leaves all other characters alone", () => {
  for (const text of ["", "plain", "\0\n`/=", "\xe9\u20ac\u{1f600}\ud800"]) {
    assertEquals(escapeHtml(text), text);
  }
});
