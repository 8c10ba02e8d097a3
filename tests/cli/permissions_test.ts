// A static site with no more permissions than SECURITY.md lists.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startCommand } from "../_command.ts";
import { Client } from "../_serve.ts";
import { type Folder, folder } from "../handlers/_folder.ts";

/** A port that was free a moment ago: the permission needs it before the command listens. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The `Content-Encoding` of a response to a client that accepts one coding. */
async function codingOf(
  path: string,
  accepted: string,
  port: number,
): Promise<string | undefined> {
  using client = new Client(
    await Deno.connect({ hostname: "127.0.0.1", port }),
  );
  await client.write(
    `GET ${path} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${accepted}\r\n\r\n`,
  );
  return (await client.answer()).header("content-encoding");
}

/** A site with a text, an index page and an error page. */
async function siteFiles(): Promise<Folder> {
  const text = "some text, ".repeat(2_000);
  const files = await folder({
    "text.txt": text,
    "index/index.html": "<p>index",
    "404.html": "<p>own page",
    "sub/name.txt": "-",
  });
  // A file that was just modified has no strong validator.
  const changed = new Date("2024-03-01T12:00:00Z");
  await Deno.utime(files.in("text.txt"), changed, changed);
  return files;
}

Deno.test("the command serves a site with only --allow-net=HOST:PORT and --allow-read=ROOT", async () => {
  await using files = await siteFiles();
  const root = await Deno.realPath(files.path);
  const port = freePort();
  await using serving = await startCommand(
    ["-b", "127.0.0.1", "-d", root, String(port)],
    {
      permissions: [`--allow-net=127.0.0.1:${port}`, `--allow-read=${root}`],
    },
  );
  assertEquals(serving.port, port);
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers,
      redirect: "manual",
    });
    return { response, body: await response.text() };
  };

  const listing = await get("/");
  assertEquals(listing.response.status, 200);
  assertStringIncludes(listing.body, "text.txt");
  const json = await get("/?format=json");
  assertStringIncludes(json.body, '"text.txt"');
  assertEquals((await get("/index/")).body, "<p>index");
  assertEquals((await get("/sub")).response.status, 301);

  const range = await get("/text.txt", { Range: "bytes=5-8" });
  assertEquals([range.response.status, range.body], [206, "text"]);

  for (const coding of ["gzip", "br", "zstd"]) {
    assertEquals(await codingOf("/text.txt", coding, port), coding);
  }
  const since = range.response.headers.get("last-modified") ?? "";
  const again = await get("/text.txt", { "If-Modified-Since": since });
  assertEquals(again.response.status, 304);

  const missing = await get("/none", { Accept: "text/html" });
  assertEquals([missing.response.status, missing.body], [404, "<p>own page"]);
  assertEquals((await get("/..%2f..%2fetc/passwd")).response.status, 404);

  const { code, stderr } = await serving.stop("SIGTERM");
  assertEquals(code, 0);
  // Only the access log: no failures and no permission prompts.
  for (const line of stderr.trimEnd().split("\n")) {
    assertMatch(
      line,
      /^127\.0\.0\.1 - - \[[^\]]+\] (?:"GET [^"]+ HTTP\/1\.1" \d{3} -|code 404, message .+)$/,
    );
  }
  assertMatch(stderr, /"GET \/text\.txt HTTP\/1\.1" 206 -/);
});
