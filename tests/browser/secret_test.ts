// A site at a secret path, visited with a browser.

import { assertEquals } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { stopWatching } from "../../handlers/static/live/entrance.ts";
import { quiet } from "../_lib/quiet.ts";
import { serve } from "../_serve.ts";
import { browserTest, visit } from "./_browser.ts";
import { site } from "./_site.ts";
import { pretendLater } from "../static/_site.ts";

const SECRET = "aB3-_xYz09876543210Qrs";

/** A request to another site. */
interface Received {
  readonly path: string;
  readonly referer: string | null;
}

/** Serves another site, which notes its requests. */
function otherSite(received: Received[]) {
  class Other extends quiet(BaseHTTPRequestHandler) {
    do_GET(): void {
      const { path, headers } = this;
      received.push({ path, referer: headers.get("Referer") });
      const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';
      const body = path.endsWith(".svg") ? svg : "<title>Other</title>";
      this.send_response(200);
      const type = path.endsWith(".svg") ? "image/svg+xml" : "text/html";
      this.send_header("Content-Type", type);
      this.send_header("Content-Length", String(body.length));
      this.end_headers();
      this.wfile.write(body);
    }
  }
  return serve(Other);
}

for (const live of [false, true]) {
  browserTest(
    `a site at a secret path works, and other sites see no Referer${
      live ? ", with live reload" : ""
    }`,
    async () => {
      const received: Received[] = [];
      using ended = new DisposableStack();
      ended.defer(stopWatching);
      await using other = otherSite(received);
      const elsewhere = `http://127.0.0.1:${other.port}`;
      await using served = await site({
        "sub/page.html": `<!doctype html>
<title>Page</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<img src="${elsewhere}/picture.svg" alt="">
<p><a href="${elsewhere}/linked">Other</a>`,
        "sub/page.css": "p { margin-left: 7px }",
        "sub/": "",
      }, { secret: SECRET, live });
      // Live reload loads a page once more if its files have just changed.
      using _later = pretendLater(3_000);
      await using visited = await visit();
      const { page } = visited;
      const home = `${served.url}/${SECRET}/`;
      await page.goto(home.slice(0, -1));
      assertEquals(page.url(), home);
      assertEquals(await page.title(), "/");
      await page.getByRole("link", { name: "sub/" }).click();
      await page.waitForURL(`${home}sub/`);
      assertEquals(await page.title(), "/sub/");
      await page.getByRole("link", { name: "Home" }).click();
      await page.waitForURL(home);
      await page.goto(`${home}sub/`);
      await page.getByRole("link", { name: "page.html" }).click();
      await page.waitForURL(`${home}sub/page.html`);
      assertEquals(
        await page.evaluate(
          'getComputedStyle(document.querySelector("p")).marginLeft',
        ),
        "7px",
      );
      if (live) {
        const { promise, resolve } = Promise.withResolvers<void>();
        page.once("load", () => resolve());
        await Deno.writeTextFile(
          served.in("sub/page.html"),
          `<!doctype html><title>Changed</title><link rel="icon" href="data:,">
<a href="${elsewhere}/linked">Other</a>`,
        );
        await promise;
        assertEquals(await page.title(), "Changed");
      }
      await page.getByRole("link", { name: "Other" }).click();
      await page.waitForURL(`${elsewhere}/linked`);
      assertEquals(
        received.filter(({ path }) => path !== "/favicon.ico"),
        [
          { path: "/picture.svg", referer: null },
          { path: "/linked", referer: null },
        ],
      );
      const outside = served.seen.filter(({ path }) =>
        !path.startsWith(`/${SECRET}`)
      );
      assertEquals(
        outside.filter(({ path }) => path !== "/favicon.ico"),
        [],
      );
    },
  );
}
