// Expect: 100-continue. If the head alone decides, the client gets the final response without
// a 100, which would only make it send its body.

import { assert, assertEquals } from "@std/assert";
import { partial, type StaticFileOptions } from "../../handlers/static/mod.ts";
import { folder } from "../handlers/_folder.ts";
import { serve } from "../_serve.ts";
import { Quiet, site } from "./_site.ts";

function head(method: string, target: string, ...fields: string[]): string {
  return [
    `${method} ${target} HTTP/1.1`,
    "Host: localhost",
    "Content-Length: 5",
    "Expect: 100-continue",
    ...fields,
    "",
    "",
  ].join("\r\n");
}

const AUTHORIZED = `Authorization: Basic ${btoa("ada:secret")}`;

Deno.test("StaticFileHandler sends the final status at once if it rejects a request by its head", async () => {
  const rows: readonly [
    options: StaticFileOptions,
    status: number,
    method: string,
    target: string,
    ...fields: string[],
  ][] = [
    [{}, 405, "PUT", "/a.txt"],
    [{}, 405, "POST", "/a.txt"],
    [{}, 405, "PATCH", "/none"],
    [{}, 405, "DELETE", "/"],
    [{}, 501, "MKCOL", "/a.txt"],
    [{}, 404, "GET", "/none"],
    [{}, 200, "GET", "/a.txt"],
    [{}, 200, "HEAD", "/a.txt"],
    [{}, 204, "OPTIONS", "/a.txt"],
    [{ users: "ada:secret" }, 401, "GET", "/a.txt"],
    [{ users: "ada:secret" }, 200, "GET", "/a.txt", AUTHORIZED],
    [{ users: "ada:secret" }, 405, "PUT", "/a.txt", AUTHORIZED],
    [{ hosts: ["a.test"] }, 405, "PUT", "/a.txt"],
    [{ hosts: ["a.test"] }, 421, "PUT", "http://evil.test/a.txt"],
    [{ hosts: ["a.test"] }, 421, "OPTIONS", "http://evil.test/a.txt"],
    [{ hosts: ["a.test"] }, 421, "GET", "http://evil.test/a.txt"],
  ];
  for (const [options, status, method, target, ...fields] of rows) {
    await using files = await site({ "a.txt": "a" }, options);
    using client = await files.served.connect();
    await client.write(head(method, target, ...fields));
    const answer = await client.answer(method);
    assertEquals(answer.status, status, `${method} ${target}`);
    // Its body may or may not follow, so the next bytes can't be parsed as a request.
    assertEquals(answer.header("connection"), "close");
    await client.write("GET / ").catch(() => {});
    await client.assertClosed();
  }
});

Deno.test("StaticFileHandler sends 100 for the methods of a subclass", async () => {
  class Uploads extends Quiet {
    override async do_PUT() {
      const body = await this.rfile.read();
      this.send_response(201);
      this.send_header("Content-Length", body.length);
      this.end_headers();
      this.wfile.write(body);
    }
    async do_REPORT() {
      await this.do_PUT();
    }
  }
  await using made = await folder({ "a.txt": "a" });
  await using server = serve(partial(Uploads, { directory: made.path }));
  for (const method of ["PUT", "REPORT"]) {
    using client = await server.connect();
    await client.write(head(method, "/a.txt"));
    assert((await client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100 "));
    await client.write("hello");
    const answer = await client.answer();
    assertEquals([answer.status, answer.body], [201, "hello"]);
  }
  // Other methods are still rejected.
  using client = await server.connect();
  await client.write(head("POST", "/a.txt"));
  assertEquals((await client.answer()).status, 405);
});

Deno.test("StaticFileHandler uses the handle_expect_100() of a subclass", async () => {
  class Refusing extends Quiet {
    override handle_expect_100() {
      this.send_error(417);
      return false;
    }
  }
  await using files = await site({ "a.txt": "a" }, {}, Refusing);
  const answer = await files.served.ask(head("GET", "/a.txt"));
  assertEquals(answer.status, 417);
});
