// The built-in error page.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ERROR_PAGE } from "../../handlers/static/error_pages.ts";
import { COLOURS } from "../../handlers/static/listing/style.ts";
import { Quiet, site } from "./_site.ts";

Deno.test("StaticFileHandler sends an error page with the status and the reason", async () => {
  await using files = await site({ "a.txt": "a" });
  const rows: [status: number, method: string, target: string, text: string][] =
    [
      [404, "GET", "/none", "<h1><b>404</b> File not found</h1>"],
      [405, "POST", "/a.txt", "<h1><b>405</b> Method Not Allowed</h1>"],
      [
        501,
        "LINK",
        "/a.txt",
        "<h1><b>501</b> Unsupported method (&#x27;LINK&#x27;)</h1>",
      ],
    ];
  for (const [status, method, target, text] of rows) {
    const answer = await files.ask(method, target, "Content-Length: 0");
    assertEquals(answer.status, status);
    assertStringIncludes(answer.body, text.replaceAll("&#x27;", "'"));
    assertEquals(answer.header("content-type"), "text/html;charset=utf-8");
    assertEquals(answer.header("content-length"), `${answer.body.length}`);
    // Nothing is loaded but the icon, and that without a request.
    assertEquals(answer.body.match(/(?:src|href)="[^"]*"/g), ['href="data:,"']);
    assert(!/<script|url\(|@import/.test(answer.body));
  }
  const head = await files.ask("HEAD", "/none");
  assertEquals([head.status, head.body], [404, ""]);
});

Deno.test("StaticFileHandler escapes the reason in its error page", async () => {
  class Failing extends Quiet {
    override do_GET(): void {
      this.send_error(418, "<b>&", "<script>alert(1)</script>");
    }
  }
  await using files = await site({}, {}, Failing);
  const { body } = await files.get("/");
  assertStringIncludes(body, "<h1><b>418</b> &lt;b&gt;&amp;</h1>");
  assertStringIncludes(body, "<p>&lt;script&gt;alert(1)&lt;/script&gt;.</p>");
});

Deno.test("ERROR_PAGE has the colours of the listing", () => {
  const [light, dark] = COLOURS.split("@media");
  const [own, ownDark] = ERROR_PAGE.split("@media");
  for (const [theirs, ours] of [[light, own], [dark, ownDark]]) {
    const used = ours!.match(/--[a-z]+: #[0-9a-f]{6};/g)!;
    assertEquals(used.length, 3);
    for (const colour of used) assertStringIncludes(theirs!, colour);
  }
});
