// The examples and the README's first handler, run as a user would run them.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import deploy from "../examples/deploy.ts";
import { Hello } from "../examples/hello.ts";
import { Words } from "../examples/line_protocol.ts";
import { Greeter } from "../examples/post_json.ts";
import { ThreadingHTTPServer, ThreadingTCPServer } from "../server/mod.ts";
import { startCommand } from "./_command.ts";
import { captureLog } from "./_lib/captured_log.ts";
import { quiet } from "./_lib/quiet.ts";
import { Client } from "./_serve.ts";

Deno.test("examples/hello.ts responds to GET", async () => {
  await using server = new ThreadingHTTPServer(["127.0.0.1", 0], quiet(Hello));
  server.serve_forever();
  const response = await fetch(`http://127.0.0.1:${server.server_port}/`);
  assertEquals([response.status, await response.text()], [200, "hello\n"]);
});

Deno.test("examples/post_json.ts responds with JSON, and with 400 to anything else", async () => {
  await using server = new ThreadingHTTPServer(
    ["127.0.0.1", 0],
    quiet(Greeter),
  );
  server.serve_forever();
  const url = `http://127.0.0.1:${server.server_port}/`;
  const good = await fetch(url, { method: "POST", body: '{"name":"Ada"}' });
  assertEquals([good.status, await good.json()], [200, { hello: "Ada" }]);
  const bad = await fetch(url, { method: "POST", body: "Ada" });
  assertEquals(bad.status, 400);
  assertStringIncludes(await bad.text(), "Not JSON");
});

Deno.test("examples/deploy.ts serves files and POST without a socket", async () => {
  using log = captureLog();
  const ask = (path: string, init?: RequestInit) =>
    deploy.fetch(new Request(`http://localhost${path}`, init));
  const page = await ask("/cli.md", { method: "HEAD" });
  assertEquals(page.status, 200);
  assertMatch(page.headers.get("etag") ?? "", /^"[0-9a-f]{32}"$/);
  const image = await ask("/images/listing-dark.webp");
  assertEquals(image.headers.get("cache-control"), "public, max-age=3600");
  await image.body?.cancel();
  const posted = await ask("/", { method: "POST", body: "tea" });
  assertEquals(await posted.text(), "3 bytes from 127.0.0.1\n");
  const long = await ask("/", { method: "POST", body: "x".repeat(99_999) });
  assertEquals(long.status, 413);
  await long.body?.cancel();
  assertStringIncludes(log.text, '"HEAD /cli.md HTTP/1.1" 200 -');
});

Deno.test("examples/deploy.ts runs with deno serve", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "serve",
      "-A",
      "--no-check",
      "--host=127.0.0.1",
      "--port=0",
      "--config=deno.json",
      "--import-map=tools/npm_std.json",
      "examples/deploy.ts",
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const lines = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let printed = "";
    let port: string | undefined;
    while (port === undefined) {
      const { done, value } = await lines.read();
      if (done) throw new Error(`It ended: ${printed}`);
      printed += value;
      port = /127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
    }
    const response = await fetch(`http://127.0.0.1:${port}/deploy.md`);
    assertEquals(response.status, 200);
    assertStringIncludes(await response.text(), "# ");
  } finally {
    child.kill();
    await child.status;
    await lines.cancel();
  }
});

Deno.test("examples/line_protocol.ts serves several clients in parallel, line by line", async () => {
  await using server = new ThreadingTCPServer(["127.0.0.1", 0], Words);
  server.serve_forever();
  const address = { hostname: "127.0.0.1", port: server.server_port };
  using first = new Client(await Deno.connect(address));
  using second = new Client(await Deno.connect(address));
  await first.write("upper good morning\n");
  assertEquals(await first.readUntil("\n"), "GOOD MORNING\n");
  await second.write("reverse a b c\r\nsing\nquit\nupper too late\n");
  assertEquals(await second.readToEnd(), "c b a\nwhat?\n");
  await first.write("upper x");
  await first.closeWrite();
  assertEquals(await first.readToEnd(), "X\n");
});

Deno.test("the README's first handler serves", async () => {
  const readme = await Deno.readTextFile(
    new URL("../README.md", import.meta.url),
  );
  const code = /```ts ignore\n([^]*?)```/.exec(readme)?.[1] ?? "";
  assertStringIncludes(code, "class Hello");
  const folder = await Deno.makeTempDir();
  try {
    // On a free port, which it prints, and from this checkout.
    const script = code!
      .replace("jsr:@x/httpserver", new URL("../mod.ts", import.meta.url).href)
      .replace("8000]", "0]")
      .replace(
        "await server.serve",
        'console.log("at port", server.server_port);\nawait server.serve',
      );
    await Deno.writeTextFile(`${folder}/hello.ts`, script);
    await using serving = await startCommand([], {
      file: `${folder}/hello.ts`,
    });
    const response = await fetch(`http://127.0.0.1:${serving.port}/`);
    assertEquals([response.status, await response.text()], [200, "hello\n"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
