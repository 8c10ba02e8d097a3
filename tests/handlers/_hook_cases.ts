// The hooks of CPython's classes, for each class that has them: every one takes effect on a
// plain GET of a file, also when the file is cached. No fast path may pass by what a subclass
// has replaced.

import { fromFileUrl } from "@std/path";
import { assert, assertEquals } from "@std/assert";
import {
  partial,
  type SimpleHTTPRequestHandler,
  type SourceFile,
} from "../../handlers/mod.ts";
import { HTTPMessage } from "../../parser/headers.ts";
import { type Answer, serve, type Served } from "../_serve.ts";

/** Files that are old enough to be cached: the project's own. */
const ROOT = fromFileUrl(new URL("../../handlers", import.meta.url));
const FILE = "clock.ts";
const CONTENT = Deno.readTextFileSync(`${ROOT}/${FILE}`);

type FilesClass = typeof SimpleHTTPRequestHandler;

/** What a test of hooks uses. */
interface Tools {
  /** The class, of HTTP/1.0 and without a log. */
  readonly Quiet: FilesClass;
  /** The same of HTTP/1.1. */
  readonly Files: FilesClass;
  /** The methods for which its `send_head()` opens a file. */
  readonly methods: readonly string[];
  /** Sends two GETs on one connection: the second finds the file in the cache. */
  getTwice(Handler: FilesClass): Promise<Answer[]>;
}

/** Hooks whose effect shows in each response. */
const RESPONSES: readonly {
  readonly name: string;
  /** The class with the hook overridden. */
  of(Files: FilesClass): FilesClass;
  test(answer: Answer): void;
}[] = [
  {
    name: "send_header",
    of: (Files) =>
      class extends Files {
        override send_header(name: string, value: string | number) {
          super.send_header(`X-${name}`, value);
          super.send_header(name, value);
        }
      },
    test: (answer) => {
      for (
        const name of [
          "Server",
          "Date",
          "Content-type",
          "Content-Length",
          "Last-Modified",
        ]
      ) {
        assertEquals(
          answer.header(`x-${name.toLowerCase()}`),
          answer.header(name.toLowerCase()),
        );
        assert(answer.header(name.toLowerCase()) !== undefined);
      }
    },
  },
  {
    name: "end_headers",
    of: (Files) =>
      class extends Files {
        override end_headers() {
          this.send_header("Access-Control-Allow-Origin", "*");
          super.end_headers();
        }
      },
    test: (answer) =>
      assertEquals(answer.header("access-control-allow-origin"), "*"),
  },
  {
    name: "version_string",
    of: (Files) =>
      class extends Files {
        override version_string() {
          return "Mine";
        }
      },
    test: (answer) => assertEquals(answer.header("server"), "Mine"),
  },
  {
    name: "date_time_string",
    of: (Files) =>
      class extends Files {
        override date_time_string(timestamp?: number) {
          return timestamp === undefined ? "now" : "then";
        }
      },
    test: (answer) => {
      assertEquals(answer.header("date"), "now");
      assertEquals(answer.header("last-modified"), "then");
    },
  },
  {
    name: "send_response",
    of: (Files) =>
      class extends Files {
        override send_response(code: number) {
          super.send_response(code, "Fine");
          this.send_header("X-Code", code);
        }
      },
    test: (answer) =>
      assertEquals([answer.reason, answer.header("x-code")], ["Fine", "200"]),
  },
  {
    name: "send_response_only",
    of: (Files) =>
      class extends Files {
        override send_response_only(code: number) {
          super.send_response_only(code, "Only");
        }
      },
    test: (answer) => assertEquals(answer.reason, "Only"),
  },
  {
    name: "flush_headers",
    of: (Files) =>
      class extends Files {
        override flush_headers() {
          this.response.text = this.response.text.replace(
            "200 OK",
            "200 Flushed",
          );
          super.flush_headers();
        }
      },
    test: (answer) => assertEquals(answer.reason, "Flushed"),
  },
  {
    name: "translate_path",
    of: (Files) =>
      class extends Files {
        override translate_path(path: string) {
          return super.translate_path(path).replace(FILE, "mod.ts");
        }
      },
    test: (answer) =>
      assertEquals(answer.body, Deno.readTextFileSync(`${ROOT}/mod.ts`)),
  },
  {
    name: "guess_type",
    of: (Files) =>
      class extends Files {
        override guess_type(path: string) {
          return path.endsWith(FILE) ? "text/x-guessed" : "";
        }
      },
    test: (answer) =>
      assertEquals(answer.header("content-type"), "text/x-guessed"),
  },
  {
    name: "copyfile",
    of: (Files) =>
      class extends Files {
        override async copyfile(source: SourceFile, outputfile: this["wfile"]) {
          const text = new TextDecoder().decode(await source.read());
          outputfile.write(text.toUpperCase());
        }
      },
    test: (answer) => assertEquals(answer.body, CONTENT.toUpperCase()),
  },
  {
    name: "send_head",
    of: (Files) =>
      class extends Files {
        override async send_head() {
          const file = await super.send_head();
          file?.read(10);
          return file;
        }
        override copyfile(source: SourceFile, outputfile: this["wfile"]) {
          outputfile.write("*".repeat(10));
          return super.copyfile(source, outputfile);
        }
      },
    test: (answer) =>
      assertEquals(answer.body, "*".repeat(10) + CONTENT.slice(10)),
  },
  {
    name: "do_GET",
    of: (Files) =>
      class extends Files {
        override do_GET() {
          this.path = "/mod.ts";
          return super.do_GET();
        }
      },
    test: (answer) =>
      assertEquals(answer.body, Deno.readTextFileSync(`${ROOT}/mod.ts`)),
  },
  {
    name: "parse_request",
    of: (Files) =>
      class extends Files {
        override async parse_request() {
          const parsed = await super.parse_request();
          this.headers = new HTTPMessage([["X-Added", "1"]]);
          return parsed;
        }
        override end_headers() {
          this.send_header("X-Added", this.headers.get("x-added") ?? "");
          super.end_headers();
        }
      },
    test: (answer) => assertEquals(answer.header("x-added"), "1"),
  },
];

/** Hooks with separate tests. */
const TESTS: Readonly<Record<string, (tools: Tools) => Promise<void>>> = {
  async "log_message() and log_request() may be overridden"(
    { Files, getTwice },
  ) {
    const lines: string[] = [];
    await getTwice(
      class extends Files {
        override log_request(code?: unknown, size?: unknown) {
          lines.push(`${this.requestline} ${code} ${size}`);
          super.log_request(code as number);
        }
        override log_message(template: string, ...args: unknown[]) {
          lines.push([template, ...args].join("|"));
        }
      },
    );
    const line = `GET /${FILE} HTTP/1.1`;
    const pair = [`${line} 200 undefined`, `"%s" %s %s|${line}|200|-`];
    assertEquals(lines, [...pair, ...pair]);
  },

  async "setup(), handle(), handle_one_request() and finish() may be overridden"(
    { Files, getTwice },
  ) {
    const calls: string[] = [];
    await getTwice(
      class extends Files {
        override async setup() {
          calls.push("setup");
          await super.setup();
        }
        override async handle() {
          calls.push("handle");
          await super.handle();
        }
        override async handle_one_request() {
          calls.push("request");
          await super.handle_one_request();
        }
        override async finish() {
          calls.push("finish");
          await super.finish();
        }
      },
    );
    assertEquals(calls, ["setup", "handle", "request", "request", "finish"]);
  },

  async "list_directory() and index_pages may be overridden"(
    { Quiet },
  ) {
    await using server = serveOwn(
      class extends Quiet {
        override index_pages = ["no-such-page", FILE];
      },
    );
    assertEquals((await server.ask("GET / HTTP/1.0\r\n\r\n")).body, CONTENT);

    await using refusing = serveOwn(
      class extends Quiet {
        override list_directory(path: string) {
          this.send_error(403, `No list of ${path.slice(-1)}`);
          return Promise.resolve(null);
        }
      },
    );
    const answer = await refusing.ask("GET / HTTP/1.0\r\n\r\n");
    assertEquals([answer.status, answer.reason], [403, "No list of /"]);
  },

  async "the file that send_head() gave is closed, also where copyfile() throws"(
    { Files, methods, getTwice },
  ) {
    let closed = 0;
    class Watching extends Files {
      override async send_head() {
        const file = await super.send_head();
        if (file === null) return null;
        const close = file.close.bind(file);
        file.close = () => {
          closed++;
          close();
        };
        return file;
      }
    }
    await getTwice(Watching);
    assertEquals(closed, 2);

    class WatchingAtOnce extends Files {
      override send_head() {
        const file = super.send_head() as SourceFile;
        const close = file.close.bind(file);
        file.close = () => {
          closed++;
          close();
        };
        return file;
      }
    }
    for (const Handler of [Watching, WatchingAtOnce]) {
      await using server = serveOwn(Handler);
      for (const method of methods) {
        closed = 0;
        await server.send(`${method} /${FILE} HTTP/1.0\r\n\r\n`);
        assertEquals(closed, 1, method);
      }
    }

    for (const later of [false, true]) {
      const failure = new Error("copyfile");
      class Failing extends Watching {
        override copyfile() {
          if (!later) throw failure;
          return Promise.reject(failure);
        }
      }
      closed = 0;
      await using server = serveOwn(Failing);
      await server.send(`GET /${FILE} HTTP/1.0\r\n\r\n`);
      assertEquals(server.takeErrors(), [failure]);
      assertEquals(closed, 1);
    }
  },
};

/** Serves the folder of the project's own files. */
function serveOwn(Handler: FilesClass): Served {
  return serve(partial(Handler, { directory: ROOT }));
}

/** Declares the tests of all hooks for a class, which has HTTP/1.0 and no log; `send_head()` opens a file for these methods. */
export function testHooks(Quiet: FilesClass, methods: readonly string[]): void {
  class Files extends Quiet {
    override protocol_version = "HTTP/1.1";
  }
  const getTwice = async (Handler: FilesClass) => {
    await using server = serveOwn(Handler);
    using client = await server.connect();
    const answers: Answer[] = [];
    for (const connection of ["keep-alive", "close"]) {
      await client.write(
        `GET /${FILE} HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`,
      );
      answers.push(await client.answer());
    }
    return answers;
  };
  for (const { name, of, test } of RESPONSES) {
    Deno.test(`${name}() may be overridden`, async () => {
      const answers = await getTwice(of(Files));
      assertEquals(answers.length, 2);
      for (const answer of answers) {
        assertEquals(answer.status, 200);
        test(answer);
      }
    });
  }
  for (const [name, run] of Object.entries(TESTS)) {
    Deno.test(name, () => run({ Quiet, Files, methods, getTwice }));
  }
}
