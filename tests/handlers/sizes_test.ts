// Kernel files, whose size differs from their `stat`.

import { assert, assertEquals } from "@std/assert";
import { folder, get, QuietFiles, serveFolder } from "./_folder.ts";

class Kept extends QuietFiles {
  override protocol_version = "HTTP/1.1";
}

const ignore = Deno.build.os !== "linux";

function ask(method: string, target: string): string {
  return `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
}

Deno.test({
  name: "a file of size 0 with content is sent with its actual length",
  ignore,
  async fn() {
    assertEquals(Deno.statSync("/proc/version").size, 0);
    const content = Deno.readTextFileSync("/proc/version");
    await using server = serveFolder("/proc", Kept);
    for (const method of ["GET", "HEAD"]) {
      const answer = await server.ask(ask(method, "/version"));
      assertEquals(answer.status, 200);
      assertEquals(answer.header("content-length"), String(content.length));
      assertEquals(answer.body, method === "GET" ? content : "");
    }
    assertEquals((await server.ask(get("/version"))).body, content);
  },
});

Deno.test({
  name: "a file that is shorter than its size is sent with its actual length",
  ignore,
  async fn() {
    const directory = "/sys/class/net/lo";
    assert(Deno.statSync(`${directory}/mtu`).size > 100);
    const content = Deno.readTextFileSync(`${directory}/mtu`);
    await using server = serveFolder(directory, Kept);
    for (const method of ["GET", "HEAD"]) {
      const answer = await server.ask(ask(method, "/mtu"));
      assertEquals(answer.status, 200);
      assertEquals(answer.header("content-length"), String(content.length));
      assertEquals(answer.body, method === "GET" ? content : "");
    }
  },
});

Deno.test({
  name: "a large file of size 0 is sent chunked",
  ignore,
  async fn() {
    await using files = await folder({ "a": "x".repeat(600_000) });
    const { stat } = Deno.FsFile.prototype;
    const { statSync } = Deno;
    Deno.FsFile.prototype.stat = async function () {
      return { ...await stat.call(this), size: 0 };
    };
    Deno.statSync = (path) => ({ ...statSync(path), size: 0 });
    try {
      await using server = serveFolder(files.path, Kept);
      const answer = await server.ask(ask("GET", "/a"));
      assertEquals(answer.status, 200);
      assertEquals(answer.header("content-length"), undefined);
      assertEquals(answer.header("transfer-encoding"), "chunked");
      assert(answer.body === "x".repeat(600_000));
      // In HTTP/1.0, closing the connection ends the body.
      const older = await server.ask(get("/a"));
      assertEquals(older.header("transfer-encoding"), undefined);
      assert(older.body === "x".repeat(600_000));
      const head = await server.ask(ask("HEAD", "/a"));
      assertEquals([head.status, head.body], [200, ""]);
    } finally {
      Deno.statSync = statSync;
      Deno.FsFile.prototype.stat = stat;
    }
  },
});

Deno.test("an empty file has an empty body", async () => {
  await using files = await folder({ "a": "" });
  await using server = serveFolder(files.path, Kept);
  for (let round = 0; round < 2; round++) {
    const answer = await server.ask(ask("GET", "/a"));
    assertEquals([answer.status, answer.body], [200, ""]);
    assertEquals(answer.header("content-length"), "0");
  }
});

Deno.test("a file that was empty a moment ago is sent with its current content", async () => {
  await using files = await folder({ "a": "" });
  await using server = serveFolder(files.path, Kept);
  assertEquals((await server.ask(ask("GET", "/a"))).body, "");
  await Deno.writeTextFile(files.in("a"), "more");
  assertEquals((await server.ask(ask("GET", "/a"))).body, "more");
});
