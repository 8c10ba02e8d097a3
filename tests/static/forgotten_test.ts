// Methods that drop the result of send_head() or list_directory(): the response is still sent,
// and no file stays open.

import { assertEquals, assertMatch } from "@std/assert";
import { Quiet, site } from "./_site.ts";

const FILES = { "a.bin": "0123456789".repeat(40_000), "list/x.txt": "x" };

/** Calls whose result a method may drop. */
const FORGOTTEN: Readonly<
  Record<string, (handler: Quiet) => unknown>
> = {
  "send_head()": (handler) => handler.send_head(),
  "list_directory()": (handler) =>
    handler.list_directory(handler.translate_path("/list/")),
};

/** How many files are open in a folder. */
function openIn(folder: string): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith(folder)) {
        count++;
      }
    } catch (error) {
      // The descriptor of the listing itself is closed by now.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return count;
}

for (const [name, forget] of Object.entries(FORGOTTEN)) {
  Deno.test({
    name:
      `StaticFileHandler sends the head and closes the file if a method drops the result of ${name}`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      class Forgetful extends Quiet {
        override do_GET(): void {
          void forget(this);
        }
      }
      await using files = await site(FILES, {}, Forgetful);
      for (const target of ["/a.bin", "/list/"]) {
        using client = await files.served.connect();
        await client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
        // Without its body the response is incomplete, so the connection closes.
        assertMatch(await client.readToEnd(), /^HTTP\/1\.1 200 /);
      }
      assertEquals(openIn(files.folder.path), 0);
    },
  });
}

Deno.test("StaticFileHandler.admit() is still awaited if a method drops its result", async () => {
  class Forgetful extends Quiet {
    override do_GET(): void {
      void this.admit();
    }
  }
  await using files = await site(FILES, { users: "ada:hunter2" }, Forgetful);
  assertEquals((await files.get("/a.bin")).status, 401);
});
