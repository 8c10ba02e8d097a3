// Every hook of CPython's classes takes effect in StaticFileHandler, on a plain GET of a
// file, also when the file is cached: no fast path may pass by what a subclass replaced.

import { assert, assertEquals } from "@std/assert";
import type { SourceFile } from "../../handlers/mod.ts";
import { HTTPMessage } from "../../parser/headers.ts";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { folder } from "../handlers/_folder.ts";
import type { Answer } from "../_serve.ts";
import {
  CONTENT,
  FILE,
  Files,
  QuietFiles,
  ROOT,
  serveFolder,
} from "./_hooks.ts";

/** Two GETs on one connection: the second finds the file in the cache. */
async function getTwice(Handler: typeof QuietFiles): Promise<Answer[]> {
  await using server = serveFolder(ROOT, Handler);
  using client = await server.connect();
  const answers: Answer[] = [];
  for (const connection of ["keep-alive", "close"]) {
    await client.write(
      `GET /${FILE} HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`,
    );
    answers.push(await client.answer());
  }
  return answers;
}

/** Both answers of this class pass the test. */
function check(
  name: string,
  Handler: typeof QuietFiles,
  test: (answer: Answer) => void,
): void {
  Deno.test(`${name}() may be overridden`, async () => {
    const answers = await getTwice(Handler);
    assertEquals(answers.length, 2);
    for (const answer of answers) {
      assertEquals(answer.status, 200);
      test(answer);
    }
  });
}

check(
  "send_header",
  class extends Files {
    override send_header(name: string, value: string | number) {
      super.send_header(`X-${name}`, value);
      super.send_header(name, value);
    }
  },
  (answer) => {
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
);

check(
  "end_headers",
  class extends Files {
    override end_headers() {
      this.send_header("Access-Control-Allow-Origin", "*");
      super.end_headers();
    }
  },
  (answer) => assertEquals(answer.header("access-control-allow-origin"), "*"),
);

check(
  "version_string",
  class extends Files {
    override version_string() {
      return "Mine";
    }
  },
  (answer) => assertEquals(answer.header("server"), "Mine"),
);

check(
  "date_time_string",
  class extends Files {
    override date_time_string(timestamp?: number) {
      return timestamp === undefined ? "now" : "then";
    }
  },
  (answer) => {
    assertEquals(answer.header("date"), "now");
    assertEquals(answer.header("last-modified"), "then");
  },
);

check(
  "send_response",
  class extends Files {
    override send_response(code: number) {
      super.send_response(code, "Fine");
      this.send_header("X-Code", code);
    }
  },
  (answer) =>
    assertEquals([answer.reason, answer.header("x-code")], ["Fine", "200"]),
);

check(
  "send_response_only",
  class extends Files {
    override send_response_only(code: number) {
      super.send_response_only(code, "Only");
    }
  },
  (answer) => assertEquals(answer.reason, "Only"),
);

check(
  "flush_headers",
  class extends Files {
    override flush_headers() {
      this.response.text = this.response.text.replace("200 OK", "200 Flushed");
      super.flush_headers();
    }
  },
  (answer) => assertEquals(answer.reason, "Flushed"),
);

check(
  "translate_path",
  class extends Files {
    override translate_path(path: string) {
      return super.translate_path(path).replace(FILE, "mod.ts");
    }
  },
  (answer) =>
    assertEquals(answer.body, Deno.readTextFileSync(`${ROOT}/mod.ts`)),
);

check(
  "guess_type",
  class extends Files {
    override guess_type(path: string) {
      return path.endsWith(FILE) ? "text/x-guessed" : "";
    }
  },
  (answer) => assertEquals(answer.header("content-type"), "text/x-guessed"),
);

check(
  "copyfile",
  class extends Files {
    override async copyfile(source: SourceFile, outputfile: this["wfile"]) {
      const text = new TextDecoder().decode(await source.read());
      outputfile.write(text.toUpperCase());
    }
  },
  (answer) => assertEquals(answer.body, CONTENT.toUpperCase()),
);

check(
  "send_head",
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
  (answer) => assertEquals(answer.body, "*".repeat(10) + CONTENT.slice(10)),
);

check(
  "do_GET",
  class extends Files {
    override do_GET() {
      this.path = "/mod.ts";
      return super.do_GET();
    }
  },
  (answer) =>
    assertEquals(answer.body, Deno.readTextFileSync(`${ROOT}/mod.ts`)),
);

check(
  "parse_request",
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
  (answer) => assertEquals(answer.header("x-added"), "1"),
);

Deno.test("log_message() and log_request() may be overridden", async () => {
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
});

Deno.test("setup(), handle(), handle_one_request() and finish() may be overridden", async () => {
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
});

Deno.test("list_directory() and index_pages may be overridden", async () => {
  await using server = serveFolder(
    ROOT,
    class extends QuietFiles {
      override index_pages = ["no-such-page", FILE];
    },
  );
  assertEquals((await server.ask("GET / HTTP/1.0\r\n\r\n")).body, CONTENT);

  await using refusing = serveFolder(
    ROOT,
    class extends QuietFiles {
      override list_directory(path: string) {
        this.send_error(403, `No list of ${path.slice(-1)}`);
        return Promise.resolve(null);
      }
    },
  );
  const answer = await refusing.ask("GET / HTTP/1.0\r\n\r\n");
  assertEquals([answer.status, answer.reason], [403, "No list of /"]);
});

Deno.test("the file that send_head() gave is closed, also where copyfile() throws", async () => {
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
    closed = 0;
    await using server = serveFolder(ROOT, Handler);
    await server.send(`GET /${FILE} HTTP/1.0\r\n\r\n`);
    assertEquals(closed, 1);
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
    await using server = serveFolder(ROOT, Failing);
    await server.send(`GET /${FILE} HTTP/1.0\r\n\r\n`);
    assertEquals(server.takeErrors(), [failure]);
    assertEquals(closed, 1);
  }
});

Deno.test("a replaced translate_path() may lead out of the folder, as in SimpleHTTPRequestHandler", async () => {
  await using outside = await folder({
    "x/a.txt": "outside",
    "x/sub/index.html": "index",
    "x/list/b.txt": "b",
    "x/one.html": "page",
    "x/.hidden": "hidden",
    "x/list/.hidden/index.html": "hidden",
  });
  await using inside = await folder({ "in.txt": "in" });
  const rows: readonly StaticFileOptions[] = [
    {},
    { cleanUrls: true },
    { symlinks: "deny" },
  ];
  for (const options of rows) {
    await using server = serveFolder(
      inside.path,
      class extends QuietFiles {
        override translate_path(path: string) {
          return super.translate_path(path).replace(
            inside.path,
            outside.in("x"),
          );
        }
      },
      options,
    );
    const ask = async (target: string) => {
      const answer = await server.ask(`GET ${target} HTTP/1.0\r\n\r\n`);
      return [answer.status, answer.header("location") ?? answer.body];
    };
    assertEquals(await ask("/a.txt"), [200, "outside"]);
    assertEquals(await ask("/sub/"), [200, "index"]);
    assertEquals(await ask("/sub"), [301, "sub/"]);
    assertEquals((await ask("/list/"))[0], 200);
    assert(String((await ask("/list/"))[1]).includes("b.txt"));
    assertEquals((await ask("/in.txt"))[0], 404);
    assertEquals((await ask("/.git"))[0], 404);
    // The rules judge the path of the request, as everywhere.
    assertEquals((await ask("/.hidden"))[0], 404);
    assertEquals((await ask("/list/.hidden/"))[0], 404);
    if (options.cleanUrls) assertEquals(await ask("/one"), [200, "page"]);
  }
});
