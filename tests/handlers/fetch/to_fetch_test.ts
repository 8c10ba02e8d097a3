// `toFetch()` without a socket.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  BaseHTTPRequestHandler,
  type FetchInfo,
  type FetchOptions,
  toFetch,
} from "../../../handlers/fetch/mod.ts";
import type { RequestHandlerClass } from "../../../handlers/mod.ts";
import { staticFiles } from "../../../handlers/static/mod.ts";
import { folder } from "../_folder.ts";
import { boundedTest } from "../../_lib/bounded.ts";
import { captureLog } from "../../_lib/captured_log.ts";

const URL = "http://localhost/x";

class Quiet extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override log_message(): void {}

  /** Sends a head for a body of this length. */
  begin(length: number): void {
    this.send_response(200);
    this.send_header("Content-Length", length);
    this.end_headers();
  }
}

/** `toFetch()` with the errors of handlers in an array. */
function collecting(Handler: RequestHandlerClass, options: FetchOptions = {}) {
  const errors: unknown[] = [];
  const { fetch } = toFetch(Handler, {
    ...options,
    onError: (error) => void errors.push(error),
  });
  return { fetch, errors };
}

/** Waits for what follows a response, such as `finish()`. */
function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

boundedTest(
  "toFetch() responds with the handler's status, phrase, fields and body",
  async () => {
    class Sends extends Quiet {
      do_GET(): void {
        this.send_response(200, "Fine");
        this.send_header("Set-Cookie", "a=1");
        this.send_header("Set-Cookie", "b=2");
        this.send_header("X-Latin", "\xe9");
        this.send_header("Connection", "close");
        this.end_headers();
        this.wfile.write("text");
      }
    }
    const response = await toFetch(Sends).fetch(new Request(URL));
    assertEquals([response.status, response.statusText], [200, "Fine"]);
    assertEquals(response.headers.getSetCookie(), ["a=1", "b=2"]);
    assertEquals(response.headers.get("x-latin"), "\xe9");
    assertEquals(response.headers.get("connection"), null);
    // A string body would get a type.
    assertEquals(response.headers.get("content-type"), null);
    assertEquals(await response.text(), "text");
  },
);

boundedTest(
  "toFetch() is a Deno.ServeDefaultExport and calls setup(), handle() and finish()",
  async () => {
    const called: string[] = [];
    class Steps extends Quiet {
      override async setup() {
        called.push("setup");
        await super.setup();
      }
      override async handle() {
        called.push("handle");
        await super.handle();
      }
      override async finish() {
        await super.finish();
        called.push("finish");
      }
      do_GET(): void {
        this.begin(0);
      }
    }
    const server: Deno.ServeDefaultExport = toFetch(Steps);
    assert(typeof server.fetch === "function");
    await (await toFetch(Steps).fetch(new Request(URL))).body?.cancel();
    await soon();
    assertEquals(called, ["setup", "handle", "finish"]);
  },
);

boundedTest(
  "toFetch() sends the length of a body that is there, and chunks of any other",
  async () => {
    class Reads extends Quiet {
      async do_POST(): Promise<void> {
        const body = new TextDecoder().decode(await this.rfile.read());
        const text = `${this.headers.get("Content-Length")} ${
          this.headers.get("Transfer-Encoding")
        } ${body.length}`;
        this.begin(text.length);
        this.wfile.write(text);
      }
    }
    const post = async (body: BodyInit | null) => {
      const request = new Request(URL, { method: "POST", body });
      return await (await toFetch(Reads).fetch(request)).text();
    };
    assertEquals(await post("tea"), "3 null 3");
    assertEquals(await post(null), "null null 0");
    assertEquals(await post("x".repeat(200_000)), "null chunked 200000");
    const slow = new ReadableStream({
      async pull(controller) {
        await soon();
        controller.enqueue(new TextEncoder().encode("late"));
        controller.close();
      },
    });
    assertEquals(await post(slow), "null chunked 4");
  },
);

boundedTest(
  "toFetch() returns the response at its head, and waits while nobody reads the body",
  async () => {
    const written: number[] = [];
    class Streams extends Quiet {
      async do_GET(): Promise<void> {
        this.send_response(200);
        this.endHeadersChunked();
        const buffer = new Uint8Array(65_536);
        for (let n = 0; n < 20; n++) {
          buffer.fill(n);
          await this.wfile.write(buffer);
          await this.wfile.flush();
          written.push(n);
        }
      }
    }
    const response = await toFetch(Streams).fetch(new Request(URL));
    await soon();
    assert(written.length < 4, `${written.length} were written`);
    const body = new Uint8Array(await response.arrayBuffer());
    assertEquals(body.length, 20 * 65_536);
    // The handler used its buffer again.
    for (let n = 0; n < 20; n++) assertEquals(body[n * 65_536 + 9], n);
  },
);

boundedTest(
  "toFetch() responds with 500 to an error before the head, and reports it",
  async () => {
    const broken = new Error("the secret");
    class Throws extends Quiet {
      do_GET(): void {
        throw broken;
      }
    }
    const { fetch, errors } = collecting(Throws);
    const response = await fetch(new Request(URL));
    assertEquals(response.status, 500);
    assert(!(await response.text()).includes("secret"));
    await soon();
    assertEquals(errors, [broken]);
  },
);

boundedTest(
  "toFetch() fails the body for an error after the head, after what was written",
  async () => {
    class Throws extends Quiet {
      do_GET(): void {
        this.begin(100);
        this.wfile.write("half");
        throw new Error("broken");
      }
    }
    const { fetch, errors } = collecting(Throws);
    const reader = (await fetch(new Request(URL))).body!.getReader();
    const { value } = await reader.read();
    assertEquals(new TextDecoder().decode(value), "half");
    await assertRejects(() => reader.read(), Error, "broken");
    assertEquals(String(errors), "Error: broken");
  },
);

boundedTest(
  "toFetch() fails a body that is shorter than its Content-Length",
  async () => {
    class Short extends Quiet {
      do_GET(): void {
        this.begin(100);
        this.wfile.write("half");
      }
    }
    const response = await toFetch(Short).fetch(new Request(URL));
    await assertRejects(() => response.text(), TypeError, "before its body");
  },
);

boundedTest(
  "toFetch() responds with 500 if there is no response, or none that fetch() allows",
  async () => {
    class None extends Quiet {
      do_GET(): void {}
      do_SWITCH(): void {
        this.send_response(101);
        this.end_headers();
      }
      do_ODD(): void {
        this.send_response(700);
        this.end_headers();
      }
      do_RAW(): void {
        this.wfile.write("no head\r\n\r\n");
      }
    }
    const { fetch, errors } = collecting(None);
    for (const method of ["GET", "SWITCH", "ODD", "RAW"]) {
      const response = await fetch(new Request(URL, { method }));
      assertEquals([response.status, response.body], [500, null], method);
    }
    await soon();
    assertEquals(errors.map(String), [
      "TypeError: Cannot send status 101 as a Response",
      "TypeError: Cannot send status 700 as a Response",
      'TypeError: Cannot send "no head" as a Response',
    ]);
  },
);

boundedTest("toFetch() collects no head that never ends", async () => {
  let failed = 0;
  class Raw extends Quiet {
    async do_GET(): Promise<void> {
      const line = this.path === "/lines" ? "HTTP/1.1 200 OK\r\n" : "raw\r\n";
      try {
        for (;;) await this.connection.sendall(line.repeat(10_000));
      } catch (error) {
        failed++;
        throw error;
      }
    }
  }
  const { fetch } = collecting(Raw);
  for (const path of ["lines", "raw"]) {
    const response = await fetch(new Request(`http://localhost/${path}`));
    assertEquals(response.status, 500);
  }
  await soon();
  assertEquals(failed, 2);
});

boundedTest(
  "toFetch() leaves the request's signal alone unless the handler asks for one",
  async () => {
    const touched: string[] = [];
    class Asks extends Quiet {
      do_GET(): void {
        if (this.path === "/asks") void this.connection.signal;
        this.begin(0);
      }
    }
    for (const path of ["waits", "asks"]) {
      const request = new Request(`http://localhost/${path}`);
      const { signal } = request;
      Object.defineProperty(request, "signal", {
        get() {
          touched.push(path);
          return signal;
        },
      });
      await toFetch(Asks).fetch(request);
    }
    assertEquals(touched, ["asks"]);
  },
);

boundedTest(
  "toFetch() responds to HEAD, 204, 205 and 304 with the fields alone",
  async () => {
    class Empty extends Quiet {
      do_HEAD(): void {
        this.begin(5);
        this.wfile.write("never");
      }
      do_GET(): void {
        this.send_response(Number(this.path.slice(1)));
        this.send_header("ETag", '"a"');
        this.end_headers();
        this.wfile.write("never");
      }
    }
    const { fetch } = toFetch(Empty);
    const head = await fetch(new Request(URL, { method: "HEAD" }));
    assertEquals([head.headers.get("content-length"), head.body], ["5", null]);
    for (const status of [204, 205, 304]) {
      const response = await fetch(new Request(`http://localhost/${status}`));
      assertEquals([response.status, response.body], [status, null]);
      assertEquals(response.headers.get("etag"), '"a"');
    }
  },
);

boundedTest("toFetch() drops interim responses", async () => {
  class Hints extends Quiet {
    do_POST(): void {
      this.send_response_only(103);
      this.send_header("Link", "</a.css>");
      this.end_headers();
      this.begin(2);
      this.wfile.write("ok");
    }
  }
  const response = await toFetch(Hints).fetch(
    new Request(URL, {
      method: "POST",
      body: "x",
      headers: { "Expect": "100-continue" },
    }),
  );
  assertEquals([response.status, response.headers.get("link")], [200, null]);
  assertEquals(await response.text(), "ok");
});

boundedTest(
  "a reader that cancels the body aborts the handler's signal, and its writes fail",
  async () => {
    const seen: unknown[] = [];
    class Endless extends Quiet {
      async do_GET(): Promise<void> {
        const { signal } = this.connection;
        this.send_response(200);
        this.endHeadersChunked();
        try {
          for (;;) {
            await this.wfile.write("x".repeat(100_000));
            await this.wfile.flush();
          }
        } catch (error) {
          seen.push(signal.aborted, String(error));
          throw error;
        }
      }
    }
    const { fetch, errors } = collecting(Endless);
    const reader = (await fetch(new Request(URL))).body!.getReader();
    await reader.read();
    await reader.cancel();
    await soon();
    assertEquals(seen, [
      true,
      "TypeError: Cannot write: the client has disconnected",
    ]);
    // A disconnect is no error of the handler.
    assertEquals(errors, []);
  },
);

boundedTest(
  "a handler that asks for its signal learns that the request was aborted",
  async () => {
    const aborted: boolean[] = [];
    class Waits extends Quiet {
      async do_GET(): Promise<void> {
        const { signal } = this.connection;
        await new Promise((resolve) => {
          signal.addEventListener("abort", resolve);
        });
        aborted.push(signal.aborted);
        this.begin(0);
      }
    }
    const abort = new AbortController();
    const response = toFetch(Waits).fetch(
      new Request(URL, { signal: abort.signal }),
    );
    await soon();
    abort.abort();
    assertEquals((await response).status, 200);
    assertEquals(aborted, [true]);
  },
);

boundedTest("a handler that wants another request gets none", async () => {
  let handled = 0;
  class Again extends Quiet {
    override async handle(): Promise<void> {
      do {
        await this.handle_one_request();
        handled++;
      } while (!this.close_connection);
    }
    do_POST(): void {
      this.begin(0);
      this.close_connection = false;
    }
  }
  const request = new Request(URL, { method: "POST", body: "unread" });
  await toFetch(Again).fetch(request);
  await soon();
  assertEquals(handled, 2);
});

boundedTest(
  "a handler sees the client, the server's name and whether the URL is secure",
  async () => {
    class Shows extends Quiet {
      do_GET(): void {
        const { server_name, server_port, secure } = this.server;
        const text = JSON.stringify([
          this.client_address,
          server_name,
          server_port,
          secure,
        ]);
        this.begin(text.length);
        this.wfile.write(text);
      }
    }
    const show = async (
      url: string,
      remoteAddr?: Deno.Addr,
      options?: FetchOptions,
      info: FetchInfo | undefined = remoteAddr && { remoteAddr },
    ) => {
      const request = new Request(url);
      return await (await toFetch(Shows, options).fetch(request, info)).json();
    };
    assertEquals(await show("http://a.test:81/"), [
      ["127.0.0.1", 0],
      "a.test",
      81,
      false,
    ]);
    assertEquals(
      await show("https://a.test/", {
        transport: "tcp",
        hostname: "::ffff:192.0.2.7",
        port: 4,
      }),
      [["192.0.2.7", 4], "a.test", 443, true],
    );
    assertEquals(
      (await show("http://a/", { transport: "unix", path: "/s" }))[0],
      ["unix:", 0],
    );
    assertEquals(
      (await show("http://a/", undefined, {}, {}))[0],
      ["0.0.0.0", 0],
    );
    const clientAddress = () => "192.0.2.9";
    assertEquals(
      (await show("http://a/", undefined, { clientAddress }))[0],
      ["192.0.2.9", 0],
    );
  },
);

boundedTest(
  "an error is logged as by a server, and shutdown() is refused",
  async () => {
    class Stops extends Quiet {
      async do_GET(): Promise<void> {
        await this.server.shutdown();
      }
    }
    using log = captureLog();
    const response = await toFetch(Stops).fetch(new Request(URL));
    assertEquals(response.status, 500);
    await response.body?.cancel();
    await soon();
    assert(log.text.includes("request from ('127.0.0.1', 0)\nTypeError"));
    assert(log.text.includes("Cannot shut down: the runtime owns the server"));
  },
);

Deno.test("toFetch() counts all requests for one metrics page", async () => {
  await using files = await folder({ "a.txt": "abc" });
  const { fetch } = toFetch(
    staticFiles({ directory: files.path, metrics: true, log: "none" }),
  );
  for (let times = 0; times < 3; times++) {
    await (await fetch(new Request("http://localhost/a.txt"))).text();
  }
  const page = await fetch(new Request("http://localhost/.httpserver/metrics"));
  assertStringIncludes(
    await page.text(),
    'httpserver_requests_total{method="GET",status="200"} 3\n',
  );
});

Deno.test("toFetch() survives an onError that throws", async () => {
  class Failing extends BaseHTTPRequestHandler {
    do_GET() {
      throw new Error("a fault");
    }
  }
  using log = captureLog();
  for (const onError of [fail, () => Promise.reject(new Error("reported"))]) {
    const { fetch } = toFetch(Failing, { onError });
    const response = await fetch(new Request("http://localhost/"));
    assertEquals(response.status, 500);
    await response.body?.cancel();
  }
  assertStringIncludes(log.text, "a fault");
  assertStringIncludes(log.text, "reported");
});

Deno.test("toFetch() serves a request if clientAddress throws", async () => {
  class Named extends Quiet {
    do_GET() {
      const text = `${this.client_address[0]} ${this.server.server_port}`;
      this.begin(text.length);
      this.wfile.write(text);
    }
  }
  using log = captureLog();
  const { fetch } = toFetch(Named, { clientAddress: fail });
  const response = await fetch(new Request(URL));
  assertEquals(await response.text(), "0.0.0.0 80");
  assertStringIncludes(log.text, "reported");
});

Deno.test("toFetch() survives a URL whose port is invalid", async () => {
  class Port extends Quiet {
    do_GET() {
      const text = `[${this.server.server_name}] ${this.server.server_port}`;
      this.begin(text.length);
      this.wfile.write(text);
    }
  }
  // `Deno.serve()` passes what the client sent; `new Request()` would refuse it.
  const request = new Proxy(new Request(URL), {
    get: (target, name) =>
      name === "url" ? "http://h:99999/x" : Reflect.get(target, name, target),
  });
  const response = await toFetch(Port).fetch(request);
  assertEquals(await response.text(), "[] 80");
});

function fail(): never {
  throw new Error("reported");
}
