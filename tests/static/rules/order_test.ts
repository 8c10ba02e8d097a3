// The order of all steps, of which docs/rules.md has the list, with every feature at once.

import { assertEquals } from "@std/assert";
import { boundedTest } from "../../_lib/bounded.ts";
import type { StaticFileOptions } from "../../../handlers/static/mod.ts";
import { folder } from "../../handlers/_folder.ts";
import { echo } from "../proxy/_upstream.ts";
import { site } from "../_site.ts";

const NAMES = [
  "a.txt",
  "clean.html",
  "both",
  "both.html",
  "forced.txt",
  "listed/x",
  "index/index.html",
  "index.html",
  ".hidden",
  "api/a.txt",
];

const RULES = [
  "/a.txt /moved",
  "/both /moved",
  "/clean /moved",
  "/forced.txt /moved 301!",
  "/listed /moved",
  "/index /moved",
  "/rule /moved",
  "/.hidden /moved 301!",
  "/api/* /moved 301!",
  "/there/* URL/v2/:splat 200!",
];

/** What a site with all features, except those left out, responds with to page loads. */
async function responses(
  targets: readonly string[],
  options: (url: string) => StaticFileOptions,
): Promise<string[]> {
  await using server = await echo();
  await using mounted = await folder({ "a.txt": "mounted", _redirects: "" });
  const rules = RULES.join("\n").replaceAll("URL", server.url);
  await using served = await site({
    ...Object.fromEntries(NAMES.map((name) => [name, name])),
    "404.html": "none",
    _redirects: rules,
  }, {
    rules: "netlify",
    cleanUrls: true,
    spa: true,
    mounts: { "/api/mount": mounted.path, "/mount": mounted.path },
    redirects: [{ from: "/mount/rule", to: "/moved", status: 301 }],
    health: true,
    ...options(server.url),
  });
  const seen = async (target: string) => {
    const { status, fields, body } = await served.get(
      target,
      "Accept: text/html",
    );
    const location = fields.find((field) => /^location:/i.test(field));
    const forwarded = /^GET (\S+) HTTP/.exec(body)?.[1];
    const text = location?.replace(/^location: */i, "to ") ??
      (forwarded ? `upstream ${forwarded}` : body.trim());
    return `${target} ${status} ${/^<!DOCTYPE/.test(text) ? "page" : text}`;
  };
  const all: string[] = [];
  for (const target of targets) all.push(await seen(target));
  return all;
}

const TARGETS = [
  "/api/a.txt",
  "/api/mount/a.txt",
  "/mount",
  "/mount/a.txt",
  "/mount/rule",
  "/forced.txt",
  "/there/x",
  "/a.txt",
  "/both",
  "/clean",
  "/listed",
  "/rule",
  "/none",
  "/.hidden",
  "/_redirects",
];

boundedTest("all steps are in the order of docs/rules.md", async () => {
  const first = [
    "/api/a.txt 200 upstream /api/a.txt",
    "/api/mount/a.txt 200 upstream /api/mount/a.txt",
    "/mount 301 to mount/",
    "/mount/a.txt 200 mounted",
    "/mount/rule 301 to /moved",
    "/forced.txt 301 to /moved",
    "/there/x 200 upstream /v2/x",
    "/a.txt 200 a.txt",
    "/both 200 both",
    "/clean 200 clean.html",
    "/listed 301 to /moved",
    "/rule 301 to /moved",
  ];
  const all = (url: string) => ({ proxy: [`/api=${url}`, url] });
  assertEquals(await responses(TARGETS, all), [
    ...first,
    "/none 200 upstream /none",
    "/.hidden 200 upstream /.hidden",
    "/_redirects 200 upstream /_redirects",
  ]);
  const withoutRest = (url: string) => ({ proxy: [`/api=${url}`] });
  assertEquals(await responses(TARGETS, withoutRest), [
    ...first,
    "/none 200 index.html",
    "/.hidden 404 none",
    "/_redirects 404 none",
  ]);
  const withoutPage = (url: string) => ({
    proxy: [`/api=${url}`],
    spa: false,
  });
  assertEquals(await responses(TARGETS, withoutPage), [
    ...first,
    "/none 404 none",
    "/.hidden 404 none",
    "/_redirects 404 none",
  ]);
});

boundedTest(
  "a listing comes after rules, and before the upstream of the rest",
  async () => {
    const options = (url: string) => ({ proxy: [url], cleanUrls: false });
    const targets = ["/listed/", "/listed/y", "/api/", "/api/mount/"];
    const [listed, below, api, mount] = await responses(targets, options);
    assertEquals(listed, "/listed/ 301 to /moved");
    assertEquals(below, "/listed/y 200 upstream /listed/y");
    assertEquals(api, "/api/ 301 to /moved");
    assertEquals(mount, "/api/mount/ 200 page");
  },
);

boundedTest(
  "a path in no folder has rules and an upstream, and no page of an application",
  async () => {
    const targets = ["/app/a.txt", "/rule", "/none", "/app/none"];
    const redirects = [{ from: "/rule", to: "/moved" }];
    const common = { base: "/app", mounts: {}, redirects };
    assertEquals(
      await responses(targets, (url) => ({ ...common, proxy: [url] })),
      [
        "/app/a.txt 200 a.txt",
        "/rule 302 to /moved",
        "/none 200 upstream /none",
        "/app/none 200 upstream /app/none",
      ],
    );
    assertEquals(
      await responses(targets, (url) => ({ ...common, proxy: [`/x=${url}`] })),
      [
        "/app/a.txt 200 a.txt",
        "/rule 302 to /moved",
        "/none 404 none",
        "/app/none 200 index.html",
      ],
    );
  },
);

boundedTest(
  "the address, the host and the password come before rules and upstreams",
  async () => {
    const targets = ["/api/x", "/forced.txt", "/there/x", "/none"];
    const health = "/.httpserver/health";
    const closed: readonly [StaticFileOptions, number, string][] = [
      [{ allow: ["10.0.0.0/8"] }, 403, "200 ok"],
      [{ hosts: ["only.test"] }, 421, "200 ok"],
      [{ users: "a:{PLAIN}b\n" }, 401, "200 ok"],
    ];
    for (const [options, status, healthy] of closed) {
      // localhost would pass.
      const host = status === 421 ? "http://other.test" : "";
      const asked = [...targets, health].map((target) => host + target);
      const all = await responses(
        asked,
        (url) => ({ proxy: [`/api=${url}`, url], ...options }),
      );
      assertEquals(
        all.map((line) => line.slice(host.length).replace(/ page$/, "")),
        [
          ...targets.map((target) => `${target} ${status}`),
          `${health} ${healthy}`,
        ],
      );
    }
  },
);

boundedTest(
  "a path that ends in an encoded slash is left to rules and the upstream unless a folder is there",
  async () => {
    const targets = [
      "/forced.txt%2f",
      "/there/x%2F",
      "/rule%2F",
      "/listed%2F",
      "/mount%2f",
      "/index%2f",
      "/api%2f",
      "/none%2f",
      "/a/b%2f?q",
      "/.hidden%2f",
    ];
    const options = (url: string) => ({ proxy: [url], cleanUrls: false });
    assertEquals(await responses(targets, options), [
      "/forced.txt%2f 301 to /moved",
      "/there/x%2F 200 upstream /v2/x/",
      "/rule%2F 301 to /moved",
      "/listed%2F 301 to /moved",
      "/mount%2f 301 to mount/",
      "/index%2f 301 to index/",
      "/api%2f 301 to /moved",
      "/none%2f 200 upstream /none%2f",
      "/a/b%2f?q 200 upstream /a/b%2f?q",
      "/.hidden%2f 200 upstream /.hidden%2f",
    ]);
  },
);
