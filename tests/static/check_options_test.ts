// Options without a type check: read from a file, or passed from JavaScript.

import { assertThrows } from "@std/assert";
import { type StaticFileOptions, staticFiles } from "../../mod.ts";

const REFUSED: readonly [options: unknown, message: string][] = [
  [null, "they must be an object"],
  [{ user: "a:b" }, '"user" is not a known option'],
  [{ constructor: 1 }, '"constructor" is not a known option'],
  [{ dotFiles: true }, '"dotFiles" must be one of "deny", "allow"'],
  [{ dotFiles: "x" }, '"dotFiles" must be one of "deny", "allow"'],
  [
    { symlinks: "none" },
    '"symlinks" must be one of "inside", "follow", "deny"',
  ],
  [{ isolation: "foo" }, '"isolation" must be one of true, false'],
  [{ log: "Python" }, '"log" must be one of "python", "common"'],
  [{ listing: "no" }, '"listing" must be a boolean'],
  [{ compressMinSize: "1k" }, '"compressMinSize" must be a number'],
  [
    { compressMinSize: -1 },
    '"compressMinSize" must be a non-negative integer, not -1',
  ],
  [{ cacheSize: -1 }, '"cacheSize" must be a whole number of bytes'],
  [{ cacheSize: 1.5 }, '"cacheSize" must be a whole number of bytes'],
  [{ cacheSize: NaN }, '"cacheSize" must be a whole number of bytes'],
  [{ cacheSize: "64m" }, '"cacheSize" must be a whole number of bytes'],
  [{ directory: 1 }, '"directory" must be a path or a URL'],
  [{ privateFiles: "users.txt" }, '"privateFiles" must be an array of paths'],
  [{ privateFiles: [1] }, '"privateFiles" must be an array of paths'],
  [{ mounts: ["x"] }, '"mounts" must be an object'],
  [{ mounts: { "/x": 1 } }, '"/x" in "mounts" must be a path or a URL'],
  [{ mounts: { "/": "." } }, "Cannot serve two folders at the prefix"],
  [{ types: { ".a": 1 } }, '".a" in "types" must be a string'],
  [{ cors: "*" }, '"cors" must be a boolean or an object'],
  [
    { cors: { origin: "https://a.test" } },
    '"cors.origin" is not a known option',
  ],
  [
    { cors: { origins: "https://a.test" } },
    '"cors.origins" must be an array of strings',
  ],
  [{ cors: { maxAge: "1" } }, '"cors.maxAge" must be a number'],
  [{ health: "up" }, '"health" must be a boolean or a URL path that begins'],
  [{ metrics: "/m?" }, '"metrics" must be a boolean or a URL path that'],
  [
    { health: "/up", metrics: "/up" },
    '"health" and "metrics" must be different paths',
  ],
  [{ idleTimeout: 0.5 }, '"idleTimeout" must be a number of seconds, at least'],
  [{ cdnCache: "**=1" }, '"cdnCache" must be an array of strings'],
  [{ cache: "**=1" }, '"cache" must be an array of strings'],
  [{ hosts: "a.test" }, '"hosts" must be an array of strings'],
  [{ trustProxy: "127.0.0.1" }, '"trustProxy" must be an array of strings'],
  [
    { proxy: ["/api=http://a.test"], secret: "0123456789abcdef" },
    '"proxy" must not be used with "secret"',
  ],
  [
    { proxy: ["/api=http://a.test", "http://b.test"], upload: true },
    '"upload" must not be used with a "proxy" for everything; give it a path',
  ],
  [{ proxyCa: "" }, '"proxyCa" must be used with "proxy"'],
  [{ proxyTimeout: 5 }, '"proxyTimeout" must be used with "proxy"'],
  [{ realm: "x" }, '"realm" must be used with "users"'],
  [{ spa: "" }, '"spa" must be the path of a file in the directory'],
  [{ spa: "../x.html" }, '"spa" must be the path of a file in the directory'],
  [{ spa: ".secret" }, '"spa" must not be a hidden file'],
  [{ file: "a/b" }, `"file" must be the name of a file in the directory`],
  [{ file: "" }, `"file" must be the name of a file in the directory`],
  [{ file: ".." }, `"file" must be the name of a file in the directory`],
  [{ file: 1 }, '"file" must be a string'],
  [{ file: "a", spa: true }, '"file" must not be used with "spa"'],
  [{ file: "a", cleanUrls: true }, 'must not be used with "cleanUrls"'],
  [{ file: "a", archive: true }, '"file" must not be used with "archive"'],
  [{ file: ".env" }, '"file" must not be a hidden file unless'],
  [{ upload: true, file: "a" }, '"file" must not be used with "upload"'],
  [{ upload: true, live: true }, '"live" must not be used with "upload"'],
  [
    { upload: { drop: true }, errorPages: true },
    '"errorPages" must not be used with "upload"',
  ],
  [
    { upload: true, precompressed: true },
    '"precompressed" must not be used with "upload"',
  ],
  [{ spa: 1 }, '"spa" must be a boolean or a path'],
  [
    { extra_response_headers: { "X-A": "1" } },
    "must be an array of [name, value]",
  ],
  [{ extra_response_headers: ["X-A: 1"] }, "must be an array of [name, value]"],
  [{ extra_response_headers: [["X-A"]] }, "must be an array of [name, value]"],
  [{ extra_response_headers: [["X", "a\r\nb: c"]] }, "contains a line break"],
  [
    { extra_response_headers: [["Content-Length", "1"]] },
    "Content-Length must not be set",
  ],
  [
    { redirects: [{ from: "/a", to: "//b" }] },
    '"redirects[0].to" must be a path that begins with one "/", or a URL',
  ],
  [
    { redirects: [{ from: "/a", to: "/\\b" }] },
    '"redirects[0].to" must be a path that begins with one "/", or a URL',
  ],
  [
    { headers: [{ for: "x" }], rules: "cloudflare" },
    '"headers[0].for" must be a path that begins with "/"',
  ],
  [
    { headers: [{ for: "/" }, { for: "https://x.test/" }] },
    '"headers[1].for" must begin with "/" unless "rules" is "cloudflare"',
  ],
  [
    { headers: [{ for: "/", set: { "X A": "1" } }] },
    '"X A" is not a valid header name',
  ],
  [
    { headers: [{ for: "/", set: { X: "a\r\nb: c" } }] },
    "the value of X contains a line break",
  ],
  [
    { headers: [{ for: "/", set: { "content-type": "a\nb" } }] },
    "the value of content-type contains a line break",
  ],
  [
    { headers: [{ for: "/", set: { "Content-Length": "1" } }] },
    "Content-Length must not be set",
  ],
  [
    { headers: [{ for: "/", remove: ["X:"] }] },
    '"X:" is not a valid header name',
  ],
];

for (const [options, message] of REFUSED) {
  Deno.test(`staticFiles() refuses ${JSON.stringify(options)}`, () => {
    assertThrows(
      () => staticFiles(options as StaticFileOptions),
      TypeError,
      message,
    );
  });
}

Deno.test("staticFiles() treats an undefined option as missing", () => {
  const options: unknown = { users: undefined, spa: undefined };
  staticFiles(options as StaticFileOptions);
  staticFiles({ spa: ".app/index.html", dotFiles: "allow" });
  staticFiles({ upload: true, live: false, precompressed: false });
  staticFiles({
    headers: [{ for: "https://x.test/*", set: { "Content-Type": "a/b" } }],
    rules: "cloudflare",
  });
  staticFiles({ upload: false, live: true, errorPages: true });
});
