// Files that can't be read just now: 503, never 404 or anything that a cache may store, and only
// as long as the failure lasts. System calls are replaced, so that each fails
// separately.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { isUnavailable } from "../../handlers/file_stat.ts";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { PartsFile } from "../../handlers/static/representation/parts_file.ts";
import { UnchangedFile } from "../../handlers/static/representation/unchanged_file.ts";
import { inCoding, pretendLater, Quiet, site } from "./_site.ts";

const LARGE = "0123456789".repeat(40_000);

const FILES = {
  "index.html": "home",
  "a.txt": "small",
  "b.bin": LARGE,
  "c.js": "plain",
  "c.js.gz": inCoding("gzip", "plain"),
  "list/x.txt": "x",
  "404.html": "<p>own page",
};

/** Calls that access a file, and a request that needs each of them. */
const CALLS = {
  statSync: ["/a.txt", "/b.bin", "/", "/list/", "/none", "/about"],
  realPathSync: ["/a.txt", "/b.bin", "/", "/list/x.txt"],
  lstatSync: ["/a.txt", "/b.bin", "/", "/list/x.txt"],
  openSync: ["/a.txt", "/", "/list/x.txt"],
  open: ["/b.bin"],
  readDirSync: ["/list/"],
} as const;

type Call = keyof typeof CALLS;

/** Errors as Deno throws them; the last one has neither class nor code. */
const ERRORS: readonly (() => Error)[] = [
  ...[
    ["EMFILE", "Too many open files (os error 24)"],
    ["ENFILE", "Too many open files in system (os error 23)"],
    ["EIO", "Input/output error (os error 5)"],
    ["ENOMEM", "Cannot allocate memory (os error 12)"],
  ].map(([code, message]) => () => Object.assign(new Error(message), { code })),
  () =>
    Object.assign(
      new Deno.errors.TimedOut("Connection timed out (os error 110)"),
      { code: "ETIMEDOUT" },
    ),
  () => new Error("Stale file handle (os error 116)"),
];

/** Makes a call fail until it is disposed. */
function failing(
  call: Call,
  make: () => Error,
  when: (path: string) => boolean = () => true,
): Disposable {
  const api = Deno as unknown as Record<string, (path: string) => unknown>;
  const original = api[call]!;
  api[call] = (path, ...rest: unknown[]) => {
    if (!when(String(path))) {
      return (original as (...args: unknown[]) => unknown)(path, ...rest);
    }
    if (call === "open") return Promise.reject(make());
    throw make();
  };
  return {
    [Symbol.dispose]() {
      api[call] = original;
    },
  };
}

/** Only paths below a folder fail, since the runtime itself needs others. */
function below(folder: string): (path: string) => boolean {
  return (path) => path.startsWith(folder);
}

for (const [call, targets] of Object.entries(CALLS)) {
  Deno.test(`StaticFileHandler responds with 503 while ${call}() fails, and recovers`, async () => {
    const options: StaticFileOptions = {
      cleanUrls: call === "statSync",
      cache: ["**=immutable"],
      extra_response_headers: [["Cache-Control", "max-age=9"]],
    };
    for (const make of ERRORS) {
      // For a new folder, nothing is cached from earlier requests.
      await using files = await site(FILES, options);
      const { message } = make();
      for (const target of targets) {
        {
          using _failing = failing(
            call as Call,
            make,
            below(files.folder.path),
          );
          // HEAD needs no open file.
          const methods = call === "open" ? ["GET"] : ["GET", "HEAD"];
          for (const method of methods) {
            const answer = await files.ask(method, target);
            const what = `${method} ${target} ${message}`;
            assertEquals(answer.status, 503, what);
            assertEquals(answer.header("retry-after"), "1", what);
            assertEquals(answer.header("cache-control"), "no-store", what);
            assertEquals(answer.header("etag"), undefined, what);
            assertEquals(answer.header("last-modified"), undefined, what);
            assertEquals(answer.header("x-content-type-options"), "nosniff");
          }
        }
        const answer = await files.get(target);
        const missing = target === "/none" || target === "/about";
        assertEquals(answer.status, missing ? 404 : 200, target);
        if (missing) assertEquals(answer.body, "<p>own page");
      }
    }
  });
}

Deno.test("StaticFileHandler does not list a folder whose index page can't be stat'ed", async () => {
  await using files = await site(FILES);
  using _failing = failing(
    "statSync",
    ERRORS[2]!,
    (path) => path === files.folder.in("index.html"),
  );
  assertEquals((await files.get("/")).status, 503);
  assertEquals((await files.get("/list/")).status, 200);
});

Deno.test("StaticFileHandler sends the plain file while its precompressed file can't be read, and doesn't cache that", async () => {
  const accept = "Accept-Encoding: gzip";
  const calls = ["statSync", "realPathSync", "lstatSync", "openSync"] as const;
  for (const call of calls) {
    for (const make of ERRORS) {
      await using files = await site(FILES);
      {
        using _failing = failing(
          call,
          make,
          (path) => path === files.folder.in("c.js.gz"),
        );
        const answer = await files.get("/c.js", accept);
        assertEquals([answer.status, answer.body], [200, "plain"], call);
        assertEquals(answer.header("vary"), "Accept-Encoding");
      }
      const answer = await files.get("/c.js", accept);
      assertEquals(answer.header("content-encoding"), "gzip", call);
    }
  }
});

Deno.test("StaticFileHandler sends the built-in error page while its own can't be read, and doesn't cache that", async () => {
  for (const call of ["statSync", "openSync"] as const) {
    for (const make of ERRORS) {
      await using files = await site(FILES);
      {
        using _failing = failing(
          call,
          make,
          (path) => path === files.folder.in("404.html"),
        );
        const answer = await files.get("/none");
        assertEquals(answer.status, 404);
        assertMatch(answer.body, /<b>404<\/b> File not found/);
      }
      assertEquals((await files.get("/none")).body, "<p>own page");
    }
  }
});

Deno.test("StaticFileHandler responds with 404, not 503, to denied or missing files", async () => {
  const errors: (() => Error)[] = [
    () =>
      Object.assign(
        new Deno.errors.PermissionDenied("Permission denied (os error 13)"),
        { code: "EACCES" },
      ),
    () =>
      Object.assign(new Deno.errors.NotFound("No such file (os error 2)"), {
        code: "ENOENT",
      }),
    () =>
      Object.assign(new Error("File name too long (os error 36)"), {
        code: "ENAMETOOLONG",
      }),
  ];
  for (const call of ["statSync", "realPathSync", "openSync"] as const) {
    for (const make of errors) {
      await using files = await site(FILES);
      using _failing = failing(
        call,
        make,
        (path) => path === files.folder.in("a.txt"),
      );
      if (call === "openSync") {
        using _too = failing("open", make, below(files.folder.in("a.txt")));
        assertEquals((await files.get("/a.txt")).status, 404);
      } else assertEquals((await files.get("/a.txt")).status, 404);
    }
  }
});

Deno.test("StaticFileHandler logs at most one line per second while nothing can be read", async () => {
  const lines: string[] = [];
  class Logging extends Quiet {
    override log_request(): void {}
    override log_message(template: string, ...args: unknown[]): void {
      lines.push([template, ...args].join(" "));
    }
  }
  await using files = await site(FILES, {}, Logging);
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  using _failing = failing("statSync", ERRORS[0]!, below(files.folder.path));
  const began = performance.now();
  for (let count = 0; count < 30; count++) await files.get("/a.txt");
  const seconds = Math.floor((performance.now() - began) / 1_000);
  assert(lines.length >= 1 && lines.length <= seconds + 1, lines.join("\n"));
  assertMatch(lines[0]!, /Too many open files/);
});

Deno.test("StaticFileHandler closes the connection, and logs why, if a file can't be read to its end", async () => {
  const lines: string[] = [];
  class Logging extends Quiet {
    override log_request(): void {}
    override log_message(template: string, ...args: unknown[]): void {
      lines.push([template, ...args].join(" "));
    }
  }
  await using files = await site(FILES, {}, Logging);
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  const { read, readSync } = Deno.FsFile.prototype;
  let reads = 0;
  Deno.FsFile.prototype.readSync = function () {
    throw ERRORS[2]!();
  };
  Deno.FsFile.prototype.read = function (buffer) {
    return ++reads > 1 ? Promise.reject(ERRORS[2]!()) : read.call(this, buffer);
  };
  try {
    using client = await files.served.connect();
    await client.write("GET /b.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    const answer = await client.readToEnd();
    assertMatch(answer, /^HTTP\/1\.1 200 /);
    assert(answer.length < LARGE.length);
  } finally {
    Object.assign(Deno.FsFile.prototype, { read, readSync });
  }
  assertEquals(lines.length, 1);
  assertMatch(lines[0]!, /Input\/output error/);
});

Deno.test("StaticFileHandler compresses again after a file could not be read", async () => {
  const text = "text that compresses well. ".repeat(20_000);
  await using files = await site({ "a.txt": text });
  using _later = pretendLater(10_000);
  const accept = "Accept-Encoding: gzip";
  {
    using _failing = failing("open", ERRORS[0]!, below(files.folder.path));
    assertEquals((await files.get("/a.txt", accept)).status, 503);
  }
  const answer = await files.get("/a.txt", accept);
  assertEquals(
    [answer.status, answer.header("content-encoding")],
    [200, "gzip"],
  );
});

/** Errors of a file's methods without a code: Deno has none for ESTALE. */
const STALE = ERRORS.at(-1)!;

for (const method of ["seek", "read", "stat"] as const) {
  Deno.test(`StaticFileHandler treats a failing ${method}() of an open file as unavailable`, async () => {
    await using files = await site(FILES);
    const path = files.folder.in("b.bin");
    using opened = await Deno.open(path);
    const info = await opened.stat();
    const parts = new PartsFile(opened, [{ start: 5, length: 5 }]);
    using source = new UnchangedFile(parts, opened, path, info);
    const real = Deno.FsFile.prototype[method];
    Deno.FsFile.prototype[method] = (() => Promise.reject(STALE())) as never;
    try {
      const error = await assertRejects(() => source.read());
      assert(isUnavailable(error));
    } finally {
      Deno.FsFile.prototype[method] = real as never;
    }
  });
}

Deno.test("StaticFileHandler reports a file error after the head, and sends no second status", async () => {
  class Failing extends Quiet {
    override end_headers(): void {
      super.end_headers();
      if (this.response.code === 200) throw ERRORS[2]!();
    }
  }
  await using files = await site(FILES, {}, Failing);
  for (const target of ["/a.txt", "/b.bin", "/list/"]) {
    using client = await files.served.connect();
    await client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const received = await client.readToEnd();
    assertEquals(received.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 200"], target);
    assert(!received.includes("Retry-After"), target);
  }
});
