// Options that are compiled once for all requests of a site, and the defaults of a new handler.

import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { compileSite } from "../../handlers/static/site.ts";
import {
  partial,
  StaticFileHandler,
  type StaticFileOptions,
  staticFiles,
} from "../../handlers/static/mod.ts";
import type { RequestHandlerClass } from "../../handlers/types.ts";
import { ThreadingUnixStreamServer } from "../../server/mod.ts";
import { runCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";
import { serve } from "../_serve.ts";

Deno.test("compileSite() compiles equal options once", () => {
  const make = (more: StaticFileOptions = {}): StaticFileOptions => ({
    directory: "/srv",
    users: "ada:secret",
    mounts: { "/docs": new URL("file:///srv/docs") },
    ...more,
  });
  const site = compileSite(make());
  assertStrictEquals(compileSite(make()), site);
  assertStrictEquals(compileSite(make({ directory: "/srv/" })), site);
  for (
    const other of [
      { directory: "/srv2" },
      { users: "ada:other" },
      { mounts: {} },
      { mounts: { "/docs": "/srv/doc" } },
      { cors: true },
      { spa: "app.html" },
    ]
  ) {
    assertNotStrictEquals(
      compileSite(make(other)),
      site,
      JSON.stringify(other),
    );
  }
  // The fields of a handler.
  assertNotStrictEquals(compileSite(make(), "/srv2"), site);
  assertNotStrictEquals(compileSite(make(), "/srv", "text/x-a"), site);
  assertStrictEquals(compileSite(make({ directory: "/x" }), "/srv"), site);
});

Deno.test("compileSite() uses the current working directory if the options have none", async () => {
  await using one = await folder({});
  await using two = await folder({});
  const options = {};
  const before = Deno.cwd();
  try {
    Deno.chdir(one.path);
    const { main } = compileSite(options);
    assertEquals(main.path, await Deno.realPath(one.path));
    Deno.chdir(two.path);
    assertEquals(compileSite(options).main.path, await Deno.realPath(two.path));
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("StaticFileHandler compiles a site once for all connections of a class whose constructor makes the options", async () => {
  await using made = await folder({ "a.txt": "a" });
  const sites = new Set<unknown>();
  class Private extends StaticFileHandler {
    constructor(...args: ConstructorParameters<RequestHandlerClass>) {
      const options = { directory: made.path, users: "ada:secret" };
      super(...args, options);
      sites.add(compileSite({ ...options }));
    }
    override log_message(): void {}
  }
  await using server = serve(Private);
  for (let count = 0; count < 3; count++) {
    const answer = await server.ask(
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    assertEquals(answer.status, 401);
  }
  assertEquals(sites.size, 1);
});

/** Calls staticFiles() with these permissions; returns "served", or the error. */
async function construct(
  directory: string,
  symlinks: string,
  ...permissions: string[]
): Promise<string> {
  const root = new URL("../../", import.meta.url).href;
  await using program = await folder({
    "main.ts": `
      import { staticFiles } from "${root}handlers/static/mod.ts";
      const [directory, symlinks] = Deno.args;
      try {
        staticFiles({ directory, symlinks });
        console.log("served");
      } catch (error) {
        console.log(error.name + ": " + error.message);
      }`,
  });
  const { stdout, stderr } = await runCommand([directory, symlinks], {
    file: program.in("main.ts"),
    permissions,
  });
  assertEquals(stderr, "");
  return stdout.trimEnd();
}

Deno.test("staticFiles() throws for a folder that Deno may not read, and names the missing permission", async () => {
  await using made = await folder({ "real/a.txt": "a" });
  const real = await Deno.realPath(made.in("real"));
  const link = made.in("link");
  await Deno.symlink(real, link);
  for (const symlinks of ["inside", "follow", "deny"]) {
    assertEquals(
      await construct(link, symlinks, `--allow-read=${link}`),
      `NotCapable: Cannot serve "${link}": Deno may not read "${real}", its real path; add --allow-read="${real}"`,
    );
  }
  assertEquals(
    await construct(real, "inside", `--allow-read=${link}`),
    `NotCapable: Cannot serve "${real}": Deno may not read it; add --allow-read="${real}"`,
  );
  const both = `--allow-read=${link},${real}`;
  assertEquals(await construct(link, "inside", both), "served");
  assertEquals(
    await construct(real, "inside", `--allow-read=${real}`),
    "served",
  );
  // It may be created later.
  const none = made.in("none");
  assertEquals(
    await construct(none, "inside", `--allow-read=${none}`),
    "served",
  );
});

Deno.test("staticFiles() and StaticFileHandler use HTTP/1.1, and require Host for it", async () => {
  await using made = await folder({ "a.txt": "a" });
  class Quiet extends StaticFileHandler {
    override log_message(): void {}
  }
  const options: StaticFileOptions = { directory: made.path };
  for (
    const Handler of [
      staticFiles({ ...options, log: "none" }),
      partial(Quiet, options),
    ]
  ) {
    await using server = serve(Handler);
    using client = await server.connect();
    for (let count = 0; count < 2; count++) {
      await client.write("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
      const answer = await client.answer();
      assertEquals([answer.version, answer.body], ["HTTP/1.1", "a"]);
      assertEquals(answer.header("connection"), undefined);
    }
    const without = await server.ask("GET /a.txt HTTP/1.1\r\n\r\n");
    assertEquals(without.status, 400);
    // HTTP/1.0 doesn't require it.
    const old = await server.send("GET /a.txt HTTP/1.0\r\n\r\n");
    assert(old.endsWith("\r\n\r\na"));
  }
});

Deno.test("trustProxy trusts a proxy that connects through a Unix socket", async () => {
  await using made = await folder({ "a.txt": "a" });
  for (const [trusted, logged] of [["unix:", "203.0.113.9"], ["10.0.0.1"]]) {
    const addresses: string[] = [];
    class Logging extends StaticFileHandler {
      override log_message(): void {
        addresses.push(this.address_string());
      }
    }
    const path = made.in(`${trusted!.length}.sock`);
    const Handler = partial(Logging, {
      directory: made.path,
      trustProxy: [trusted!],
    });
    await using server = new ThreadingUnixStreamServer(path, Handler);
    const serving = server.serve_forever();
    using conn = await Deno.connect({ transport: "unix", path });
    await conn.write(
      new TextEncoder().encode(
        "GET /a.txt HTTP/1.0\r\nX-Forwarded-For: 1.1.1.1, 203.0.113.9\r\n\r\n",
      ),
    );
    const answer = await new Response(conn.readable).text();
    assertStringIncludes(answer, "200 OK");
    assertEquals(addresses, [logged ?? "unix:"]);
    await server.server_close();
    await serving;
  }
});

Deno.test("redirects of StaticFileHandler resolve to the folder even if a proxy strips a prefix", async () => {
  await using made = await folder({ "sub/index.html": "s", "a:b/x.txt": "x" });
  await using server = serve(
    staticFiles({ directory: made.path, log: "none", cleanUrls: true }),
  );
  for (const target of ["/sub?x=1", "/sub/index.html?x=1", "/sub/index?x=1"]) {
    const answer = await server.ask(
      `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    const seen = new URL(`https://proxy.test/prefix${target}`);
    assertEquals(
      new URL(answer.header("location")!, seen).href,
      "https://proxy.test/prefix/sub/?x=1",
    );
  }
  const colon = await server.ask(
    "GET /a:b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  assertEquals(colon.header("location"), "./a:b/");
});
