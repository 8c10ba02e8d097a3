// How many system calls a request takes, counted and not timed: one read, one write, and one look
// at each path that the response depends on.

import { assertEquals } from "@std/assert";
import { partial, StaticFileHandler } from "../../handlers/static/mod.ts";
import type { RequestHandlerClass } from "../../handlers/mod.ts";
import { type ListenOptions, ThreadingHTTPServer } from "../../server/mod.ts";
import { Client } from "../_serve.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { CHANGED, CHANGED_DATE } from "./_site.ts";
import { folder } from "../handlers/_folder.ts";

/** What the server has done. */
const counts = { reads: 0, writes: 0, looks: 0, opens: 0 };

/** Counts reads once they have ended, since a server always waits in one, and writes once they begin. */
function countIn(conn: Deno.Conn): Deno.Conn {
  const { read, write } = conn;
  conn.read = async (into) => {
    const count = await read.call(conn, into);
    counts.reads++;
    return count;
  };
  conn.write = (bytes) => {
    counts.writes++;
    return write.call(conn, bytes);
  };
  return conn;
}

class CountingServer extends ThreadingHTTPServer {
  override listen(options: ListenOptions): Deno.Listener {
    const listener = super.listen(options);
    const { accept } = listener;
    listener.accept = async () => countIn(await accept.call(listener));
    return listener;
  }
}

/** Wraps a function of an object so that its calls are counted. */
function count<Name extends string>(
  owner: Record<Name, (...args: never[]) => unknown>,
  name: Name,
  as: "looks" | "opens",
): Disposable {
  const original = owner[name];
  owner[name] = (...args) => {
    counts[as]++;
    return original.apply(owner, args);
  };
  return {
    [Symbol.dispose]() {
      owner[name] = original;
    },
  };
}

/** Every way to look at a path or to open one. */
function countFiles(): Disposable {
  const stack = new DisposableStack();
  const deno = Deno as unknown as Record<string, () => unknown>;
  for (const name of ["stat", "lstat", "realPath", "readDir"]) {
    for (const each of [name, name + "Sync"]) {
      stack.use(count(deno, each, "looks"));
    }
  }
  for (const name of ["open", "openSync", "readFile", "readFileSync"]) {
    stack.use(count(deno, name, "opens"));
  }
  return stack;
}

// The server keeps this function once it has used it, so it is wrapped for good.
count(globalThis.process.getBuiltinModule("node:fs"), "existsSync", "looks");

/** The head of a request for a file. */
function head(target: string, ...fields: readonly string[]): string {
  return [`GET ${target} HTTP/1.1`, "Host: a", ...fields, "", ""].join("\r\n");
}

/** The requests of one kind: the expected status, and how many paths each looks at and opens. */
interface Kind {
  readonly name: string;
  readonly request: (n: number) => string;
  readonly status: number;
  readonly looks: number;
  readonly opens?: number;
}

const KINDS: readonly Kind[] = [
  {
    name: "a file of 1 KB",
    request: () => head("/a.bin"),
    status: 200,
    looks: 1,
  },
  {
    name: "a 304",
    request: () => head("/a.bin", `If-Modified-Since: ${CHANGED_DATE}`),
    status: 304,
    looks: 1,
  },
  {
    name: "a 206",
    request: () => head("/a.bin", "Range: bytes=1-9"),
    status: 206,
    looks: 1,
  },
  {
    // The missing file, and the site's 404.html, which may have been created.
    name: "a 404",
    request: () => head("/missing"),
    status: 404,
    looks: 2,
  },
  {
    name: "a 301",
    request: () => head("/sub"),
    status: 301,
    looks: 1,
  },
  {
    name: "a cached file, with a header block that differs each time",
    request: (n) => head("/a.bin", `X-Number: ${n}`),
    status: 200,
    looks: 1,
  },
  {
    // The path, its real path, that of the folder, the file at the real path; then the folder and three names
    // of precompressed files.
    name: "a file that was never requested before",
    request: (n) => head(`/${n}.bin`),
    status: 200,
    looks: 8,
    opens: 1,
  },
];

const ROUNDS = 20;

/** Stops the clock a minute from now: the files are old then, and no prepared response expires. */
function freezeClock(): Disposable {
  const { now } = Date;
  const later = now() + 60_000;
  Date.now = () => later;
  return {
    [Symbol.dispose]() {
      Date.now = now;
    },
  };
}

for (const { name, request, status, looks, opens = 0 } of KINDS) {
  boundedTest(
    `StaticFileHandler sends ${name} with one read, one write, ${looks} looks and ${opens} opens`,
    async () => {
      const numbered = Array.from(
        { length: ROUNDS + 2 },
        (_, n) => [`${n}.bin`, "x".repeat(1000)],
      );
      await using files = await folder({
        "a.bin": "x".repeat(1000),
        "sub/index.html": "",
        ...Object.fromEntries(numbered),
      });
      for await (const file of Deno.readDir(files.path)) {
        if (file.isFile) {
          await Deno.utime(files.in(file.name), CHANGED, CHANGED);
        }
      }
      using _frozen = freezeClock();
      const Quiet: RequestHandlerClass = partial(StaticFileHandler, {
        directory: files.path,
        log: "none",
      });
      await using server = new CountingServer(["127.0.0.1", 0], Quiet);
      const serving = server.serve_forever();
      using client = new Client(
        await Deno.connect({ port: server.server_port }),
      );
      const ask = async (n: number) => {
        await client.write(request(n));
        assertEquals((await client.answer()).status, status);
      };
      // Until all is known, besides what differs each time.
      for (let n = 0; n < 2; n++) await ask(n);
      {
        using _counting = countFiles();
        Object.assign(counts, { reads: 0, writes: 0, looks: 0, opens: 0 });
        for (let n = 2; n < ROUNDS + 2; n++) await ask(n);
      }
      const each = Object.fromEntries(
        Object.entries(counts).map(([what, sum]) => [what, sum / ROUNDS]),
      );
      assertEquals(each, { reads: 1, writes: 1, looks, opens });
      client.close();
      await server.server_close();
      await serving;
    },
  );
}
