// Responses that are sent again: they equal the first one, and nothing that has changed gets one.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { cacheBudget } from "../../cache/shared_budget.ts";
import { StaticFileHandler } from "../../handlers/static/mod.ts";
import { prepared } from "../../handlers/static/prepared.ts";
import { partial } from "../../handlers/partial.ts";
import { HTTPMessage } from "../../parser/headers.ts";
import { type Answer, type Client, serve } from "../_serve.ts";
import { boundedTest } from "../_lib/bounded.ts";
import {
  countLooks,
  pretendLater,
  Quiet,
  SIBLINGS,
  type Site,
  site,
} from "./_site.ts";

/** A request on a connection that stays open, so that the same head can come again. */
async function ask(
  client: Client,
  target: string,
  fields: readonly string[] = [],
  method = "GET",
): Promise<Answer> {
  const lines = [`${method} ${target} HTTP/1.1`, "Host: a", ...fields, "", ""];
  await client.write(lines.join("\r\n"));
  return await client.answer(method);
}

/** Counts how many responses were made by the hooks, and not sent again. */
function countMade(): Disposable & { readonly count: number } {
  const ours = StaticFileHandler.prototype;
  const { send_head } = ours;
  let count = 0;
  ours.send_head = function () {
    count++;
    return send_head.call(this);
  };
  return {
    get count() {
      return count;
    },
    [Symbol.dispose]() {
      ours.send_head = send_head;
    },
  };
}

const REQUESTS: readonly (readonly [
  target: string,
  status: number,
  fields?: readonly string[],
  method?: string,
])[] = [
  ["/a.txt", 200],
  ["/a.txt?x=1", 200],
  ["/a.txt", 200, [], "HEAD"],
  ["/a.txt", 206, ["Range: bytes=1-2"]],
  ["/a.txt", 206, ["Range: bytes=0-0,2-2"]],
  ["/a.txt", 416, ["Range: bytes=9-"]],
  ["/a.txt", 304, ["If-Modified-Since: Fri, 01 Mar 2024 12:00:00 GMT"]],
  ["/a.txt", 412, ["If-Unmodified-Since: Fri, 01 Mar 2023 12:00:00 GMT"]],
  ["/a.txt", 200, ["Origin: https://b.test"]],
  ["/a.js", 200, ["Accept-Encoding: br"]],
  ["/a.js", 200, ["Accept-Encoding: gzip"]],
  ["/a.js", 200],
  ["/sub/", 200],
  ["/sub", 301],
  ["/missing", 404],
  ["/missing", 404, [], "HEAD"],
  ["/.env", 404],
  ["/../a.txt", 200],
];

for (const options of [{}, { cors: true }, { cleanUrls: true, spa: true }]) {
  boundedTest(
    `a response that is sent again equals the first, with ${
      JSON.stringify(options)
    }`,
    async () => {
      using _later = pretendLater(60_000);
      await using files = await site({
        "a.txt": "abc",
        "sub/index.html": "<p>",
        "index.html": "<p>",
        ".env": "secret",
        "404.html": "gone",
        ...SIBLINGS,
      }, options);
      using client = await files.served.connect();
      for (const [target, status, fields, method] of REQUESTS) {
        const first = await ask(client, target, fields, method);
        assertEquals(first.status, status, `${target} ${fields}`);
        for (let times = 0; times < 3; times++) {
          const { fields: own, ...rest } = await ask(
            client,
            target,
            fields,
            method,
          );
          assertEquals(withoutDate(own), withoutDate(first.fields), target);
          assertEquals(
            [rest.status, rest.reason, withoutBoundary(rest.body)],
            [first.status, first.reason, withoutBoundary(first.body)],
            target,
          );
        }
      }
    },
  );
}

function withoutDate(fields: readonly string[]): string[] {
  return fields.filter((field) => !field.startsWith("Date: "))
    .map(withoutBoundary);
}

function withoutBoundary(text: string): string {
  return text.replace(/boundary=.*|--[\w-]{20,}/g, "");
}

boundedTest(
  "StaticFileHandler makes a response once, and sends it again with one look at its file",
  async () => {
    using _later = pretendLater(60_000);
    await using files = await site({ "a.txt": "abc" });
    using client = await files.served.connect();
    // The first request reads the file, and the second one finds it in the cache.
    for (let times = 0; times < 2; times++) await ask(client, "/a.txt");
    using made = countMade();
    using looks = countLooks();
    for (let times = 0; times < 20; times++) {
      assertEquals((await ask(client, "/a.txt")).body, "abc");
    }
    assertEquals([made.count, looks.count], [0, 20]);
  },
);

boundedTest(
  "StaticFileHandler sends a prepared response with the present date",
  async () => {
    await using files = await site({ "a.txt": "abc" });
    using client = await files.served.connect();
    const dates: string[] = [];
    for (const later of [60_000, 60_000, 61_000]) {
      using _later = pretendLater(later);
      dates.push((await ask(client, "/a.txt")).header("date")!);
    }
    assertNotEquals(dates[1], dates[2]);
  },
);

boundedTest("StaticFileHandler logs each prepared response", async () => {
  const lines: string[] = [];
  class Logging extends StaticFileHandler {
    override log_message(template: string, ...args: unknown[]): void {
      lines.push(`${template} ${args}`);
    }
  }
  using _later = pretendLater(60_000);
  await using files = await site({ "a.txt": "abc" }, {}, Logging);
  using client = await files.served.connect();
  for (let times = 0; times < 4; times++) await ask(client, "/a.txt");
  assertEquals(new Set(lines).size, 1);
  assertEquals(lines.length, 4);
  lines.length = 0;
  for (let times = 0; times < 4; times++) await ask(client, "/missing");
  assertEquals(new Set(lines).size, 2);
  assertEquals(lines.length, 8);
});

/** How a file can change so that a client must not get what was sent before. */
const CHANGES: Readonly<Record<string, (path: string) => Promise<void>>> = {
  "other content": (path) => Deno.writeTextFile(path, "changed"),
  "content of the same size, with the time set back": async (path) => {
    const { mtime } = await Deno.stat(path);
    await Deno.writeTextFile(path, "xyz");
    await Deno.utime(path, mtime!, mtime!);
  },
  "another file renamed over it": async (path) => {
    const { mtime } = await Deno.stat(path);
    await Deno.writeTextFile(`${path}.new`, "xyz");
    await Deno.utime(`${path}.new`, mtime!, mtime!);
    await Deno.rename(`${path}.new`, path);
  },
  "no file": (path) => Deno.remove(path),
  "a folder": async (path) => {
    await Deno.remove(path);
    await Deno.mkdir(path);
  },
  "a symlink out of the folder": async (path) => {
    await Deno.remove(path);
    await Deno.symlink("/etc/hostname", path);
  },
};

boundedTest(
  "StaticFileHandler never sends a prepared response for a file that has changed",
  async () => {
    const names = Object.keys(CHANGES).map((_, at) => `${at}.txt`);
    await using files = await site(
      Object.fromEntries(names.map((name) => [name, "abc"])),
    );
    // A recent change is not cached, and the time of the last change of any kind can't be set.
    await new Promise((resolve) => setTimeout(resolve, 2_700));
    using client = await files.served.connect();
    for (const [at, [change, apply]] of Object.entries(CHANGES).entries()) {
      const target = `/${names[at]}`;
      for (let times = 0; times < 3; times++) {
        assertEquals((await ask(client, target)).body, "abc");
      }
      await apply(files.folder.in(names[at]!));
      const { status, body } = await ask(client, target);
      assertNotEquals([status, body], [200, "abc"], change);
    }
  },
);

boundedTest(
  "StaticFileHandler sends a file that was missing as soon as it is there",
  async () => {
    using _later = pretendLater(60_000);
    await using files = await site({});
    using client = await files.served.connect();
    for (let times = 0; times < 3; times++) {
      assertEquals((await ask(client, "/new.txt")).status, 404);
    }
    await Deno.writeTextFile(files.folder.in("new.txt"), "abc");
    assertEquals((await ask(client, "/new.txt")).body, "abc");
  },
);

/** Changes of a handler before it responds, each of which must show in the response. */
const FIELDS: Readonly<Record<string, (handler: StaticFileHandler) => void>> = {
  server_version: (handler) => handler.server_version = "Other/1",
  sys_version: (handler) => handler.sys_version = "Other",
  extra_response_headers: (handler) =>
    handler.extra_response_headers = [["X-A", "b"]],
  extensions_map: (handler) => handler.extensions_map = { ".txt": "a/b" },
  responses: (handler) => handler.responses = { 200: ["Fine", ""] },
  path: (handler) => handler.path = "/b.txt",
  "headers, another object": (handler) =>
    handler.headers = new handler.MessageClass([["Range", "bytes=0-0"]]),
  "headers, a field added": (handler) =>
    handler.headers.add_header("Range", "bytes=0-0"),
  close_connection: (handler) => handler.close_connection = true,
  "send_header, a field": (handler) => {
    const { send_header } = handler;
    handler.send_header = function (name, value) {
      send_header.call(this, name, name === "ETag" ? '"own"' : value);
    };
  },
  "end_headers, a field": (handler) => {
    const { end_headers } = handler;
    handler.end_headers = function () {
      this.send_header("X-Own", "1");
      end_headers.call(this);
    };
  },
};

for (const [name, change] of Object.entries(FIELDS)) {
  boundedTest(
    `StaticFileHandler sends no prepared response after a change of ${name}`,
    async () => {
      let changed = false;
      class Changing extends Quiet {
        override do_GET() {
          if (changed) change(this);
          return super.do_GET();
        }
      }
      using _later = pretendLater(60_000);
      await using files = await site(
        { "a.txt": "abc", "b.txt": "other" },
        {},
        Changing,
      );
      using client = await files.served.connect();
      for (let times = 0; times < 3; times++) await ask(client, "/a.txt");
      const before = await ask(client, "/a.txt");
      changed = true;
      const after = await ask(client, "/a.txt");
      assertNotEquals(
        [after.status, after.reason, withoutDate(after.fields), after.body],
        [before.status, before.reason, withoutDate(before.fields), before.body],
      );
    },
  );
}

boundedTest(
  "StaticFileHandler prepares nothing for requests with credentials, or for a site with a password",
  async () => {
    using _later = pretendLater(60_000);
    const cases: [Site, string][] = [
      [await site({ "a.txt": "abc" }), "Cookie: session=1"],
      [await site({ "a.txt": "abc" }), "Authorization: Basic YTpi"],
      [await site({ "a.txt": "abc" }, { users: "a:b" }), "X: y"],
    ];
    for (const [files, field] of cases) {
      await using _files = files;
      using client = await files.served.connect();
      using made = countMade();
      for (let times = 0; times < 4; times++) {
        await ask(client, "/a.txt", [field]);
      }
      assertEquals(made.count, 4, field);
    }
  },
);

boundedTest(
  "StaticFileHandler keeps prepared responses within the budget of all caches",
  async () => {
    cacheBudget.max = 32 * 1024 * 1024;
    using _later = pretendLater(60_000);
    await using files = await site({ "a.bin": "x".repeat(200_000) });
    using client = await files.served.connect();
    for (let n = 0; n < 300; n++) {
      await ask(client, `/a.bin?${n}`);
    }
    assert(cacheBudget.total <= cacheBudget.max, `${cacheBudget.total} bytes`);
    assert(prepared.size > 10, `${prepared.size} responses`);
  },
);

boundedTest(
  "StaticFileHandler responds with its own 503 if the file of a prepared response can't be stat'ed",
  async () => {
    using _later = pretendLater(60_000);
    await using files = await site({ "a.txt": "abc" });
    using client = await files.served.connect();
    for (let times = 0; times < 3; times++) await ask(client, "/a.txt");
    {
      using _failing = failingStat(files.folder.in("a.txt"));
      const { status, header } = await ask(client, "/a.txt");
      assertEquals([status, header("cache-control")], [503, "no-store"]);
    }
    using again = await files.served.connect();
    assertEquals((await ask(again, "/a.txt")).body, "abc");
  },
);

/** Makes `Deno.statSync()` fail for one path. */
function failingStat(failing: string): Disposable {
  const { statSync } = Deno;
  Deno.statSync = (path) => {
    if (path !== failing) return statSync(path);
    const message = "Too many open files (os error 24)";
    throw Object.assign(new Error(message), { code: "EMFILE" });
  };
  return {
    [Symbol.dispose]() {
      Deno.statSync = statSync;
    },
  };
}

boundedTest(
  "StaticFileHandler repeats the redirect of a directory",
  async () => {
    using _later = pretendLater(60_000);
    await using files = await site({ "sub/index.html": "<p>" });
    using client = await files.served.connect();
    for (let times = 0; times < 2; times++) await ask(client, "/sub");
    using made = countMade();
    assertEquals((await ask(client, "/sub")).status, 301);
    assertEquals(made.count, 0);
  },
);

boundedTest(
  "StaticFileHandler sends no prepared response after a handler's own",
  async () => {
    class Blocking extends Quiet {
      static blocked = false;
      override do_GET() {
        if (Blocking.blocked) {
          this.send_response(403);
          this.send_header("Content-Length", "0");
          this.end_headers();
        }
        return super.do_GET();
      }
    }
    using _later = pretendLater(60_000);
    await using files = await site({ "a.txt": "secret" }, {}, Blocking);
    using client = await files.served.connect();
    for (let times = 0; times < 3; times++) await ask(client, "/a.txt");
    Blocking.blocked = true;
    await client.write("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    const all = await client.readToEnd();
    assert(all.startsWith("HTTP/1.1 403 "), all);
    assert(!all.includes("secret"), all);
    assertEquals(files.served.takeErrors().length, 1);
  },
);

boundedTest(
  "StaticFileHandler shares no prepared response with a class that reads the fields otherwise",
  async () => {
    class Deaf extends HTTPMessage {
      static override fromBlock(block: string): HTTPMessage {
        return super.fromBlock(block.replace(/^Accept-Encoding:.*\r\n/m, ""));
      }
    }
    class Hiding extends Quiet {
      override MessageClass = Deaf;
    }
    using _later = pretendLater(60_000);
    await using files = await site({ ...SIBLINGS });
    const options = { directory: files.folder.path };
    await using hiding = serve(partial(Hiding, options));
    await using plain = serve(partial(Quiet, options));
    using deaf = await hiding.connect();
    using hearing = await plain.connect();
    for (let times = 0; times < 4; times++) {
      const fields = ["Accept-Encoding: gzip"];
      const own = await ask(deaf, "/a.js", fields);
      const other = await ask(hearing, "/a.js", fields);
      assertEquals(own.header("content-encoding"), undefined);
      assertEquals(other.header("content-encoding"), "gzip");
    }
  },
);
