// The common parts of all responses of a site, on the wire: fields, access and methods.

import { assertEquals, assertMatch } from "@std/assert";
import { names, Quiet, site } from "./_site.ts";

const TARGETS = ["/a.txt", "/", "/sub", "/none"];

Deno.test("every response has X-Content-Type-Options: nosniff", async () => {
  await using files = await site({ "a.txt": "a", "sub/": "" });
  for (const target of TARGETS) {
    const answer = await files.get(target);
    assertEquals(answer.header("x-content-type-options"), "nosniff", target);
  }
});

Deno.test("security and isolation add their fields to every response, each once", async () => {
  await using files = await site({ "a.txt": "a", "sub/": "" }, {
    security: true,
    isolation: true,
  });
  for (const target of TARGETS) {
    const answer = await files.get(target);
    const all = names(answer).map((name) => name.toLowerCase());
    for (
      const name of [
        "x-content-type-options",
        "referrer-policy",
        "x-frame-options",
        "cross-origin-opener-policy",
        "cross-origin-embedder-policy",
      ]
    ) {
      assertEquals(all.filter((other) => other === name).length, 1, name);
    }
  }
});

Deno.test("extra_response_headers and cache apply only to files and listings", async () => {
  await using files = await site({ "a.txt": "a", "b.css": "b", "sub/": "" }, {
    extra_response_headers: [["X-A", "1"], ["X-A", "2"]],
    cache: ["*.css=immutable", "**=no-store"],
  });
  const file = await files.get("/a.txt");
  assertEquals(names(file).filter((name) => name === "X-A").length, 2);
  assertEquals(file.header("cache-control"), "no-store");
  assertEquals(
    (await files.get("/b.css")).header("cache-control"),
    "public, max-age=31536000, immutable",
  );
  assertEquals(names(await files.get("/")).includes("X-A"), true);
  for (const target of ["/sub", "/none"]) {
    const answer = await files.get(target);
    assertEquals(answer.header("x-a"), undefined, target);
    assertEquals(answer.header("cache-control"), undefined, target);
  }
});

Deno.test("cors lets pages of all origins read everything, including errors", async () => {
  await using files = await site({ "a.txt": "a", "sub/": "" }, { cors: true });
  for (const target of TARGETS) {
    const answer = await files.get(target, "Origin: https://a.test");
    assertEquals(answer.header("access-control-allow-origin"), "*", target);
  }
  const preflight = await files.ask(
    "OPTIONS",
    "/a.txt",
    "Origin: https://a.test",
    "Access-Control-Request-Method: GET",
    "Access-Control-Request-Headers: X-B, Range",
  );
  assertEquals([preflight.status, preflight.body], [204, ""]);
  assertEquals(
    preflight.header("access-control-allow-headers"),
    "X-B, Range",
  );
  assertEquals(preflight.header("access-control-max-age"), "600");
});

Deno.test("cdnCache sends CDN-Cache-Control with files and their 304, beside Cache-Control", async () => {
  await using files = await site({ "a.css": "a", "folder/": "" }, {
    cache: ["**=no-cache"],
    cdnCache: ["*.css=max-age=60, stale-while-revalidate=30"],
  });
  const file = await files.get("/a.css");
  assertEquals(file.header("cache-control"), "no-cache");
  assertEquals(
    file.header("cdn-cache-control"),
    "max-age=60, stale-while-revalidate=30",
  );
  const same = await files.get(
    "/a.css",
    `If-None-Match: ${file.header("etag")}`,
  );
  assertEquals(same.status, 304);
  assertEquals(
    same.header("cdn-cache-control"),
    file.header("cdn-cache-control"),
  );
  for (const target of ["/none.css", "/folder/"]) {
    const answer = await files.get(target);
    assertEquals(answer.header("cdn-cache-control"), undefined, target);
  }
});

Deno.test("cors with origins lets those read, and sends Vary for caches", async () => {
  await using files = await site({ "a.txt": "a" }, {
    cors: { origins: ["https://a.test"], credentials: true },
  });
  const allowed = await files.get("/a.txt", "Origin: https://a.test");
  assertEquals(
    allowed.header("access-control-allow-origin"),
    "https://a.test",
  );
  assertEquals(allowed.header("access-control-allow-credentials"), "true");
  for (const origin of ["Origin: https://b.test", "Origin: null", "X-No: o"]) {
    const other = await files.get("/a.txt", origin);
    assertEquals(other.header("access-control-allow-origin"), undefined);
    assertEquals(other.header("vary"), "Accept-Encoding, Origin");
  }
  assertEquals(
    (await files.get("/none", "Origin: https://b.test")).header("vary"),
    "Origin",
  );
});

Deno.test("users requires a password, and accepts only the right one", async () => {
  await using files = await site({ "a.txt": "a", "404.html": "secret" }, {
    users: "ada:love:lace\nbob:{PLAIN}x",
    realm: "Notes",
    cors: true,
  });
  const basic = (pair: string) => `Authorization: Basic ${btoa(pair)}`;
  for (
    const field of [
      "X-No: o",
      basic("ada:wrong"),
      basic("ada"),
      basic("eve:love:lace"),
      "Authorization: Basic !!!",
      "Authorization: Bearer abc",
      "Authorization: Basic",
      `Authorization: Basic ${"A".repeat(5_000)}`,
    ]
  ) {
    for (const target of ["/a.txt", "/none", "/"]) {
      const answer = await files.get(target, field);
      assertEquals(answer.status, 401, field);
      assertEquals(
        answer.header("www-authenticate"),
        'Basic realm="Notes", charset="UTF-8"',
      );
      assertEquals(answer.body.includes("secret"), false);
    }
  }
  assertEquals((await files.get("/a.txt", basic("ada:love:lace"))).body, "a");
  assertEquals((await files.get("/a.txt", basic("bob:x"))).body, "a");
  // Browsers send no password with a preflight.
  const preflight = await files.ask(
    "OPTIONS",
    "/a.txt",
    "Origin: https://a.test",
    "Access-Control-Request-Method: GET",
  );
  assertEquals(preflight.status, 204);
});

Deno.test("hosts allows the given names, addresses and localhost", async () => {
  await using files = await site({ "a.txt": "a" }, { hosts: ["box.test"] });
  const ask = (host: string) =>
    files.served.ask(
      `GET /a.txt HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
  for (const host of ["box.test", "BOX.test:80", "127.0.0.1", "localhost"]) {
    assertEquals((await ask(host)).status, 200, host);
  }
  for (const host of ["evil.test", "box.test.evil.test", "xbox.test"]) {
    assertEquals((await ask(host)).status, 421, host);
  }
});

Deno.test("StaticFileHandler lists its methods, and rejects methods that write", async () => {
  await using files = await site({ "a.txt": "a" });
  const options = await files.ask("OPTIONS", "/a.txt");
  assertEquals([options.status, options.header("allow")], [
    204,
    "GET, HEAD, OPTIONS",
  ]);
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    const answer = await files.ask(method, "/a.txt");
    assertEquals([answer.status, answer.header("allow")], [
      405,
      "GET, HEAD, OPTIONS",
    ]);
  }
  assertEquals((await files.ask("BREW", "/a.txt")).status, 501);
});

Deno.test("nothing of one response affects the next one of a connection", async () => {
  await using files = await site({ "a.txt": "a", "b.bin": "b" }, {
    users: "ada:x",
    errorPages: false,
  });
  using client = await files.served.connect();
  const ask = async (target: string, ...fields: string[]) => {
    await client.write(
      [`GET ${target} HTTP/1.1`, "Host: a", ...fields, "", ""].join("\r\n"),
    );
    return await client.answer();
  };
  const user = `Authorization: Basic ${btoa("ada:x")}`;
  assertEquals((await ask("/a.txt", user)).header("vary"), "Accept-Encoding");
  const second = await ask("/b.bin", user);
  assertEquals(second.header("vary"), undefined);
  const third = await ask("/b.bin");
  assertEquals(third.status, 401);
  assertMatch(third.header("www-authenticate")!, /^Basic /);
});

Deno.test("types and default_content_type set the types of names", async () => {
  await using files = await site({ "a.foo": "a", "b": "b", "c.mjs": "c" }, {
    types: { foo: "text/x-foo" },
    default_content_type: "text/x-none",
  });
  const type = async (target: string) =>
    (await files.get(target)).header("content-type");
  assertEquals(await type("/a.foo"), "text/x-foo");
  assertEquals(await type("/b"), "text/x-none");
  assertEquals(await type("/c.mjs"), "text/javascript; charset=utf-8");
});

/** Fails for one path. */
class Failing extends Quiet {
  override send_head(): ReturnType<Quiet["send_head"]> {
    if (this.path !== "/503") return super.send_head();
    this.send_error(503);
    return null;
  }
}

Deno.test("50x.html is the page for server errors, with its fields, and on HEAD without its body", async () => {
  await using files = await site(
    { "50x.html": "<p>broken", "a.txt": "a" },
    { cors: true, security: true },
    Failing,
  );
  for (const method of ["GET", "HEAD"]) {
    const answer = await files.ask(method, "/503");
    assertEquals(answer.status, 503);
    assertEquals(answer.body, method === "HEAD" ? "" : "<p>broken");
    assertEquals(answer.header("content-length"), "9");
    assertEquals(answer.header("access-control-allow-origin"), "*");
    assertEquals(answer.header("x-content-type-options"), "nosniff");
    assertEquals(answer.header("connection"), "close");
  }
  // It is not used for client errors.
  assertEquals(
    (await files.ask("POST", "/503")).body.includes("broken"),
    false,
  );
  assertEquals((await files.get("/none")).body.includes("broken"), false);
});

Deno.test("cors with origins sends Vary with redirects and 304 too", async () => {
  await using files = await site({ "a.txt": "a", "sub/": "" }, {
    cors: { origins: ["https://a.test"] },
  });
  const moved = await files.get("/sub", "Origin: https://a.test");
  assertEquals([moved.status, moved.header("vary")], [301, "Origin"]);
  const tag = (await files.get("/a.txt")).header("etag");
  const same = await files.get(
    "/a.txt",
    `If-None-Match: ${tag}`,
    "Origin: https://a.test",
  );
  assertEquals([same.status, same.header("vary")], [
    304,
    "Accept-Encoding, Origin",
  ]);
  assertEquals(
    same.header("access-control-allow-origin"),
    "https://a.test",
  );
});

Deno.test("a field of the user's replaces the server's own of that name, and Vary is merged", async () => {
  await using files = await site({ "a.txt": "a", "sub/": "" }, {
    extra_response_headers: [
      ["cache-control", "max-age=60"],
      ["X-Content-Type-Options", "none"],
      ["X-Frame-Options", "DENY"],
      ["Access-Control-Allow-Origin", "https://a.test"],
      ["Vary", "Cookie"],
    ],
    cache: ["**=no-store"],
    cors: true,
    security: true,
  });
  for (const target of ["/a.txt", "/"]) {
    const answer = await files.get(target);
    // Two CSP fields are both in force: the listing's, and that for frames.
    const all = names(answer).map((name) => name.toLowerCase())
      .filter((name) => name !== "content-security-policy");
    assertEquals(new Set(all).size, all.length, target);
    assertEquals(answer.header("cache-control"), "max-age=60");
    assertEquals(answer.header("x-content-type-options"), "none");
    assertEquals(answer.header("x-frame-options"), "DENY");
    assertEquals(
      answer.header("access-control-allow-origin"),
      "https://a.test",
    );
    assertMatch(answer.header("vary")!, /^Accept[^,]*, Cookie$/);
  }
  // Errors and redirects have the server's own.
  for (const target of ["/none", "/sub"]) {
    const answer = await files.get(target);
    assertEquals(answer.header("x-frame-options"), "SAMEORIGIN");
    assertEquals(answer.header("access-control-allow-origin"), "*");
  }
});

Deno.test("a 304 has the user's fields that caches need", async () => {
  await using files = await site({ "a.txt": "a" }, {
    extra_response_headers: [
      ["Cache-Control", "max-age=60"],
      ["Expires", "0"],
      ["Content-Location", "/a.txt"],
      ["Vary", "Cookie"],
      ["X-A", "1"],
    ],
  });
  const answer = await files.get("/a.txt", "If-None-Match: *");
  assertEquals(answer.status, 304);
  assertEquals(answer.header("cache-control"), "max-age=60");
  assertEquals(answer.header("expires"), "0");
  assertEquals(answer.header("content-location"), "/a.txt");
  assertEquals(answer.header("vary"), "Accept-Encoding, Cookie");
  assertEquals(answer.header("x-a"), undefined);
});

Deno.test("hosts checks the host of a target in absolute form instead of Host", async () => {
  await using files = await site({ "a.txt": "a" }, { hosts: ["box.test"] });
  const ask = async (target: string, host: string) =>
    (await files.served.ask(
      `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    )).status;
  assertEquals(await ask("http://evil.test/a.txt", "box.test"), 421);
  assertEquals(await ask("http://box.test:8000/a.txt", "evil.test"), 200);
  assertEquals(await ask("http://box.test@evil.test/a.txt", "box.test"), 400);
  assertEquals(await ask("/a.txt", "evil.test"), 421);
  assertEquals(await ask("/a.txt", "box.test"), 200);
});
