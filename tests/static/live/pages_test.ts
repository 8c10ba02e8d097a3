// Pages and other responses of a site with `live`, over a socket.

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { StaticFileHandler } from "../../../handlers/static/mod.ts";
import { boundedTest } from "../../_lib/bounded.ts";
import { captureLog } from "../../_lib/captured_log.ts";
import { inCoding } from "../_site.ts";
import { reloadPages } from "../../../handlers/static/live/entrance.ts";
import type { Client } from "../../_serve.ts";
import { type LiveSite, liveSite, PAGE } from "./_live.ts";

const TAG =
  /<script src="http:\/\/localhost\/\.httpserver\/live\.js\?k=[0-9a-f]{32}&amp;g=[0-9]+&amp;n=[0-9]+(?:&amp;f=[^"&]+)+(?:&amp;m=)?" async><\/script>$/;

boundedTest("live appends the script to documents only", async () => {
  await using served = await liveSite({
    "a.html": "<p>a",
    "a.js": "1",
    "a.xhtml": "<a/>",
    "utf16.html": "\xff\xfe<\0p\0>\0",
  });
  for (
    const fields of [
      [PAGE],
      ["Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate", "Accept: */*"],
      ["Sec-Fetch-Dest: iframe", "Sec-Fetch-Mode: navigate"],
      ["Sec-Fetch-Dest: frame"],
    ]
  ) {
    const { body, header } = await served.get("/a.html", ...fields);
    assertMatch(body, TAG, `${fields}`);
    assert(body.startsWith("<p>a<script"));
    assertEquals(header("cache-control"), "no-store");
    assertEquals(header("content-length"), `${body.length}`);
    assertEquals(header("last-modified"), undefined);
    assertEquals(header("accept-ranges"), undefined);
    assertEquals(
      header("vary"),
      "Accept-Encoding, Accept, Sec-Fetch-Dest, Sec-Fetch-Mode",
    );
  }
  for (
    const [target, fields] of [
      ["/a.html", []],
      ["/a.html", ["Accept: */*"]],
      ["/a.html", [PAGE, "Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: cors"]],
      ["/a.js", [PAGE]],
      ["/a.xhtml", [PAGE]],
      ["/utf16.html", [PAGE]],
    ] as const
  ) {
    const { body, header } = await served.get(target, ...fields);
    assert(!body.includes("script"), `${target} ${fields}`);
    assertEquals(header("cache-control"), "no-cache");
    assertEquals(header("accept-ranges"), "bytes");
  }
});

boundedTest("live sends a page whole, and a HEAD with its length", async () => {
  const large = "x".repeat(300_000);
  await using served = await liveSite({ "a.html": "<p>a", "b.html": large });
  for (const target of ["/a.html", "/b.html"]) {
    const page = await served.get(target, PAGE, "Range: bytes=1-2");
    assertEquals(page.status, 200);
    assertMatch(page.body, TAG);
    const head = await served.ask("HEAD", target, PAGE);
    assertEquals(
      Math.abs(
        Number(head.header("content-length")) -
          Number(page.header("content-length")),
      ) <= 1,
      true,
    );
    const part = await served.get(target, "Range: bytes=1-2");
    assertEquals(part.status, 206);
  }
});

boundedTest(
  "live gives a page an ETag that changes with every change",
  async () => {
    await using served = await liveSite({ "a.html": "<p>a", "b.css": "1" });
    const etag = async () =>
      (await served.get("/a.html", PAGE)).header("etag") ?? "";
    const first = await etag();
    assertEquals(await etag(), first);
    const again = await served.get("/a.html", PAGE, `If-None-Match: ${first}`);
    assertEquals(again.status, 304);
    const since = `If-Modified-Since: ${new Date().toUTCString()}`;
    assertEquals((await served.get("/a.html", PAGE, since)).status, 200);
    const plain = await served.get("/a.html");
    assertNotEquals(plain.header("etag"), first);
    using page = await served.open("/a.html", "/b.css");
    await Deno.writeTextFile(served.folder.in("b.css"), "22");
    await page.next();
    assertNotEquals(await etag(), first);
  },
);

boundedTest("live reloads a listing when its README changes", async () => {
  await using served = await liveSite({
    "sub/README.md": "# One",
    "sub/a.txt": "",
  });
  const write = (text: string) =>
    Deno.writeTextFile(served.folder.in("sub/README.md"), text);
  for (const rounds of [1, 2]) {
    // The second time, the listing may be a cached one.
    const { body } = await served.get("/sub/", PAGE);
    assertMatch(body, /;f=%2Fsub%2F"/, `${rounds}`);
    using listener = await served.open("/sub/");
    await write(`# ${"x".repeat(rounds)}`);
    assertEquals(await listener.names(), [["/sub/README.md", "/sub/"]]);
  }
  using listener = await served.open("/sub/", "/sub/README.md");
  await write("# Other");
  assertEquals(await listener.next(), ["/sub/README.md"]);
});

boundedTest("live sends the plain page, not a precompressed one", async () => {
  const text = "<p>a" + " ".repeat(5_000);
  await using served = await liveSite({
    "a.html": text,
    "a.html.gz": inCoding("gzip", text),
    "b.html": text,
    "c.html.br": inCoding("br", text),
  }, { types: { ".html.br": { type: "text/html", coding: "br" } } });
  for (const target of ["/a.html", "/b.html"]) {
    const page = await served.get(target, PAGE, "Accept-Encoding: gzip, br");
    assertEquals(page.header("content-encoding"), undefined);
    assertMatch(page.body, TAG);
    const other = await served.get(target, "Accept-Encoding: gzip");
    assertEquals(other.header("content-encoding"), "gzip");
  }
  const coded = await served.get("/c.html.br", PAGE, "Accept-Encoding: br");
  assertEquals(coded.header("content-encoding"), "br");
  assertEquals(coded.body, inCoding("br", text));
});

boundedTest(
  "live appends the script to the pages of errors and listings",
  async () => {
    await using served = await liveSite({
      "sub/a.txt": "",
      "404.html": "gone",
    });
    const missing = await served.get("/nothing", PAGE);
    assertEquals(missing.status, 404);
    assertMatch(missing.body, TAG);
    assertMatch(missing.body, /f=%2F404\.html&amp;f=%2Fnothing&amp;m=/);
    assertEquals(missing.header("cache-control"), "no-store");
    assertEquals((await served.get("/nothing")).body, "gone");
    const listing = await served.get("/sub/", PAGE);
    assertMatch(listing.body, TAG);
    assertMatch(
      listing.header("content-security-policy") ?? "",
      /script-src 'self' 'sha256-.*connect-src 'self'; worker-src 'self'/,
    );
    const json = await served.get("/sub/?format=json", PAGE);
    assert(
      Array.isArray(JSON.parse(json.body).entries ?? JSON.parse(json.body)),
    );
  },
);

boundedTest("live numbers each page, also if its request repeats", async () => {
  await using served = await liveSite({ "a.html": "<p>a", "a.css": "1" });
  using client = await served.served.connect();
  const bodies = new Set<string>();
  for (let times = 0; times < 3; times++) {
    for (const target of ["/a.html", "/a.css", "/nothing"]) {
      await client.write(
        `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${PAGE}\r\n\r\n`,
      );
      bodies.add((await client.answer()).body);
    }
  }
  assertEquals(bodies.size, 3 + 1 + 3);
});

boundedTest(
  "live names the script's host and scheme as the browser does",
  async () => {
    await using served = await liveSite({ "a.html": "" });
    const { body } = await served.get(
      "/a.html",
      PAGE,
      "X-Forwarded-Host: elsewhere.test",
    );
    assertMatch(body, /^<script src="\/\.httpserver\/live\.js/);
    await using below = await liveSite({ "a.html": "" }, { base: "/my app" });
    const page = await below.get("/my%20app/a.html", PAGE);
    assertMatch(page.body, /localhost\/my%20app\/\.httpserver\/live\.js/);
    assertMatch(page.body, /f=%2Fmy\+app%2Fa\.html/);
    const url = /localhost(\/[^"]*)"/.exec(page.body)![1]!;
    const script = await below.get(url.replaceAll("&amp;", "&"));
    assertEquals(script.status, 200);
  },
);

boundedTest(
  "live sends its script only to pages of this process, and without the fields for pages",
  async () => {
    await using served = await liveSite({ "index.html": "" }, {
      extra_response_headers: [[
        "Content-Security-Policy",
        "script-src 'none'",
      ]],
      cors: true,
    });
    const key = await served.key();
    for (const name of ["live.js", "worker.js"]) {
      const script = await served.get(`/.httpserver/${name}?k=${key}`);
      assertEquals(script.status, 200);
      assertEquals(
        script.header("content-type"),
        "text/javascript; charset=utf-8",
      );
      assertEquals(script.header("cache-control"), "no-store");
      assertEquals(script.header("x-content-type-options"), "nosniff");
      assertEquals(script.header("content-security-policy"), undefined);
      assertEquals(script.header("access-control-allow-origin"), undefined);
      // The script has a syntax that a browser understands.
      new Function(script.body);
    }
    for (const name of ["live.js", "worker.js", "events", "report"]) {
      for (const query of ["", "?k=", `?k=${key.slice(1)}`]) {
        const { status } = await served.get(`/.httpserver/${name}${query}`);
        assertEquals(status, 403, name + query);
      }
    }
    assertEquals((await served.get(`/.httpserver/x?k=${key}`)).status, 404);
    assertEquals((await served.get("/.httpserver/")).status, 404);
    assertEquals((await served.ask("POST", "/.httpserver/report")).status, 405);
  },
);

boundedTest(
  "live lets no other origin and no foreign host connect",
  async () => {
    await using served = await liveSite({ "index.html": "" });
    const key = await served.key();
    const target = `/.httpserver/report?k=${key}`;
    const status = async (...fields: string[]) =>
      (await served.get(target, ...fields)).status;
    assertEquals(await status("Origin: http://localhost"), 204);
    assertEquals(await status("Sec-Fetch-Site: same-origin"), 204);
    assertEquals(await status("Origin: http://localhost:1"), 403);
    assertEquals(await status("Sec-Fetch-Site: cross-site"), 403);
    assertEquals(await status("Sec-Fetch-Site: same-site"), 403);
    const ask = async (target: string) =>
      await served.served.ask(
        `GET ${target} HTTP/1.1\r\nHost: evil.example\r\n${PAGE}\r\n\r\n`,
      );
    assertEquals((await ask(target)).status, 421);
    assertEquals((await ask("/")).body, "");
  },
);

boundedTest("live logs none of its requests", async () => {
  for (const log of ["python", "json"] as const) {
    const captured = captureLog();
    {
      using _log = captured;
      await using served = await liveSite(
        { "index.html": "" },
        { log },
        StaticFileHandler,
      );
      const key = await served.key();
      await served.get(`/.httpserver/live.js?k=${key}`);
      await served.get(`/.httpserver/report?k=${key}&p=/a&m=one%0atwo%1b[2J`);
    }
    const lines = captured.text.trimEnd().split("\n");
    assertEquals(lines.length, 2, captured.text);
    assert(lines.includes("Error in /a: one | two\\x1b[2J"));
    assert(!captured.text.includes(".httpserver"));
  }
});

boundedTest("live counts the errors that it doesn't show", async () => {
  const captured = captureLog();
  {
    using _log = captured;
    await using served = await liveSite({ "index.html": "" });
    const key = await served.key();
    const report = () => served.get(`/.httpserver/report?k=${key}&p=/a&m=one`);
    for (let count = 0; count < 21; count++) await report();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await report();
  }
  const lines = captured.text.trimEnd().split("\n");
  assertEquals(lines.length, 22);
  assertEquals(lines.at(-2), "1 more error of pages not shown");
});

/** Connects like a browser, and waits until the stream of events has begun. */
async function stream({ served }: LiveSite, key: string): Promise<Client> {
  const client = await served.connect();
  await client.write(
    `GET /.httpserver/events?k=${key}&since=1 HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  );
  await client.readUntil("retry: 500\n\n");
  return client;
}

boundedTest(
  "live connects at most 100 browsers, and disconnects them when the server closes",
  async () => {
    await using served = await liveSite({ "index.html": "" });
    const key = await served.key();
    using stack = new DisposableStack();
    const oldest = stack.use(await stream(served, key));
    for (let count = 1; count < 100; count++) {
      stack.use(await stream(served, key));
    }
    const newest = stack.use(await stream(served, key));
    await oldest.readUntil("retry: 2000\n\n");
    reloadPages();
    await newest.readUntil("data: ");
    const start = performance.now();
    await served.served.server.server_close();
    assert(performance.now() - start < 900);
  },
);

boundedTest(
  "live notices at once that browsers have disconnected",
  async () => {
    await using served = await liveSite({ "index.html": "" });
    const key = await served.key();
    using oldest = await stream(served, key);
    for (let round = 0; round < 3; round++) {
      const others: Client[] = [];
      while (others.length < 99) others.push(await stream(served, key));
      for (const other of others) other.close();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    reloadPages();
    const text = await oldest.readUntil("data: ");
    assert(!text.includes("retry: 2000"), text);
  },
);

/** Requests a page, and its script if wanted. */
async function load(
  client: Client,
  target: string,
  wanted: boolean,
  browser = "one",
): Promise<void> {
  const ask = (target: string) =>
    client.write(
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${PAGE}\r\nUser-Agent: ${browser}\r\n\r\n`,
    );
  await ask(target);
  const { body } = await client.answer();
  if (!wanted) return;
  await ask(/localhost(\/[^"]*)"/.exec(body)![1]!.replaceAll("&amp;", "&"));
  await client.answer();
}

boundedTest(
  "live names a page that is loaded twice without its script, and none that was left",
  async () => {
    const captured = captureLog();
    {
      using _log = captured;
      await using served = await liveSite({ "index.html": "" });
      using client = await served.served.connect();
      for (let round = 0; round < 2; round++) {
        await load(client, "/fine", true);
        await load(client, "/fine", false);
        await load(client, "/bad", false);
        const other = await served.served.connect();
        await load(other, "/closed", false, "other");
        other.close();
        await new Promise((resolve) => setTimeout(resolve, 5_200));
      }
    }
    assertMatch(
      captured.text,
      /^\/bad can't be reloaded: its Content-Security-Policy[^\n]*\n$/,
    );
  },
);

boundedTest(
  "live reloads the only file of a site, at both of its paths",
  async () => {
    await using served = await liveSite(
      { "a.html": "1", "b.html": "1" },
      { file: "a.html" },
    );
    using listener = await served.open("/", "/a.html");
    await Deno.writeTextFile(served.folder.in("b.html"), "2");
    await Deno.writeTextFile(served.folder.in("a.html"), "2");
    assertEquals(await listener.next(), ["/a.html"]);
    assertEquals(await listener.rest(), []);
  },
);

boundedTest(
  "live leaves the health page as it is, and sends no field for CDNs",
  async () => {
    await using served = await liveSite(
      { "index.html": "", "a.css": "" },
      { health: true, cdnCache: ["**=60"] },
    );
    const health = await served.get("/.httpserver/health", PAGE);
    assertEquals([health.status, health.body], [200, "ok\n"]);
    for (const target of ["/", "/a.css"]) {
      const answer = await served.get(target, PAGE);
      const value = answer.header("cdn-cache-control");
      assertEquals([answer.status, value], [200, undefined]);
    }
  },
);
