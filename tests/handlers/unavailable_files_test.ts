// Files that can't be read at the moment get 503 with `Retry-After`, never 404, from every hook
// that reads them, and 200 again later.

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  BaseHTTPRequestHandler,
  SimpleHTTPRequestHandler,
} from "../../handlers/mod.ts";
import { serve } from "../_serve.ts";
import { denoArguments } from "../_command.ts";
import { folder, get, QuietFiles, serveFolder } from "./_folder.ts";

const shortage = () =>
  Object.assign(new Error("Too many open files (os error 24)"), {
    code: "EMFILE",
  });

type Operation = "open" | "openSync" | "stat" | "statSync" | "readDir";

/** Makes an operation fail, as if out of file descriptors, until it is disposed. */
function failing(operation: Operation, error: Error): Disposable {
  const real = Deno[operation];
  Object.assign(Deno, {
    [operation]() {
      throw error;
    },
  });
  return {
    [Symbol.dispose]: () => void Object.assign(Deno, { [operation]: real }),
  };
}

const rows: [operation: Operation, target: string][] = [
  ["statSync", "/small"],
  ["statSync", "/missing"],
  ["statSync", "/page/"],
  ["openSync", "/small"],
  ["openSync", "/page/"],
  ["open", "/large"],
  ["open", "/empty"],
  ["readDir", "/plain/"],
];
for (const [operation, target] of rows) {
  Deno.test(`SimpleHTTPRequestHandler sends 503 for ${target} while Deno.${operation}() fails`, async () => {
    await using files = await folder({
      "small": "x",
      "empty": "",
      "large": "x".repeat(300_000),
      "page/index.html": "x",
      "plain/a": "x",
    });
    await using server = serveFolder(files.path);
    // For ESTALE and others, Deno sets neither class nor code.
    for (const error of [shortage(), new Error("Stale file handle")]) {
      using _failing = failing(operation, error);
      for (const method of ["GET", "HEAD"]) {
        const refused = await server.ask(
          `${method} ${target} HTTP/1.0\r\n\r\n`,
        );
        assertEquals(
          [refused.status, refused.header("retry-after")],
          [503, "1"],
          method,
        );
        assertEquals(refused.body.includes(files.path), false);
      }
    }
    const later = await server.ask(get(target));
    assertEquals(later.status, target === "/missing" ? 404 : 200);
  });
}

Deno.test({
  name: "a file that fails to be read gets 503",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = serveFolder("/proc/self");
    const refused = await server.ask(get("/mem"));
    assertEquals([refused.status, refused.header("retry-after")], [503, "1"]);
  },
});

Deno.test("a listing shows a symlink whose target can't be stat'ed", async () => {
  await using files = await folder({ "a": "x" });
  await Deno.symlink("a", files.in("link"));
  await using server = serveFolder(files.path);
  using _failing = failing("stat", shortage());
  const listing = await server.ask(get("/"));
  assertEquals(listing.status, 200);
  assert(listing.body.includes('<a href="link">link@</a>'), listing.body);
});

Deno.test("a custom handler that can't read a file sends 503, not 500", async () => {
  class Handler extends BaseHTTPRequestHandler {
    override log_message(): void {}
    async do_GET(): Promise<void> {
      if (this.path === "/late") {
        this.send_response(200);
        this.send_header("Content-Length", 10);
        this.end_headers();
        await this.wfile.write("12345");
      }
      (await Deno.open("/a")).close();
    }
  }
  await using server = serve(Handler);
  using _failing = failing("open", shortage());
  const refused = await server.ask("GET / HTTP/1.0\r\n\r\n");
  assertEquals([refused.status, refused.header("retry-after")], [503, "1"]);
  const cut = await server.send("GET /late HTTP/1.0\r\n\r\n");
  assertEquals(cut.slice(cut.indexOf("\r\n\r\n")), "\r\n\r\n12345");
});

for (const version of ["HTTP/1.0", "HTTP/1.1"]) {
  Deno.test(`a read that fails after the head leaves the ${version} response incomplete`, async () => {
    await using files = await folder({ "large": "x".repeat(600_000) });
    class Kept extends QuietFiles {
      override protocol_version = "HTTP/1.1";
    }
    await using server = serveFolder(files.path, Kept);
    const { read, readSync } = Deno.FsFile.prototype;
    const failure = () => Object.assign(new Error("x"), { code: "EIO" });
    let count = 0;
    Deno.FsFile.prototype.read = function (into) {
      return count++ === 0 ? read.call(this, into) : Promise.reject(failure());
    };
    Deno.FsFile.prototype.readSync = function () {
      throw failure();
    };
    try {
      const response = await server.send(
        `GET /large ${version}\r\nHost: a\r\n\r\n`,
      );
      assertMatch(response, /^HTTP\/1\.1 200 /);
      assertEquals(response.split("HTTP/1.1 ").length, 2);
      const body = response.slice(response.indexOf("\r\n\r\n") + 4);
      assert(body.length < 600_000 && /^x*$/.test(body));
    } finally {
      Object.assign(Deno.FsFile.prototype, { read, readSync });
    }
  });
}

Deno.test("an error of a network call by the handler sends 500 and is reported", async () => {
  const codes = ["ETIMEDOUT", "ENOTCONN", "EAFNOSUPPORT", "ENETDOWN"];
  const fail = (path: string): never => {
    throw Object.assign(new Error("x"), { code: path.slice(1) });
  };
  class Own extends BaseHTTPRequestHandler {
    override log_message(): void {}
    do_GET(): void {
      fail(this.path);
    }
  }
  class Hook extends SimpleHTTPRequestHandler {
    override log_message(): void {}
    override translate_path = fail;
  }
  for (const Handler of [Own, Hook]) {
    await using server = serve(Handler);
    for (const code of codes) {
      const { status } = await server.ask(get(`/${code}`));
      assertEquals([code, status], [code, 500]);
      assertEquals(server.takeErrors().length, 1, code);
    }
  }
});

Deno.test("an error that is not a file error sends 500", async () => {
  class Handler extends SimpleHTTPRequestHandler {
    override log_message(): void {}
    override translate_path(): string {
      throw new Error("a fault of the handler's");
    }
  }
  await using server = serve(Handler);
  assertEquals((await server.ask(get("/a"))).status, 500);
  assertEquals(server.takeErrors().length, 1);
});

Deno.test({
  name:
    "a process without free file descriptors sends 503, logs once a second, and recovers",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using files = await folder({ "a": "x", "log": "" });
    const command = new Deno.Command("sh", {
      args: [
        "-c",
        'ulimit -n 100 && exec "$0" "$@"',
        Deno.execPath(),
        ...denoArguments("tests/handlers/_short_server.ts"),
        files.path,
      ],
      env: { NO_COLOR: "1" },
      signal: AbortSignal.timeout(15_000),
      stdin: "null",
    });
    const { code, stdout, stderr } = await command.output();
    const log = new TextDecoder().decode(stderr);
    assertEquals([code, log.includes("panicked")], [0, false], log);
    const { duringShortage, after } = JSON.parse(
      new TextDecoder().decode(stdout),
    );
    assertEquals(duringShortage, Array(20).fill([503, "1"]));
    assertEquals(after, [200, null]);
    const lines = log.match(/Files are unavailable: .*/g) ?? [];
    // Twenty requests take less than two seconds.
    assert(lines.length >= 1 && lines.length <= 4, log);
    assertMatch(lines[0]!, /Too many open files.*; raise the limit/);
  },
});
