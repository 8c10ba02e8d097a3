// Handlers without `await`: a late read never gets the next request, and pending responses are
// still sent.

import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  BaseHTTPRequestHandler,
  SimpleHTTPRequestHandler,
} from "../../handlers/mod.ts";
import { decodeLatin1 } from "../../text/latin1.ts";
import { type Client, serve } from "../_serve.ts";

class Quiet extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override log_message(_template: string, ..._args: unknown[]) {}

  reply(body: string) {
    this.send_response(200);
    this.send_header("Content-Length", body.length);
    this.end_headers();
    this.wfile.write(body);
  }

  do_GET() {
    this.reply(this.path);
  }
}

function post(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

const SECRET =
  "GET /secret HTTP/1.1\r\nHost: a\r\nAuthorization: Basic c2VjcmV0\r\n\r\n";

/** The ways to read. Each returns its result as text. */
const READS: Record<string, (handler: Quiet) => Promise<unknown>> = {
  "read()": (handler) => Promise.resolve(handler.rfile.read()),
  "read(999)": (handler) => Promise.resolve(handler.rfile.read(999)),
  "read1()": (handler) => Promise.resolve(handler.rfile.read1()),
  "readline()": (handler) => Promise.resolve(handler.rfile.readline()),
  "readlines()": (handler) => Promise.resolve(handler.rfile.readlines()),
  "readinto()": async (handler) => {
    const into = new Uint8Array(999);
    await handler.rfile.readinto(into);
    return into;
  },
  "readable": (handler) => new Response(handler.rfile.readable).bytes(),
  "for await": async (handler) => {
    const lines = [];
    for await (const line of handler.rfile) lines.push(line);
    return lines;
  },
  "connection.recv()": (handler) => handler.connection.recv(999),
  "connection.rfile.readline()": (handler) =>
    handler.connection.rfile.readline(),
};

function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return decodeLatin1(value);
  if (Array.isArray(value)) return value.map(textOf).join("");
  return String(value);
}

for (const [name, read] of Object.entries(READS)) {
  Deno.test(`${name} that is not awaited never receives the next request`, async () => {
    const seen: string[] = [];
    const settled: Promise<unknown>[] = [];
    class Forgetful extends Quiet {
      do_POST() {
        settled.push(
          read(this).then(
            (value) => seen.push(textOf(value)),
            (error) => seen.push(String(error)),
          ),
        );
        this.reply("posted");
      }
    }
    await using server = serve(Forgetful);
    using client = await server.connect();
    // The body comes in two pieces, the second one together with the next request.
    await client.write(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\none\n",
    );
    assertEquals((await client.answer()).body, "posted");
    await client.write("two\n" + SECRET);
    assertEquals((await client.answer()).body, "/secret");
    await Promise.all(settled);
    assertEquals(seen.join("").includes("secret"), false, seen.join(""));
    // A web stream reads later, and then gets an error for the incomplete body.
    const outcome = name === "readable" ? /^one|Cannot read/ : /^one/;
    assertMatch(seen.join(""), outcome);
  });

  Deno.test(`${name} that starts after the response gets EOF`, async () => {
    const late = Promise.withResolvers<unknown>();
    class Late extends Quiet {
      do_POST() {
        this.reply("posted");
        setTimeout(() => late.resolve(read(this)), 20);
      }
    }
    await using server = serve(Late);
    using client = await server.connect();
    await client.write(post("/", ""));
    assertEquals((await client.answer()).body, "posted");
    const got = textOf(await late.promise).replaceAll("\0", "");
    assertEquals(got, "");
    await client.write(SECRET);
    assertEquals((await client.answer()).body, "/secret");
  });
}

Deno.test("a late read of an incomplete body rejects", async () => {
  const late = Promise.withResolvers<Promise<unknown>>();
  class Late extends Quiet {
    do_POST() {
      const { rfile } = this;
      this.reply("posted");
      setTimeout(() => {
        const reading = Promise.resolve(rfile.read());
        reading.catch(() => {});
        late.resolve(reading);
      }, 20);
    }
  }
  await using server = serve(Late);
  using client = await server.connect();
  await client.write(post("/", "unread") + SECRET);
  assertEquals((await client.answer()).body, "posted");
  assertEquals((await client.answer()).body, "/secret");
  await assertRejects(() => late.promise, Error, "Cannot read");
});

Deno.test("an upload that is saved without await is saved completely", async () => {
  const saved = Promise.withResolvers<string>();
  class Saving extends Quiet {
    do_POST() {
      void this.save();
      this.reply("ok");
    }
    async save() {
      let text = "";
      for await (const line of this.rfile) text += decodeLatin1(line);
      saved.resolve(text);
    }
  }
  await using server = serve(Saving);
  using client = await server.connect();
  await client.write(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n",
  );
  assertEquals((await client.answer()).body, "ok");
  for (
    const piece of [
      "on",
      "e\ntw",
      "o\nend\n" + SECRET.slice(0, 9),
      SECRET.slice(9),
    ]
  ) {
    await client.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals((await client.answer()).body, "/secret");
  assertEquals(await saved.promise, "one\ntwo\nend\n");
});

Deno.test("a response that is written after a read without await is sent", async () => {
  class Later extends Quiet {
    do_POST() {
      void Promise.resolve(this.rfile.read()).then((body) =>
        this.reply(decodeLatin1(body))
      );
    }
  }
  await using server = serve(Later);
  using client = await server.connect();
  await client.write(post("/", "one").slice(0, -2));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await client.write("ne" + SECRET);
  assertEquals((await client.answer()).body, "one");
  assertEquals((await client.answer()).body, "/secret");
});

const LARGE = "x".repeat(2_000_000);

/** A folder with a file that is too large for the cache. */
async function largeFolder(): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/large.txt`, LARGE);
  return folder;
}

const WAYS: Record<string, (handler: SimpleHTTPRequestHandler) => void> = {
  "super.do_GET()": (handler) => {
    SimpleHTTPRequestHandler.prototype.do_GET.call(handler);
  },
  "send_head() and copyfile()": (handler) => {
    void Promise.resolve(handler.send_head()).then((file) =>
      void handler.copyfile(file!, handler.wfile)
    );
  },
  "super.do_GET() in an async method": async (handler) => {
    await Promise.resolve();
    void SimpleHTTPRequestHandler.prototype.do_GET.call(handler);
  },
};

for (const version of ["HTTP/1.0", "HTTP/1.1"]) {
  for (const [name, way] of Object.entries(WAYS)) {
    Deno.test(`${name} without return or await sends a large file over ${version}`, async () => {
      const folder = await largeFolder();
      try {
        class Forgetful extends SimpleHTTPRequestHandler {
          override directory = folder;
          override protocol_version = version;
          override log_message() {}
          // deno-lint-ignore no-explicit-any
          override do_GET(): any {
            const done = way(this) as unknown;
            // The promise of an async method is awaited, as for every handler.
            if (done instanceof Promise) return done;
          }
        }
        await using server = serve(Forgetful);
        using client = await server.connect();
        await client.write(`GET /large.txt ${version}\r\nHost: a\r\n\r\n`);
        const { status, body } = await client.answer();
        assertEquals([status, body.length], [200, LARGE.length]);
        if (version === "HTTP/1.1") await assertGoesOn(client);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
}

async function assertGoesOn(client: Client): Promise<void> {
  await client.write("HEAD /large.txt HTTP/1.1\r\nHost: a\r\n\r\n");
  const { header } = await client.answer("HEAD");
  assertEquals(header("content-length"), String(LARGE.length));
}

Deno.test("a handler that throws after super.do_GET() still sends the whole file, and reports the error", async () => {
  const folder = await largeFolder();
  try {
    class Throwing extends SimpleHTTPRequestHandler {
      override directory = folder;
      override log_message() {}
      override do_GET(): undefined {
        void super.do_GET();
        throw new Error("thrown by the handler");
      }
    }
    await using server = serve(Throwing);
    const text = await server.send("GET /large.txt HTTP/1.0\r\n\r\n");
    assertStringIncludes(text, LARGE);
    assertEquals(String(server.takeErrors()), "Error: thrown by the handler");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an error that the handler caught does not fail the exchange", async () => {
  class Catching extends SimpleHTTPRequestHandler {
    override protocol_version = "HTTP/1.1";
    override log_message() {}
    override closesAfterError() {
      return false;
    }
    override send_head() {
      return this.remember(Promise.reject(new Error("no such thing")));
    }
    override async do_GET() {
      try {
        await super.do_GET();
      } catch {
        this.send_error(410);
      }
    }
  }
  await using server = serve(Catching);
  using client = await server.connect();
  for (let count = 0; count < 2; count++) {
    await client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals((await client.answer()).status, 410);
  }
});

Deno.test("an error of work without await sends 500", async () => {
  class Failing extends SimpleHTTPRequestHandler {
    override log_message() {}
    override send_head() {
      return this.remember(Promise.reject(new Error("no such thing")));
    }
    override do_GET(): undefined {
      void super.do_GET();
    }
  }
  await using server = serve(Failing);
  assertEquals((await server.ask("GET / HTTP/1.0\r\n\r\n")).status, 500);
  assertEquals(String(server.takeErrors()), "Error: no such thing");
});

Deno.test("reads that start at the same time get the bytes in call order", async () => {
  const ways: [string, (rfile: Quiet["rfile"]) => unknown[], string][] = [
    ["abcdef", (file) => [file.read(3), file.read(3)], "abc|def"],
    ["l1\nl2\nWXYZ", (file) => [
      file.readline(),
      file.readline(),
      file.read(4),
    ], "l1\n|l2\n|WXYZ"],
    ["abcdefl\n", (file) => [file.read(6), file.readline()], "abcdef|l\n"],
    ["abcdef", (file) => [file.read(4), file.read()], "abcd|ef"],
  ];
  class Together extends Quiet {
    async do_POST() {
      const way = ways[Number(this.path.slice(1))]![1];
      const parts = await Promise.all(way(this.rfile));
      this.reply(parts.map(textOf).join("|"));
    }
  }
  await using server = serve(Together);
  for (const [index, [body, , expected]] of ways.entries()) {
    for (let split = 0; split < body.length; split++) {
      using client = await server.connect();
      const bytes = post(`/${index}`, body);
      const at = bytes.length - body.length + split;
      await client.write(bytes.slice(0, at));
      await new Promise((resolve) => setTimeout(resolve, 3));
      await client.write(bytes.slice(at));
      assertEquals((await client.answer()).body, expected, `split at ${split}`);
    }
  }
});

Deno.test("an async method without await still sends its whole response", async () => {
  const folder = await largeFolder();
  await Deno.writeTextFile(`${folder}/a.txt`, "small");
  try {
    class Own extends SimpleHTTPRequestHandler {
      override directory = folder;
      override protocol_version = "HTTP/1.1";
      override log_message() {}
      override do_GET(): undefined {
        void this.serve();
      }
      async serve() {
        const file = await this.send_head();
        if (file !== null) await this.copyfile(file, this.wfile);
      }
      do_POST() {
        void this.echo();
      }
      async echo() {
        const body = decodeLatin1(await this.rfile.read());
        this.send_response(200);
        this.send_header("Content-Length", body.length);
        this.end_headers();
        this.wfile.write(body);
      }
    }
    await using server = serve(Own);
    using client = await server.connect();
    for (
      const [path, length] of [["/a.txt", 5], ["/large.txt", LARGE.length]]
    ) {
      await client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assertEquals((await client.answer()).body.length, length);
    }
    await client.write(post("/", "with the head"));
    assertEquals((await client.answer()).body, "with the head");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a chunked response whose handler forgets the last chunk closes the connection", async () => {
  class Chunks extends Quiet {
    override do_GET() {
      this.send_response(200);
      this.send_header("Transfer-Encoding", "chunked");
      this.end_headers();
      this.wfile.write("3\r\nabc\r\n");
      if (this.path === "/whole") this.wfile.write("0\r\n\r\n");
    }
  }
  await using server = serve(Chunks);
  using client = await server.connect();
  for (let count = 0; count < 2; count++) {
    await client.write("GET /whole HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals((await client.answer()).body, "abc");
  }
  await client.write("GET /cut HTTP/1.1\r\nHost: a\r\n\r\n" + SECRET);
  assertMatch(await client.readToEnd(), /\r\n\r\n3\r\nabc\r\n$/);
});

Deno.test("an unsupported method gets 501 without a 100", async () => {
  await using server = serve(Quiet);
  const text = await server.send(
    "BREW / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
  );
  assertMatch(text, /^HTTP\/1\.1 501 /);
});

Deno.test("a write between two requests rejects, and nothing is sent", async () => {
  const late = Promise.withResolvers<unknown>();
  class Late extends Quiet {
    override do_GET() {
      super.do_GET();
      if (this.path !== "/1") return;
      setTimeout(() => {
        this.wfile.write("LATE").then(late.resolve, late.resolve);
      }, 20);
    }
  }
  await using server = serve(Late);
  using client = await server.connect();
  await client.write("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals((await client.answer()).body, "/1");
  assertMatch(String(await late.promise), /the response is over/);
  await client.write("GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assertEquals((await client.answer()).body, "/2");
  await client.assertClosed();
});
