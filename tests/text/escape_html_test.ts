// HTML escaping. Expected values are those of CPython's html.escape().

import { assertEquals } from "@std/assert";
import { escapeHtml } from "../../text/escape_html.ts";

Deno.test({
  name: "escapeHtml() escapes markup and both kinds of quotation mark",
  permissions: "none",
  fn() {
    assertEquals(
      escapeHtml(`<a href="x" title='y'>&amp;</a>`),
      "&lt;a href=&quot;x&quot; title=&#x27;y&#x27;&gt;&amp;amp;&lt;/a&gt;",
    );
  },
});

Deno.test({
  name: "escapeHtml() leaves quotation marks alone when asked to",
  permissions: "none",
  fn() {
    assertEquals(escapeHtml(`"<'&'>"`, false), `"&lt;'&amp;'&gt;"`);
    assertEquals(escapeHtml(`"it's"`, false), `"it's"`);
  },
});

Deno.test({
  name: "escapeHtml() leaves all other characters alone",
  permissions: "none",
  fn() {
    for (const text of ["", "plain", "\0\n`/=", "\xe9\u20ac\u{1f600}\ud800"]) {
      assertEquals(escapeHtml(text), text);
    }
  },
});
