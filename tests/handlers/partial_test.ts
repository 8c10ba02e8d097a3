// partial() binds options to a handler class.

import { assert, assertEquals } from "@std/assert";
import {
  BaseHTTPRequestHandler,
  partial,
  SimpleHTTPRequestHandler,
} from "../../handlers/mod.ts";
import { folder, get, QuietFiles } from "./_folder.ts";
import { inMemory } from "./_memory.ts";
import { serve } from "../_serve.ts";

Deno.test("partial() returns classes with separate options", async () => {
  await using one = await folder({ "a": "one" });
  await using two = await folder({ "a": "two" });
  await using first = serve(partial(QuietFiles, { directory: one.path }));
  await using second = serve(partial(QuietFiles, { directory: two.path }));
  assertEquals((await first.ask(get("/a"))).body, "one");
  assertEquals((await second.ask(get("/a"))).body, "two");
});

Deno.test("partial() returns a subclass", () => {
  const Handler = partial(SimpleHTTPRequestHandler, { directory: "/srv" });
  assert(Handler.prototype instanceof SimpleHTTPRequestHandler);
  assert(Handler.prototype instanceof BaseHTTPRequestHandler);
});

Deno.test("partial() keeps the defaults of missing options", () => {
  class Open extends SimpleHTTPRequestHandler {}
  const Handler = partial(Open, {}) as typeof Open;
  const { handler } = inMemory(Handler);
  assertEquals(handler.directory, Deno.cwd());
  assertEquals(handler.default_content_type, "application/octet-stream");
  assertEquals(handler.extra_response_headers, []);
});

Deno.test("partial() accepts any class with options as its fourth argument", async () => {
  class Greeting extends BaseHTTPRequestHandler {
    readonly #name: string;
    constructor(
      request: ConstructorParameters<typeof BaseHTTPRequestHandler>[0],
      client_address: ConstructorParameters<typeof BaseHTTPRequestHandler>[1],
      server: ConstructorParameters<typeof BaseHTTPRequestHandler>[2],
      options: { name: string },
    ) {
      super(request, client_address, server);
      this.#name = options.name;
    }
    override log_message() {}
    do_GET() {
      this.send_response(200);
      this.end_headers();
      this.wfile.write(`hello ${this.#name}`);
    }
  }
  await using server = serve(partial(Greeting, { name: "you" }));
  assertEquals((await server.ask(get("/"))).body, "hello you");
});

Deno.test("directory can be set as a field of a subclass", async () => {
  await using files = await folder({ "a": "x" });
  class Fixed extends QuietFiles {
    override directory = files.path;
  }
  await using server = serve(Fixed);
  assertEquals((await server.ask(get("/a"))).body, "x");
});
