// `secret` on the wire: where the site is, and that no log line, listing or other site sees the name.

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { toFetch } from "../../handlers/fetch/mod.ts";
import { partial } from "../../handlers/partial.ts";
import { StaticFileHandler, staticFiles } from "../../handlers/static/mod.ts";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { stopWatching } from "../../handlers/static/live/entrance.ts";
import { flushLog } from "../../connection/log.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { captureLog } from "../_lib/captured_log.ts";
import { folder } from "../handlers/_folder.ts";
import { Quiet, type Site, site } from "./_site.ts";

const SECRET = "aB3-_xYz09876543210Qrs";

const FILES = {
  "a.txt": "content",
  "sub/b.txt": "content",
  "sub/deep/c.txt": "content",
  "page.html": "<!doctype html><p>content",
  "404.html": "own 404",
};

/** All sites send it. */
const NO_REFERRER = "no-referrer";

function at(path: string): string {
  return `/${SECRET}${path}`;
}

boundedTest(
  "everything is below the secret, and 404 elsewhere for every method",
  async () => {
    await using files = await site(FILES, { secret: SECRET, spa: "page.html" });
    const outside = [
      "/",
      "//",
      "/a.txt",
      "/sub",
      "/none",
      "/404.html",
      "/.httpserver/live.js",
      `/${SECRET.slice(1)}/a.txt`,
      `/${SECRET}x/a.txt`,
      `/x${SECRET}/a.txt`,
      `/${SECRET.toLowerCase()}/a.txt`,
      `/x/${SECRET}/a.txt`,
      at("/../a.txt"),
      at("/%2e%2e/a.txt"),
      at("%2fa.txt").replace("%2f", "%252f"),
      `/?${SECRET}`,
      `http://localhost/a.txt`,
    ];
    const methods = [
      "GET",
      "HEAD",
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
    ];
    const first = await files.get("/");
    for (const method of methods) {
      for (const path of method === "OPTIONS" ? ["*", ...outside] : outside) {
        const answer = await files.ask(method, path, "Accept: text/html");
        assertEquals(answer.status, 404, `${method} ${path}`);
        assertEquals(answer.header("referrer-policy"), NO_REFERRER);
        assertEquals(answer.header("allow"), undefined);
        if (method !== "HEAD") assertEquals(answer.body, first.body, path);
      }
    }
    assertStringIncludes(first.body, "File not found");
    const rows: readonly [method: string, path: string, status: number][] = [
      ["GET", at(""), 301],
      ["GET", at("/a.txt"), 200],
      ["HEAD", at("/a.txt"), 200],
      ["GET", at("/"), 200],
      ["GET", at("/?format=json"), 200],
      ["GET", at("/sub"), 301],
      ["GET", at("/none.txt"), 404],
      ["OPTIONS", at("/a.txt"), 204],
      ["POST", at("/a.txt"), 405],
      ["PUT", at("/new"), 405],
      ["GET", `/x/..${at("/a.txt")}`, 200],
      ["GET", `http://localhost${at("/a.txt")}`, 200],
      ["GET", `/%61${at("/a.txt").slice(2)}`, 200],
    ];
    for (const [method, path, status] of rows) {
      const answer = await files.ask(method, path);
      assertEquals(answer.status, status, `${method} ${path}`);
      assertEquals(answer.header("referrer-policy"), NO_REFERRER, path);
    }
  },
);

boundedTest("the site's 404.html is shown below the secret only", async () => {
  await using files = await site(FILES, { secret: SECRET });
  assertEquals((await files.get(at("/none"))).body, "own 404");
  assertNotMatch((await files.get("/none")).body, /own 404/);
});

boundedTest(
  "base and mounts are below the secret, and redirects stay there",
  async () => {
    await using other = await folder({ "m.txt": "mounted" });
    await using files = await site(FILES, {
      secret: SECRET,
      base: "/app",
      mounts: { "/docs": other.path, "/app/in": other.path },
    });
    const rows: readonly [path: string, status: number, location?: string][] = [
      [at("/app/a.txt"), 200],
      [at("/docs/m.txt"), 200],
      [at("/app/in/m.txt"), 200],
      [at("/a.txt"), 404],
      [at("/"), 404],
      [at(""), 404],
      ["/app/a.txt", 404],
      ["/docs/m.txt", 404],
      ["/docs", 404],
      ["/app", 404],
      [at("/app"), 301, "app/"],
      [at("/docs?q"), 301, "docs/?q"],
      [at("/app/sub"), 301, "sub/"],
      [at("/app/sub%2f"), 301, "sub/"],
    ];
    for (const [path, status, location] of rows) {
      const answer = await files.get(path);
      assertEquals([answer.status, answer.header("location")], [
        status,
        location,
      ]);
    }
  },
);

boundedTest("one file is served at the secret and under its name", async () => {
  await using files = await site(FILES, { secret: SECRET, file: "a.txt" });
  assertEquals((await files.get(at("/"))).body, "content");
  assertEquals((await files.get(at("/a.txt"))).body, "content");
  assertEquals((await files.get(at(""))).header("location"), SECRET + "/");
  assertEquals((await files.get(at("/sub/b.txt"))).status, 404);
  assertEquals((await files.get("/a.txt")).status, 404);
});

boundedTest(
  "no listing has the secret, nor a link out of the site",
  async () => {
    await using other = await folder({ "m.txt": "mounted" });
    await using files = await site(FILES, {
      secret: SECRET,
      mounts: { "/m": other.path },
    });
    for (const path of ["/", "/sub/", "/sub/deep/", "/m/"]) {
      for (const query of ["", "?format=json", "?view=grid&sort=date"]) {
        const { status, body } = await files.get(at(path + query));
        assertEquals(status, 200);
        assertEquals(body.includes(SECRET.slice(0, 8)), false, body);
        const depth = path === "/m/" ? 0 : path.split("/").length - 2;
        const links = body.matchAll(/href="((?:\.\.\/)+)["?]/g);
        for (const [, up] of links) assert(up!.length / 3 <= depth, up);
      }
    }
    const { path } = JSON.parse(
      (await files.get(at("/sub/?format=json"))).body,
    );
    assertEquals(path, "/sub/");
    assertStringIncludes((await files.get(at("/"))).body, "<title>/</title>");
  },
);

boundedTest(
  "a wrong path gets 404 before the password, and 421 before that",
  async () => {
    await using files = await site(FILES, {
      secret: SECRET,
      users: "ada:x",
      hosts: ["a.test"],
      health: true,
      metrics: true,
    });
    const ask = (path: string, host: string) =>
      files.served.ask(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assertEquals((await ask(at("/a.txt"), "a.test")).status, 401);
    assertEquals((await ask("/a.txt", "a.test")).status, 404);
    assertEquals((await ask(at("/a.txt"), "b.test")).status, 421);
    assertEquals((await ask("/.httpserver/health", "b.test")).status, 200);
    assertEquals((await ask(at("/.httpserver/health"), "a.test")).status, 401);
    assertEquals((await ask("/.httpserver/metrics", "a.test")).status, 404);
    const metrics = at("/.httpserver/metrics");
    assertEquals((await ask(metrics, "a.test")).status, 401);
    const login = `Authorization: Basic ${btoa("ada:x")}`;
    const page = await files.get(metrics + "?q", login);
    assertEquals([page.status, page.body.includes(SECRET)], [200, false]);
  },
);

boundedTest(
  "Referrer-Policy is no-referrer, unless the user's field replaces it",
  async () => {
    const policies = async (options: StaticFileOptions, path: string) => {
      await using files = await site(FILES, { secret: SECRET, ...options });
      return (await files.get(at(path))).fields
        .filter((field) => field.startsWith("Referrer-Policy:"));
    };
    const none = ["Referrer-Policy: no-referrer"];
    assertEquals(await policies({}, "/a.txt"), none);
    assertEquals(await policies({ security: true }, "/a.txt"), none);
    assertEquals(await policies({ live: true }, "/page.html"), none);
    const field = ["Referrer-Policy", "origin"] as const;
    const own = { extra_response_headers: [field] };
    assertEquals(await policies(own, "/a.txt"), ["Referrer-Policy: origin"]);
    await using open = await site(FILES, {});
    assertEquals(
      (await open.get("/a.txt")).header("referrer-policy"),
      undefined,
    );
  },
);

boundedTest(
  "live reload works below the secret and shows nothing outside",
  async () => {
    const options = { secret: SECRET, live: true } as const;
    await using files = await site(FILES, options);
    const html = "Accept: text/html";
    for (const path of ["/", "/none", "/none.html"]) {
      const { status, body } = await files.get(path, html);
      assertEquals([status, body.includes("live.js")], [404, false], body);
      assertEquals(body.includes(SECRET), false);
    }
    const { body } = await files.get(at("/page.html"), html);
    const [, src] = /<script src="http:\/\/localhost([^"]+)" async>/.exec(
      body,
    )!;
    const script = src!.replaceAll("&amp;", "&");
    assertEquals(script.startsWith(at("/.httpserver/live.js?k=")), true);
    const sent = await files.get(script);
    assertEquals([sent.status, sent.header("referrer-policy")], [
      200,
      NO_REFERRER,
    ]);
    assertEquals(
      (await files.get(script.slice(SECRET.length + 1))).status,
      404,
    );
    const missing = await files.get(at("/none"), html);
    assertStringIncludes(missing.body, "own 404<script src=");
    stopWatching();
  },
);

boundedTest("a refusal is complete before live reload is loaded", async () => {
  for (const method of ["GET", "OPTIONS", "POST"]) {
    await using files = await site(FILES, { live: true, secret: SECRET });
    assertEquals((await files.ask(method, "/")).status, 404);
  }
  await using files = await site(FILES, { live: true });
  assertEquals((await files.ask("OPTIONS", "/")).status, 204);
});

/** Requests that have the secret wherever a log line might show it. */
function requests(): string[] {
  const encoded = "%" + SECRET.charCodeAt(0).toString(16) + SECRET.slice(1);
  const rest = `Host: localhost\r\nReferer: http://h${at("/page.html")}\r\n` +
    `User-Agent: x/${SECRET}\r\n\r\n`;
  const lines = [
    `GET ${at("/a.txt")} HTTP/1.1`,
    `HEAD ${at("/a.txt")} HTTP/1.1`,
    `GET ${at("/")} HTTP/1.1`,
    `GET ${at("/")}?format=json HTTP/1.0`,
    `GET ${at("/none")} HTTP/1.1`,
    `GET /${encoded}/a.txt HTTP/1.1`,
    `GET /${SECRET.slice(0, -1)} HTTP/1.1`,
    `GET /x?${SECRET} HTTP/1.1`,
    `POST ${at("/a.txt")} HTTP/1.1`,
    `OPTIONS ${at("/a.txt")} HTTP/1.1`,
    `BREW ${at("/a.txt")} HTTP/1.1`,
    `GET${at("/a.txt")} / HTTP/1.1`,
    `GET  ${at("/a.txt")} HTTP/1.1`,
    `GET ${at("/a b.txt")} HTTP/1.1`,
    `GET ${at("/a.txt")} HTTP/9.9`,
    `GET ${at("/a.txt")} ${SECRET}`,
    `${SECRET}`,
    `GET ${at("/a.txt")}`,
    `GET http://u@${SECRET}/ HTTP/1.1`,
    // A line is cut in the log: in the secret, before and after it.
    `GET /${"x".repeat(70)}${at("/")} / HTTP/1.1`,
    ...[60, 75, 80, 90, 480, 490, 500, 1_985, 1_990].map((count) =>
      `GET /${"y".repeat(count)}${at("/")} HTTP/1.1`
    ),
    `GET ${at("/")}${"z".repeat(70_000)} HTTP/1.1`,
  ];
  return [
    ...lines.map((line) => `${line}\r\n${rest}`),
    `GET / HTTP/1.1\r\nHost: ${SECRET}/\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nContent-Length: ${SECRET}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\n${SECRET}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ${SECRET}\r\n\r\n`,
  ];
}

const FORMATS = ["python", "common", "combined", "json"] as const;

/** Logs all requests, and returns the lines. */
async function logOf(
  options: StaticFileOptions,
  ask: (files: Site) => Promise<void>,
): Promise<string> {
  using log = captureLog();
  {
    await using files = await site(FILES, options, StaticFileHandler);
    await ask(files);
  }
  flushLog();
  return log.text;
}

for (const format of FORMATS) {
  boundedTest(`no line of the log has the secret: ${format}`, async () => {
    const sent = requests();
    const options = { secret: SECRET, log: format, metrics: true };
    const text = await logOf(options, async (files) => {
      for (const request of sent) await files.served.send(closing(request));
    });
    const lines = text.trimEnd().split("\n");
    assert(lines.length >= sent.length, text);
    // Half of it would be too much, encoded or not.
    assertNotMatch(text, new RegExp(SECRET.slice(1, 11)));
    assertNotMatch(text, new RegExp(SECRET.slice(11)));
    assertStringIncludes(text, "GET /[secret]/a.txt HTTP/1.1");
    assertStringIncludes(text, "BREW /[secret]/a.txt");
    if (format === "combined" || format === "json") {
      assertStringIncludes(text, "http://h/[secret]/page.html");
      assertStringIncludes(text, "x/[secret]");
    }
    if (format === "json") {
      assertEquals(JSON.parse(lines[0]!).path, "/[secret]/a.txt");
    }
  });
}

/** The request, in a connection that ends after it. */
function closing(request: string): string {
  return request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
}

boundedTest("a subclass's log hooks get masked texts", async () => {
  const seen: string[] = [];
  class Noting extends Quiet {
    override log_message(template: string, ...args: unknown[]): void {
      seen.push([template, ...args].join(" "));
    }
  }
  await using files = await site(FILES, { secret: SECRET }, Noting);
  await files.get(at("/a.txt"));
  await files.get(at("/none"));
  await files.served.send(`GET ${at("/a.txt")} x\r\n\r\n`);
  // The second one is prepared.
  await files.get(at("/a.txt"));
  assertEquals(seen.filter((line) => line.includes(SECRET)), []);
  assertEquals(seen[0], '"%s" %s %s GET /[secret]/a.txt HTTP/1.1 200 -');
  assertEquals(seen.at(-1), seen[0]);
});

boundedTest(
  "the reports of live reload are logged without the secret",
  async () => {
    const options = { secret: SECRET, live: true };
    const text = await logOf(options, async (files) => {
      const { body } = await files.get(at("/page.html"), "Accept: text/html");
      const key = /live\.js\?k=(\w+)/.exec(body)![1];
      const query = new URLSearchParams({
        k: key!,
        p: at("/page.html"),
        m: `at http://localhost${at("/page.js")}:1`,
      });
      const answer = await files.get(at(`/.httpserver/report?${query}`));
      assertEquals(answer.status, 204);
      stopWatching();
    });
    assertNotMatch(text, new RegExp(SECRET.slice(0, 11)));
    assertStringIncludes(
      text,
      "Error in /[secret]/page.html: at http://localhost/[secret]/page.js:1\n",
    );
  },
);

Deno.test("secret works through toFetch(), and its log is masked too", async () => {
  await using made = await folder(FILES);
  const options = { secret: SECRET, directory: made.path };
  using log = captureLog();
  const { fetch } = toFetch(partial(StaticFileHandler, options));
  const ask = async (path: string) => {
    const response = await fetch(new Request(`http://localhost${path}`));
    return [response.status, await response.text()] as const;
  };
  for (let count = 0; count < 2; count++) {
    assertEquals(await ask(at("/a.txt")), [200, "content"]);
  }
  assertEquals((await ask("/a.txt"))[0], 404);
  assertEquals((await ask(at("/none")))[1], "own 404");
  flushLog();
  assertNotMatch(log.text, new RegExp(SECRET.slice(0, 11)));
  assertMatch(log.text, /"GET \/\[secret\]\/a\.txt HTTP\/1\.1" 200 -\n/);
});

Deno.test("a secret that is too short or not safe in a URL is refused, without showing it", () => {
  for (
    const secret of [
      "",
      "short",
      "a".repeat(15),
      "a".repeat(129),
      "a/b".repeat(9),
      "ä".repeat(20),
      "a b".repeat(9),
      "%41".repeat(9),
      "..".repeat(9),
    ]
  ) {
    const error = assertThrows(() => staticFiles({ secret }), TypeError);
    assertStringIncludes(error.message, '"secret" must be 16 to 128 letters');
    if (secret !== "") assertEquals(error.message.includes(secret), false);
  }
  const mounts = { "/": "." };
  const error = assertThrows(() => staticFiles({ secret: SECRET, mounts }));
  assertEquals((error as Error).message.includes(SECRET), false);
  staticFiles({ secret: crypto.randomUUID() });
});

boundedTest(
  "the rules of the options begin below the secret, and their targets stay there",
  async () => {
    await using made = await folder({ "m.txt": "mounted" });
    await using files = await site(FILES, {
      secret: SECRET,
      mounts: { "/docs": made.path },
      redirects: [
        { from: "/rr/*", to: "/sub/:splat" },
        { from: "/out", to: "https://other.test/a", status: 308 },
        { from: "/rw", to: "/a.txt", status: 200 },
        { from: "/docs/old", to: "/docs/m.txt" },
        { from: "/a.txt", to: "/page.html", force: true, query: { q: "1" } },
      ],
      headers: [{ for: "/sub/*", set: { "X-Sub": "1" } }],
    });
    const rows: readonly [path: string, status: number, location?: string][] = [
      [at("/rr/b.txt?x"), 302, at("/sub/b.txt?x")],
      [at("/out"), 308, "https://other.test/a"],
      [at("/rw"), 200],
      [at("/docs/old"), 302, at("/docs/m.txt")],
      [at("/a.txt?q=1"), 302, at("/page.html?q=1")],
      ["/rr/b.txt", 404],
      ["/out", 404],
      ["/rw", 404],
      [at(at("/rw")), 404],
    ];
    for (const [path, status, location] of rows) {
      const answer = await files.get(path);
      assertEquals(
        [answer.status, answer.header("location")],
        [status, location],
        path,
      );
    }
    assertEquals((await files.get(at("/rw"))).body, "content");
    const answer = await files.get(at("/sub/b.txt"));
    assertEquals(answer.header("x-sub"), "1");
  },
);

boundedTest(
  "the rules of _redirects and of the options both begin below the secret and base",
  async () => {
    await using files = await site({ ...FILES, _redirects: "/x /y 301\n" }, {
      secret: SECRET,
      base: "/app",
      rules: "netlify",
      redirects: [{ from: "/", to: "/app/" }, { from: "/app/x", to: "/z" }],
    });
    const locationOf = async (path: string) =>
      (await files.get(at(path))).header("location");
    assertEquals(await locationOf("/"), at("/app/"));
    assertEquals(await locationOf("/app/x"), at("/z"));
    assertEquals((await files.get("/")).status, 404);
  },
);

boundedTest("no archive has the secret in a name", async () => {
  await using made = await folder({ "m.txt": "mounted" });
  for (const base of ["/", "/app"]) {
    await using files = await site(FILES, {
      secret: SECRET,
      archive: true,
      base,
      mounts: { "/docs": made.path },
    });
    const { path } = files.folder;
    const own = base === "/" ? path.slice(path.lastIndexOf("/") + 1) : "app";
    const root = base === "/" ? "" : base;
    const rows = [
      [`${root}/`, own],
      [`${root}/sub/`, "sub"],
      ["/docs/", "docs"],
    ] as const;
    for (const [folder, name] of rows) {
      for (const format of ["zip", "tar"]) {
        const answer = await files.get(at(`${folder}?${format}`));
        assertEquals(answer.status, 200);
        assertEquals(
          answer.header("content-disposition"),
          `attachment; filename="${name}.${format}"`,
        );
        assertStringIncludes(answer.body, `${name}/`);
        assertEquals(answer.body.includes(SECRET), false);
      }
    }
  }
});
