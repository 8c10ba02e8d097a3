// Rules that rewrite to another server, which the proxy must name.

import { assertEquals, assertMatch } from "@std/assert";
import { boundedTest } from "../../_lib/bounded.ts";
import { captureLog } from "../../_lib/captured_log.ts";
import { pureTest } from "../../_lib/pure.ts";
import { SiteProxy } from "../../../handlers/static/proxy/entrance.ts";
import {
  StaticFileHandler,
  type StaticFileOptions,
} from "../../../handlers/static/mod.ts";
import { echo } from "../proxy/_upstream.ts";
import { type Site, site } from "../_site.ts";
import { redirect, redirectFaults } from "./_decide.ts";

const PROXY = new SiteProxy({
  rules: ["/api=http://localhost:3000/v1", "/sock=unix:/run/app.sock"],
  timeout: 60,
  hosts: [],
  fields: [],
});
const isProxied = (url: string) => PROXY.names(url);

pureTest("names() compares a URL's origin with those of the option", () => {
  const named = [
    "http://localhost:3000",
    "http://localhost:3000/x?y#z",
    "HTTP://LocalHost:3000/@a",
    "http://localhost:3000?http://other",
  ];
  for (const url of named) assertEquals(PROXY.names(url), true, url);
  const others = [
    "http://localhost",
    "https://localhost:3000",
    "http://localhost:30000",
    "http://localhost:3000@other/",
    "http://localhost:3000.other/",
    "http://localhost:3000\\@other/",
    "http://a@localhost:3000/",
    "http://other#@localhost:3000",
    "unix:/run/app.sock",
    "/api",
  ];
  for (const url of others) assertEquals(PROXY.names(url), false, url);
});

pureTest(
  "a rewrite to an origin that the proxy names is a URL to fetch",
  () => {
    const cases = [
      ["/a/* http://localhost:3000/b/:splat 200", "/a/x/y", "/b/x/y"],
      ["/a/* http://localhost:3000/b/:splat 200", "/a/", "/b/"],
      ["/a/* http://localhost:3000/b/:splat 200", "/a/x?q=1", "/b/x?q=1"],
      ["/a/* http://localhost:3000/b?c=:splat 200", "/a/x&d?q", "/b?c=x%26d"],
      ["/a http://localhost:3000 200", "/a", "/"],
      ["/a http://LOCALHOST:3000/b 200", "/a", "/b"],
      ["/a/* http://localhost:3000/:splat 200", "/a/%3Fx%23y", "/%3Fx%23y"],
      ["/a/* http://localhost:3000/:splat#f 200", "/a/x", "/x"],
      [
        "/a/* http://localhost:3000/:splat 200",
        "/a//evil.test/",
        "/evil.test/",
      ],
      ["/a/* http://localhost:3000:splat 200", "/a/x", "-"],
      [
        "/a/* http://localhost:3000/:splat 200",
        "/a/%252e%252e/x",
        "/%252e%252e/x",
      ],
      [
        "/a p=:p http://localhost:3000/b/:p 200",
        "/a?p=x%2Fy",
        "/b/x/y?p=x%2Fy",
      ],
      ["/a p=:p http://localhost:3000/b/:p 200", "/a?p=../c", "-"],
      ["/a p=:p http://localhost:3000/b/:p 200", "/a?p=x%2F..%2F..%2Fc", "-"],
      ["/a p=:p http://localhost:3000/b/:p 200", "/a?p=.%2Fx", "-"],
      [
        "/a p=:p http://localhost:3000/b/:p 200",
        "/a?p=%252e%252e",
        "/b/%252e%252e?p=%252e%252e",
      ],
    ] as const;
    for (const [rule, target, path] of cases) {
      const decided = redirect("netlify", rule, target, undefined, isProxied);
      const expected = path === "-"
        ? "-"
        : `200 ${/http:\/\/localhost/i.exec(rule)![0]}:3000${path}`;
      assertEquals(decided, expected, `${rule} for ${target}`);
    }
  },
);

pureTest("a rewrite whose target could be on another server is refused", () => {
  const cases = [
    [
      "/a/* http://localhost:3001/ 200",
      /^1: .* needs --proxy for http:\/\/localhost:3001$/,
    ],
    ["/a/* https://localhost:3000/ 200!", /needs --proxy/],
    ["/:h/* http://:h.example.com/ 200", /needs --proxy/],
    ["/:h/* http://:h:3000/ 200", /needs --proxy/],
    ["/a p=:3000 http://localhost:3000/ 200", /must have no placeholders/],
    ["/a http://localhost:3000/ 404", /must have the status 200, not 404/],
    ["/a http://localhost:3000@b/ 200", /needs --proxy/],
  ] as const;
  for (const [rule, fault] of cases) {
    const faults = redirectFaults("netlify", rule, isProxied);
    assertEquals(faults.length, 1, rule);
    assertMatch(faults[0]!, fault);
  }
});

pureTest("a file of Cloudflare has no rewrites to another server", () => {
  const url = "https://localhost:3000/";
  const faults = redirectFaults("cloudflare", `/a ${url} 200`, () => true);
  assertEquals(faults, ["1: a rewrite must be to a path of this site"]);
});

/** The status and the first line of what the upstream has got, or the whole body. */
async function seen(
  { ask }: Site,
  method: string,
  target: string,
  ...fields: string[]
): Promise<string> {
  const { status, body } = await ask(method, target, ...fields);
  return `${status} ${body.split("\r\n")[0]!.replace(" HTTP/1.1", "")}`;
}

/** Serves files with these rules, next to an upstream that sends requests back. */
async function ruled(
  rules: string,
  options: (url: string) => StaticFileOptions = (url) => ({
    proxy: [`/api=${url}`],
  }),
): Promise<Site> {
  const server = await echo();
  const served = await site(
    {
      _redirects: rules.replaceAll("URL", server.url),
      "file.txt": "file",
      "forced.txt": "file",
      "page.html": "page",
      ".hidden": "hidden",
      "index.html": "index",
      "404.html": "none",
    },
    { rules: "netlify", ...options(server.url) },
  );
  return {
    ...served,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

boundedTest(
  "a rule rewrites to another server, with every method",
  async () => {
    await using served = await ruled(
      [
        "/file.txt URL/unforced 200",
        "/forced.txt URL/forced 200!",
        "/x/* URL/v2/:splat 200",
        "/.hidden URL/hidden 200!",
      ].join("\n"),
    );
    const empty = "Content-Length: 0";
    assertEquals(await seen(served, "GET", "/x/a%2Fb?c"), "200 GET /v2/a/b?c");
    assertEquals((await served.ask("HEAD", "/x/a")).status, 200);
    assertEquals(await seen(served, "GET", "/file.txt"), "200 file");
    assertEquals(await seen(served, "GET", "/forced.txt"), "200 GET /forced");
    assertEquals(await seen(served, "GET", "/.hidden"), "404 none");
    assertEquals(await seen(served, "GET", "/api/x"), "200 GET /api/x");
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "REPORT"]) {
      assertEquals(
        await seen(served, method, "/x/a", empty),
        `200 ${method} /v2/a`,
      );
      assertEquals(
        await seen(served, method, "/api/a", empty),
        `200 ${method} /api/a`,
      );
    }
    // No file has such a method, so the rule needs no force.
    const target = "/file.txt";
    assertEquals(
      await seen(served, "POST", target, empty),
      "200 POST /unforced",
    );
    assertEquals((await served.ask("POST", "/page", empty)).status, 405);
    assertEquals((await served.ask("POST", "/.hidden", empty)).status, 405);
    assertEquals((await served.ask("OPTIONS", "/page")).status, 204);
    assertEquals((await served.ask("TRACE", "/x/a")).status, 501);
  },
);

boundedTest(
  "a body is forwarded to the URL of a rule once it is asked for",
  async () => {
    await using served = await ruled("/x/* URL/:splat 200");
    using client = await served.served.connect();
    await client.write(
      "POST /x/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
    );
    await client.readUntil("HTTP/1.1 100 Continue\r\n\r\n");
    await client.write("abc");
    const { status, body } = await client.answer();
    assertEquals(status, 200);
    assertMatch(body, /^POST \/a HTTP\/1\.1\r\n[^]*\r\n\r\nabc$/);
  },
);

boundedTest("a rule for another server needs the password", async () => {
  await using served = await ruled("/x/* URL/:splat 200!", (url) => ({
    proxy: [`/api=${url}`],
    users: "a:{PLAIN}b\n",
  }));
  const password = `Authorization: Basic ${btoa("a:b")}`;
  const empty = "Content-Length: 0";
  assertEquals((await served.get("/x/a")).status, 401);
  assertEquals((await served.ask("POST", "/x/a", empty)).status, 401);
  assertEquals(
    await seen(served, "POST", "/x/a", empty, password),
    "200 POST /a",
  );
});

boundedTest(
  "a rule for an origin that no proxy names never applies, and is reported",
  async () => {
    using log = captureLog();
    await using server = await echo();
    {
      await using served = await site(
        {
          _redirects: "/x/* http://127.0.0.1:1/:splat 200!",
          "404.html": "none",
        },
        {
          rules: "netlify",
          proxy: [`/api=${server.url}`],
          redirects: [{ from: "/y/*", to: "http://127.0.0.1:1/", status: 200 }],
        },
        StaticFileHandler,
      );
      assertEquals(await seen(served, "GET", "/x/a"), "404 none");
      assertEquals(await seen(served, "GET", "/y/a"), "404 none");
    }
    assertMatch(
      log.text,
      /_redirects:1: a rewrite to another server needs --proxy for http:\/\/127\.0\.0\.1:1\n/,
    );
    assertMatch(
      log.text,
      / \/y\/\* http:\S+: a rewrite to another server needs/,
    );
  },
);

boundedTest(
  "a rule of the options rewrites to another server, also with Cloudflare's",
  async () => {
    for (const rules of [undefined, "netlify", "cloudflare"] as const) {
      await using served = await ruled("", (url) => ({
        proxy: [`/api=${url}`],
        ...(rules && { rules }),
        redirects: [{ from: "/x/*", to: `${url}/:splat`, status: 200 }],
      }));
      assertEquals(await seen(served, "GET", "/x/a"), "200 GET /a");
    }
  },
);
