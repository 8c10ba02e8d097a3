// Every field of CPython's classes takes effect in StaticFileHandler, and the fields that it adds
// to their responses are also in those of a subclass.

import { assertEquals } from "@std/assert";
import { partial } from "../../handlers/static/mod.ts";
import { HTTPMessage } from "../../parser/headers.ts";
import { folder } from "../handlers/_folder.ts";
import { type Answer, serve } from "../_serve.ts";
import {
  CONTENT,
  FILE,
  Files,
  type QuietFiles,
  ROOT,
  serveFolder,
} from "./_hooks.ts";

/** Fields, with a check that each takes effect. */
const FIELDS: readonly (readonly [
  name: string,
  Handler: typeof QuietFiles,
  test: (answer: Answer) => void,
])[] = [
  [
    "server_version and sys_version",
    class extends Files {
      override server_version = "Mine/1";
      override sys_version = "Here/2";
    },
    (answer) => assertEquals(answer.header("server"), "Mine/1 Here/2"),
  ],
  [
    "protocol_version",
    class extends Files {
      override protocol_version = "HTTP/1.0";
    },
    (answer) => assertEquals(answer.version, "HTTP/1.0"),
  ],
  [
    "extra_response_headers",
    class extends Files {
      override extra_response_headers: [string, string][] = [["X-Mine", "1"]];
    },
    (answer) => assertEquals(answer.header("x-mine"), "1"),
  ],
  [
    "end_headers as a field",
    class extends Files {
      override end_headers = () => {
        this.send_header("X-Field", "1");
        super.end_headers();
      };
    },
    (answer) => assertEquals(answer.header("x-field"), "1"),
  ],
  [
    "translate_path as a field",
    class extends Files {
      override translate_path = () => `${ROOT}/mod.ts`;
    },
    (answer) =>
      assertEquals(answer.body, Deno.readTextFileSync(`${ROOT}/mod.ts`)),
  ],
  [
    "extensions_map",
    class extends Files {
      override extensions_map = { ".ts": "text/x-mapped" };
    },
    (answer) => assertEquals(answer.header("content-type"), "text/x-mapped"),
  ],
  [
    "MessageClass",
    class extends Files {
      override MessageClass = class extends HTTPMessage {
        override get(name: string): string | null {
          return name === "Range" ? "bytes=0-3" : super.get(name);
        }
      };
      override send_response(code: number) {
        super.send_response(code === 206 ? 200 : code);
      }
    },
    (answer) => assertEquals(answer.body, CONTENT.slice(0, 4)),
  ],
  [
    "responses",
    class extends Files {
      override responses: Record<number, [string, string]> = {
        200: ["Splendid", ""],
      };
    },
    (answer) => assertEquals(answer.reason, "Splendid"),
  ],
];

for (const [name, Handler, test] of FIELDS) {
  Deno.test(`${name} can be set in a subclass`, async () => {
    await using server = serveFolder(ROOT, Handler);
    for (let time = 0; time < 2; time++) {
      const request =
        `GET /${FILE} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
      const answer = await server.ask(request);
      assertEquals(answer.status, 200);
      test(answer);
    }
  });
}

Deno.test("directory and default_content_type can be set in a subclass, and per request", async () => {
  await using one = await folder({ "a": "one", "sub/b": "b" });
  await using two = await folder({ "a": "two" });
  class Fixed extends Files {
    override directory = one.path;
    override default_content_type = "text/x-fixed";
  }
  const get = (target: string, host = "a") =>
    `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  await using server = serve(partial(Fixed, { cors: true }));
  const fixed = await server.ask(get("/a"));
  assertEquals(
    [fixed.body, fixed.header("content-type")],
    ["one", "text/x-fixed"],
  );
  // The options still apply.
  assertEquals(fixed.header("access-control-allow-origin"), "*");
  assertEquals((await server.ask(get("/sub/"))).status, 200);

  class ByHost extends Files {
    override do_GET() {
      const host = this.headers.get("Host");
      this.directory = host === "two" ? two.path : one.path;
      return super.do_GET();
    }
  }
  await using hosts = serve(partial(ByHost, {}));
  using client = await hosts.connect();
  for (const host of ["one", "two", "one", "two"]) {
    await client.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assertEquals((await client.answer()).body, host);
  }
});

Deno.test("send_error() and log_error() can be overridden", async () => {
  await using inside = await folder({ "in.txt": "in", "404.html": "site's" });
  const calls: string[] = [];
  class Mine extends Files {
    override send_error(
      code: number,
      message?: string | null,
      explain?: string | null,
    ) {
      calls.push(`send_error ${code} ${message}`);
      super.send_error(code, message, explain);
    }
    override log_error(template: string, ...args: unknown[]) {
      calls.push([template, ...args].join("|"));
    }
  }
  await using server = serveFolder(inside.path, Mine, { cors: true });
  const answer = await server.ask("GET /none HTTP/1.0\r\n\r\n");
  assertEquals(
    [answer.status, answer.body, answer.header("access-control-allow-origin")],
    [404, "site's", "*"],
  );
  assertEquals(calls, [
    "send_error 404 File not found",
    "code %d, message %s|404|File not found",
  ]);
});

Deno.test("error_page(), error_message_format and error_content_type can be overridden", async () => {
  await using inside = await folder({ "404.html": "site's" });
  class Paged extends Files {
    override error_page(status: number, reason: string) {
      const body = new TextEncoder().encode(`${status} ${reason}!`);
      return { type: "text/x-page", body };
    }
  }
  class Formatted extends Files {
    override error_message_format = "%(code)d: %(message)s";
    override error_content_type = "text/x-format";
  }
  for (
    const [Handler, body, type, options] of [
      [Paged, "404 File not found!", "text/x-page", {}],
      [Formatted, "site's", "text/html; charset=utf-8", {}],
      [
        Formatted,
        "404: File not found",
        "text/x-format",
        { errorPages: false },
      ],
    ] as const
  ) {
    await using server = serveFolder(inside.path, Handler, options);
    const answer = await server.ask("GET /none HTTP/1.0\r\n\r\n");
    assertEquals([answer.body, answer.header("content-type")], [body, type]);
  }
});

Deno.test("StaticFileHandler adds the site's fields to the responses of a subclass and the base class", async () => {
  await using inside = await folder({ "in.txt": "in" });
  class Mine extends Files {
    do_REPORT() {
      this.send_response(200);
      this.send_header("Content-Length", "2");
      this.end_headers();
      this.wfile.write("ok");
    }
  }
  const options = { cors: true, users: "a:b" };
  await using server = serveFolder(inside.path, Mine, options);
  const rows: [request: string, status: number, challenge: boolean][] = [
    ["GET /in.txt HTTP/1.0\r\n\r\n", 401, true],
    ["REPORT /in.txt HTTP/1.0\r\n\r\n", 200, false],
    ["NONE /in.txt HTTP/1.0\r\n\r\n", 501, false],
    ["GET /in.txt HTTP/1.1\r\nbad\r\n\r\n", 400, false],
  ];
  for (const [request, status, challenge] of rows) {
    const answer = await server.ask(request);
    assertEquals([
      answer.status,
      answer.header("www-authenticate") !== undefined,
      answer.header("access-control-allow-origin"),
      answer.header("x-content-type-options"),
    ], [status, challenge, "*", "nosniff"]);
  }
});

Deno.test("StaticFileHandler sends a 500 with the site's fields if a hook throws, and leaks no file", async () => {
  await using inside = await folder({
    "in.txt": "in",
    "large.bin": "0123456789".repeat(40_000),
  });
  for (const hook of ["send_header", "date_time_string"] as const) {
    class Throwing extends Files {
      override send_header(name: string, value: string | number) {
        if (hook === "send_header" && name === "ETag") throw new Error("mine");
        super.send_header(name, value);
      }
      override date_time_string(timestamp?: number) {
        if (hook !== "send_header" && timestamp !== undefined) {
          throw new Error("mine");
        }
        return super.date_time_string(timestamp);
      }
    }
    await using server = serveFolder(inside.path, Throwing, { cors: true });
    for (const target of ["/in.txt", "/large.bin"]) {
      const answer = await server.ask(`GET ${target} HTTP/1.0\r\n\r\n`);
      assertEquals(
        [answer.status, answer.header("access-control-allow-origin")],
        [500, "*"],
      );
    }
    assertEquals(server.takeErrors().length, 2);
  }
});

Deno.test("extra_response_headers can be changed in place between requests", async () => {
  const fields: [string, string][] = [["X-A", "1"]];
  class Changing extends Files {
    override extra_response_headers = fields;
  }
  await using server = serveFolder(ROOT, Changing);
  const ask = async () => {
    const answer = await server.ask(
      `GET /${FILE} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    return ["x-a", "x-b", "cache-control"].map((name) => answer.header(name));
  };
  assertEquals(await ask(), ["1", undefined, undefined]);
  fields.push(["X-B", "2"]);
  assertEquals(await ask(), ["1", "2", undefined]);
  fields[0] = ["X-A", "3"];
  assertEquals(await ask(), ["3", "2", undefined]);
  fields[1]![1] = "4";
  assertEquals(await ask(), ["3", "4", undefined]);
  fields.splice(0, 2, ["Cache-Control", "no-store"]);
  assertEquals(await ask(), [undefined, undefined, "no-store"]);
});
