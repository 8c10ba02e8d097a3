// Files that change while they are served, before or after they are opened. A response never
// mixes states of a file, and its head matches its body.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { encodeLatin1 } from "../../text/latin1.ts";
import { inCoding, Quiet, type Site, site } from "./_site.ts";

/** Read into memory. */
const SMALL = "0123456789";

/** Read from disk. */
const LARGE = SMALL.repeat(40_000);

const SECRET = "not to be seen";

/** Serves `a.txt`, which changes just after it was looked up. */
async function served(
  content: string,
  happens: (path: string) => void,
  options: StaticFileOptions = {},
): Promise<Site> {
  let path = "";
  class Changing extends Quiet {
    override guess_type(asked: string): string {
      // Once: afterwards the file stays the same.
      if (path !== "") happens(path);
      path = "";
      return super.guess_type(asked);
    }
  }
  const files = await site({ "a.txt": content }, options, Changing);
  path = files.folder.in("a.txt");
  return files;
}

/** Changes of a file, and its content afterwards. */
const EVENTS: Readonly<
  Record<string, readonly [event: (path: string) => void, then?: string]>
> = {
  "has grown": [
    (path) => Deno.writeTextFileSync(path, LARGE + "more"),
    LARGE + "more",
  ],
  "was cut": [(path) => Deno.truncateSync(path, 5), "01234"],
  "was emptied": [(path) => Deno.truncateSync(path, 0), ""],
  "was rewritten with as many bytes": [
    (path) => {
      const { size } = Deno.statSync(path);
      Deno.writeTextFileSync(path, "x".repeat(size));
    },
  ],
  "was replaced": [
    (path) => {
      Deno.writeTextFileSync(path + ".new", "replaced");
      Deno.renameSync(path + ".new", path);
    },
    "replaced",
  ],
};

for (const [kind, content] of [["small", SMALL], ["large", LARGE]] as const) {
  for (const [event, [happens, then]] of Object.entries(EVENTS)) {
    Deno.test(`StaticFileHandler sends the current content when a ${kind} file ${event} just before it is opened`, async () => {
      const now = then ?? "x".repeat(content.length);
      for (const fields of [[], ["Accept-Encoding: gzip"]]) {
        await using files = await served(content, happens);
        const answer = await files.get("/a.txt", ...fields);
        assertEquals(answer.status, 200);
        assert(answer.body === now);
        // A changing file is not compressed.
        assertEquals(answer.header("content-encoding"), undefined);
        // Its validator is of the new state: a hash of the content, if that is in memory.
        const small = now.length <= 256 * 1024;
        assertMatch(answer.header("etag")!, small ? /^"\w{32}"$/ : /-at-/);
      }
      await using files = await served(content, happens);
      const part = await files.get("/a.txt", "Range: bytes=1-3");
      assertEquals(part.body, now === "" ? "" : now.slice(1, 4));
    });
  }

  Deno.test(`StaticFileHandler responds with 404 when a ${kind} file is removed just before it is opened`, async () => {
    await using files = await served(content, (path) => Deno.removeSync(path));
    assertEquals((await files.get("/a.txt")).status, 404);
  });

  Deno.test(`StaticFileHandler responds with 404 when a ${kind} file becomes a folder just before it is opened`, async () => {
    await using files = await served(content, (path) => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    });
    assertEquals((await files.get("/a.txt")).status, 404);
  });

  for (const symlinks of ["inside", "deny"] as const) {
    Deno.test(`StaticFileHandler doesn't follow a symlink to the outside that replaces a ${kind} file just before it is opened, with symlinks: "${symlinks}"`, async () => {
      await using outside = await site({ "secret": SECRET.repeat(5_000) });
      const turn = (path: string) => {
        Deno.removeSync(path);
        Deno.symlinkSync(outside.folder.in("secret"), path);
      };
      for (const field of ["X-A: b", "Range: bytes=0-5"]) {
        await using files = await served(content, turn, { symlinks });
        const answer = await files.get("/a.txt", field);
        assertEquals(answer.status, 404);
        assert(!answer.body.includes(SECRET));
      }
    });
  }
}

Deno.test("StaticFileHandler evaluates the preconditions again for the current state of a file", async () => {
  const rewrite = (path: string) => Deno.writeTextFileSync(path, "changed");
  for (
    const [status, ...fields] of [
      [200, 'If-None-Match: "10-1709294400000-1"'],
      [416, "Range: bytes=8-"],
      [304, "If-None-Match: *"],
    ] as const
  ) {
    await using files = await served(SMALL, rewrite);
    const answer = await files.get("/a.txt", ...fields);
    assertEquals(answer.status, status);
  }
});

Deno.test("StaticFileHandler responds while a file is constantly written to", async () => {
  await using files = await site({ "a.log": LARGE });
  using log = await Deno.open(files.folder.in("a.log"), { append: true });
  const line = encodeLatin1("one more line\n");
  let running = true;
  const writing = (async () => {
    while (running) await log.write(line);
  })();
  for (let count = 0; count < 200; count++) {
    const answer = await files.get("/a.log");
    assertEquals(answer.status, 200);
    assertEquals(answer.header("content-length"), String(answer.body.length));
  }
  running = false;
  await writing;
});

Deno.test("StaticFileHandler closes the connection when a file is truncated while it is sent", async () => {
  const size = 64 * 1024 * 1024;
  for (const range of ["bytes=0-", `bytes=1-${size - 2}`]) {
    await using files = await site({ "a.bin": "" });
    await Deno.truncate(files.folder.in("a.bin"), size);
    await files.age("a.bin");
    using client = await files.served.connect();
    await client.write(
      `GET /a.bin HTTP/1.1\r\nHost: a\r\nRange: ${range}\r\n\r\n`,
    );
    await client.readUntil("\r\n\r\n");
    await Deno.truncate(files.folder.in("a.bin"), 1_000_000);
    // It neither waits for the missing bytes nor sends others instead.
    const body = await client.readToEnd();
    assert(body.length < size - 2);
  }
});

Deno.test("StaticFileHandler sends no more than the announced size of a growing file", async () => {
  const size = 16 * 1024 * 1024;
  await using files = await site({ "a.bin": "" });
  await Deno.truncate(files.folder.in("a.bin"), size);
  using client = await files.served.connect();
  const request = "GET /a.bin HTTP/1.1\r\nHost: a\r\n\r\n";
  await client.write(request);
  await client.readUntil("\r\n\r\n");
  await Deno.truncate(files.folder.in("a.bin"), 2 * size);
  await client.read(size);
  // The next response begins right there.
  await client.write(
    request.replace("Host", "Connection: close\r\nRange: bytes=0-1\r\nHost"),
  );
  const next = await client.answer();
  assertEquals([next.status, next.body], [206, "\0\0"]);
});

Deno.test("StaticFileHandler sends a file while its precompressed file is created and removed", async () => {
  await using files = await site({ "a.js": "plain" });
  const path = files.folder.in("a.js.gz");
  const gzipped = inCoding("gzip", "plain");
  let running = true;
  const turning = (async () => {
    while (running) {
      await Deno.writeFile(path + ".new", encodeLatin1(gzipped));
      await files.age("a.js.gz.new", new Date("2024-06-01T00:00:00Z"));
      await Deno.rename(path + ".new", path);
      await Deno.remove(path);
    }
  })();
  const seen = new Set<string>();
  for (let count = 0; count < 300; count++) {
    const answer = await files.get("/a.js", "Accept-Encoding: gzip");
    seen.add(
      `${answer.status} ${answer.header("content-encoding")} ${answer.body}`,
    );
  }
  running = false;
  await turning;
  const allowed = [`200 gzip ${gzipped}`, "200 undefined plain"];
  assertEquals([...seen].filter((form) => !allowed.includes(form)), []);
});

Deno.test("StaticFileHandler never sends stale content of a file that keeps its size and time", async () => {
  await using files = await site({});
  const name = files.folder.in("a.html");
  const old = new Date(1e12);
  const write = async (text: string) => {
    await Deno.writeTextFile(name, text.repeat(3_000));
    await Deno.utime(name, old, old);
  };
  await write("a");
  const first = await files.get("/a.html", "Accept-Encoding: gzip");
  const text = async (answer: { body: string }) =>
    await new Response(
      new Blob([encodeLatin1(answer.body) as BlobPart]).stream().pipeThrough(
        new DecompressionStream("gzip"),
      ),
    ).text();
  assertEquals(await text(first), "a".repeat(3_000));
  await write("b");
  const second = await files.get("/a.html", "Accept-Encoding: gzip");
  assertEquals(await text(second), "b".repeat(3_000));
  assertEquals((await files.get("/a.html")).body, "b".repeat(3_000));
});

Deno.test("StaticFileHandler finds a file that is saved by renaming again and again", async () => {
  await using files = await site({ "a.txt": "a" });
  const saving = new Worker(
    "data:text/javascript," + encodeURIComponent(`
      const name = ${JSON.stringify(files.folder.in("a.txt"))};
      const pause = new Int32Array(new SharedArrayBuffer(4));
      for (let n = 0; n < 500; n++) {
        Deno.writeTextFileSync(name + ".tmp", "x".repeat(100 + n));
        Deno.renameSync(name + ".tmp", name);
        Atomics.wait(pause, 0, 0, 1);
      }
      postMessage("done");`),
    { type: "module" },
  );
  let done = false;
  const ended = new Promise<void>((resolve) => {
    saving.onmessage = () => {
      done = true;
      resolve();
    };
  });
  const statuses = new Set<number>();
  while (!done) statuses.add((await files.get("/a.txt")).status);
  await ended;
  saving.terminate();
  assertEquals(statuses, new Set([200]));
});
