// SimpleHTTPServerTestCase of CPython's test_httpservers.py, except for listings, which
// are in list_directory_test.ts. As in CPython, the folder with the files is in the served
// folder, so that a target can miss it.

import { assert, assertEquals } from "@std/assert";
import { type Folder, folder, get, serveFolder } from "../handlers/_folder.ts";
import type { Answer, Served } from "../_serve.ts";

const DATA = "We are the knights who say Ni!";
const MODIFIED = new Date("2024-02-29T12:34:56.700Z");
const LAST_MODIFIED = "Thu, 29 Feb 2024 12:34:56 GMT";

/** A folder "base" with a file "test" in it, and a server for its parent folder. */
async function served(
  more: Readonly<Record<string, string>> = {},
): Promise<{ files: Folder; server: Served } & AsyncDisposable> {
  const files = await folder({ "base/test": DATA, ...more });
  await Deno.utime(files.in("base/test"), MODIFIED, MODIFIED);
  const server = serveFolder(files.path);
  return {
    files,
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
}

/** Requests a target with HTTP/1.0, and asserts that the connection closes after the response. */
async function ask(
  server: Served,
  target: string,
  ...fields: string[]
): Promise<Answer> {
  using client = await server.connect();
  await client.write(get(target, ...fields));
  const response = await client.answer();
  assertEquals(response.version, "HTTP/1.0");
  assertEquals(response.header("connection") ?? "close", "close");
  await client.assertClosed();
  return response;
}

/** Asserts the status and Location of each target. */
async function assertStatuses(
  server: Served,
  rows:
    readonly (readonly [target: string, status: number, location?: string])[],
): Promise<void> {
  for (const [target, status, location] of rows) {
    const response = await ask(server, target);
    assertEquals(response.status, status, target);
    assertEquals(response.header("location"), location, target);
    if (location !== undefined) {
      assertEquals(response.header("content-length"), "0");
    }
  }
}

Deno.test("SimpleHTTPServerTestCase.test_get: a file is sent, a directory is listed or gets a redirect, and all else gets 404", async () => {
  await using site = await served({ "base/spam/index.html/": "" });
  const { files, server } = site;
  assertEquals((await ask(server, "/base/test")).body, DATA);
  await assertStatuses(server, [
    ["/base/test", 200],
    ["/base/test/", 404],
    ["/base/test%2f", 404],
    ["/base/test%2F", 404],
    ["/base/", 200],
    ["/base%2f", 200],
    ["/base%2F", 200],
    ["/base", 301, "/base/"],
    ["/base/?hi=2", 200],
    ["/base?hi=1", 301, "/base/?hi=1"],
    ["/ThisDoesNotExist", 404],
    ["/ThisDoesNotExist/", 404],
    // A directory of that name is not an index page.
    ["/base/spam/", 200],
  ]);
  await Deno.writeTextFile(files.in("base/index.html"), "Dummy index\r\n");
  assertEquals((await ask(server, "/base/")).body, "Dummy index\r\n");
});

Deno.test({
  name:
    "SimpleHTTPServerTestCase.test_get: a directory that can't be read gets 404",
  // Root can read any directory.
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  async fn() {
    await using site = await served();
    await Deno.chmod(site.files.in("base"), 0);
    const response = await ask(site.server, "/base/");
    await Deno.chmod(site.files.in("base"), 0o755);
    assertEquals(response.status, 404);
  },
});

Deno.test("SimpleHTTPServerTestCase.test_head: HEAD sends the length and the type of the file", async () => {
  await using site = await served();
  const sent = await site.server.send("HEAD /base/test HTTP/1.0\r\n\r\n");
  const [statusLine, ...fields] = sent.split("\r\n");
  assertEquals(statusLine, "HTTP/1.0 200 OK");
  assert(fields.includes(`Content-Length: ${DATA.length}`), sent);
  assert(fields.includes("Content-type: application/octet-stream"), sent);
  assert(sent.endsWith("\r\n\r\n"), "There is no content");
});

Deno.test("SimpleHTTPServerTestCase.test_browser_cache: an unmodified file gets 304", async () => {
  await using site = await served();
  for (const since of [LAST_MODIFIED, "Thu, 29 Feb 2024 13:34:56 GMT"]) {
    const response = await ask(
      site.server,
      "/base/test",
      `If-Modified-Since: ${since}`,
    );
    assertEquals([response.status, response.body], [304, ""]);
  }
});

Deno.test("SimpleHTTPServerTestCase.test_browser_cache_file_changed: a modified file is sent", async () => {
  await using site = await served();
  const response = await ask(
    site.server,
    "/base/test",
    "If-Modified-Since: Tue, 28 Feb 2023 12:34:56 GMT",
  );
  assertEquals([response.status, response.body], [200, DATA]);
});

Deno.test("SimpleHTTPServerTestCase.test_browser_cache_with_If_None_Match_header: If-Modified-Since is ignored with If-None-Match", async () => {
  await using site = await served();
  const response = await ask(
    site.server,
    "/base/test",
    `If-Modified-Since: ${LAST_MODIFIED}`,
    "If-None-Match: *",
  );
  assertEquals([response.status, response.body], [200, DATA]);
});

Deno.test("SimpleHTTPServerTestCase.test_invalid_requests: methods are case-sensitive", async () => {
  await using site = await served();
  for (const method of ["FOO", "custom", "GETs"]) {
    const response = await site.server.ask(`${method} / HTTP/1.0\r\n\r\n`);
    assertEquals(response.status, 501, method);
  }
});

Deno.test("SimpleHTTPServerTestCase.test_last_modified: Last-Modified is the file's time, rounded down to a second", async () => {
  await using site = await served();
  const response = await ask(site.server, "/base/test");
  assertEquals(response.header("last-modified"), LAST_MODIFIED);
});

Deno.test("SimpleHTTPServerTestCase.test_path_without_leading_slash: a target without a leading slash is found", async () => {
  await using site = await served();
  assertEquals((await ask(site.server, "base/test")).body, DATA);
  await assertStatuses(site.server, [
    ["base/test", 200],
    ["base/test/", 404],
    ["base/", 200],
    ["base", 301, "base/"],
    ["base/?hi=2", 200],
    ["base?hi=1", 301, "base/?hi=1"],
  ]);
});

Deno.test("SimpleHTTPServerTestCase.test_get_dir_redirect_location_domain_injection_bug: a redirect never goes to another host", async () => {
  await using site = await served({ "base/existing_directory/": "" });
  const url =
    "/python.org/..%2f..%2f..%2f..%2f..%2f../%0a%0d/../base/existing_directory";
  await assertStatuses(site.server, [
    [url, 301, `${url}/`],
    [`/${url}`, 301, `${url}/`],
    [`//${url}`, 301, `${url}/`],
    // A target with a host keeps it, as the client requested that host.
    [`https://pypi.org/${url}`, 301, `https://pypi.org/${url}/`],
  ]);
});
