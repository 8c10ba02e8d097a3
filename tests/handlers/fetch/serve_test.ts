// `toFetch()` on `Deno.serve()`: what only a socket or HTTP/2 shows.

import { assert, assertEquals, assertMatch } from "@std/assert";
import http2 from "node:http2";
import {
  BaseHTTPRequestHandler,
  toFetch,
} from "../../../handlers/fetch/mod.ts";
import type { RequestHandlerClass } from "../../../handlers/mod.ts";
import { boundedTest } from "../../_lib/bounded.ts";
import { Client } from "../../_serve.ts";
import { CA, FILES } from "../../server/_tls.ts";
import { folder, QuietFiles } from "../_folder.ts";
import { partial } from "../../../handlers/partial.ts";

class Quiet extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override log_message(): void {}
}

/** Shows the parts of a request that HTTP/2 changes. */
class Shows extends Quiet {
  do_GET(): void {
    this.show("");
  }

  do_OPTIONS(): void {
    this.show("");
  }

  async do_POST(): Promise<void> {
    this.show(new TextDecoder().decode(await this.rfile.read()));
  }

  show(body: string): void {
    const { headers, path, request_version } = this;
    const text = JSON.stringify([
      request_version,
      path,
      headers.get("Host"),
      headers.get("Content-Length"),
      headers.get("Cookie"),
      body,
    ]);
    this.send_response(200);
    this.send_header("Content-Length", text.length);
    this.end_headers();
    this.wfile.write(text);
  }
}

interface Running extends AsyncDisposable {
  readonly port: number;
}

function run(Handler: RequestHandlerClass, secure = false): Running {
  const tls = secure
    ? {
      cert: Deno.readTextFileSync(FILES.certfile),
      key: Deno.readTextFileSync(FILES.keyfile),
    }
    : {};
  const { addr, shutdown } = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
    ...tls,
  }, toFetch(Handler).fetch);
  return { port: addr.port, [Symbol.asyncDispose]: shutdown };
}

async function connect({ port }: Running): Promise<Client> {
  return new Client(await Deno.connect({ hostname: "127.0.0.1", port }));
}

/** A response of HTTP/2. */
interface Http2Response {
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** Sends requests over one connection of HTTP/2. */
async function overHttp2(
  port: number,
  requests: readonly { fields: Record<string, string>; body?: string }[],
): Promise<Http2Response[]> {
  const session = http2.connect(`https://localhost:${port}`, { ca: [...CA] });
  try {
    const responses: Http2Response[] = [];
    for (const { fields, body } of requests) {
      responses.push(
        await new Promise((resolve, reject) => {
          const stream = session.request(fields);
          let headers = {};
          let text = "";
          stream.on("response", (fields) => headers = fields);
          stream.on("data", (chunk) => text += chunk);
          stream.on("end", () => resolve({ headers, body: text }));
          stream.on("error", reject);
          session.on("error", reject);
          stream.end(body);
        }),
      );
    }
    return responses;
  } finally {
    await new Promise<void>((resolve) => session.close(resolve));
  }
}

boundedTest(
  "a handler on Deno.serve() speaks HTTP/2, and gets a Host field",
  async () => {
    await using server = run(Shows, true);
    const host = `localhost:${server.port}`;
    const [get, utf8, options, post] = await overHttp2(server.port, [
      { fields: { ":path": "//a/../b?c", "cookie": "a=1; b=2" } },
      { fields: { ":path": "/%C3%A9" } },
      { fields: { ":path": "*", ":method": "OPTIONS" } },
      { fields: { ":path": "/", ":method": "POST" }, body: "tea" },
    ]);
    assertEquals(get!.headers[":status"], 200);
    assertEquals(get!.headers["connection"], undefined);
    const shown = (response: Http2Response | undefined) =>
      JSON.parse(response!.body);
    assertEquals(shown(get), [
      "HTTP/1.1",
      "/a/../b?c",
      host,
      null,
      "a=1; b=2",
      "",
    ]);
    assertEquals(shown(utf8)[1], "/%C3%A9");
    assertEquals(shown(options).slice(1, 4), ["*", host, null]);
    assertEquals(shown(post)[5], "tea");
  },
);

boundedTest(
  "a static site on Deno.serve() sends files, ranges and 304 over HTTP/2",
  async () => {
    await using files = await folder({ "a.txt": "0123456789" });
    await using server = run(
      partial(QuietFiles, { directory: files.path }),
      true,
    );
    const path = { ":path": "/a.txt" };
    const [whole, head] = await overHttp2(server.port, [
      { fields: path },
      { fields: { ...path, ":method": "HEAD" } },
    ]);
    assertEquals(whole!.body, "0123456789");
    assertEquals(head!.headers["content-length"], "10");
    const since = String(whole!.headers["last-modified"]);
    const [cached] = await overHttp2(server.port, [
      { fields: { ...path, "if-modified-since": since } },
    ]);
    assertEquals([cached!.headers[":status"], cached!.body], [304, ""]);
  },
);

boundedTest(
  "a handler on Deno.serve() sees the raw target and the body of HTTP/1.1",
  async () => {
    await using server = run(Shows);
    using client = await connect(server);
    await client.write(
      "GET /%2e%2E/a\\b?c%zz#d HTTP/1.1\r\nHost: a\r\n\r\n" +
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\ntea" +
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
        "3\r\ntea\r\n0\r\n\r\n",
    );
    const shown = async () => JSON.parse((await client.answer()).body);
    assertEquals((await shown())[1], "/%2e%2E/a\\b?c%zz#d");
    assertEquals((await shown()).slice(3), ["3", null, "tea"]);
    assertEquals((await shown()).slice(3), [null, null, "tea"]);
  },
);

boundedTest(
  "a client that disconnects ends the response of a handler on Deno.serve()",
  async () => {
    const ended = Promise.withResolvers<boolean>();
    class Endless extends Quiet {
      async do_GET(): Promise<void> {
        this.send_response(200);
        this.endHeadersChunked();
        try {
          for (;;) await this.wfile.write("x".repeat(50_000));
        } finally {
          ended.resolve(this.connection.signal.aborted);
        }
      }
    }
    await using server = run(Endless);
    {
      using client = await connect(server);
      await client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await client.read(1_000);
    }
    assertEquals(await ended.promise, true);
  },
);

boundedTest(
  "a handler on Deno.serve() waits for a client that reads nothing",
  async () => {
    let written = 0;
    class Large extends Quiet {
      async do_GET(): Promise<void> {
        this.send_response(200);
        this.send_header("Content-Length", 100_000_000);
        this.end_headers();
        for (; written < 100; written++) {
          await this.wfile.write(new Uint8Array(1_000_000));
        }
      }
    }
    await using server = run(Large);
    using client = await connect(server);
    await client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.readUntil("\r\n\r\n");
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert(written < 50, `${written} MB were written`);
  },
);

boundedTest(
  "a handler and its client talk both ways at once on Deno.serve()",
  async () => {
    class Echoes extends Quiet {
      async do_POST(): Promise<void> {
        this.send_response(200);
        this.endHeadersChunked();
        await this.wfile.flush();
        for (;;) {
          const part = await this.rfile.read1(1_000);
          if (part.length === 0) return;
          await this.wfile.write(part);
        }
      }
    }
    await using server = run(Echoes);
    using client = await connect(server);
    await client.write(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    assertMatch(await client.readUntil("\r\n\r\n"), /^HTTP\/1\.1 200 OK\r\n/);
    for (const word of ["one", "two"]) {
      await client.write(`3\r\n${word}\r\n`);
      assertEquals(await client.readUntil(word), `3\r\n${word}`);
      await client.readUntil("\r\n");
    }
    await client.write("0\r\n\r\n");
    assertEquals(await client.readUntil("0\r\n\r\n"), "0\r\n\r\n");
  },
);
