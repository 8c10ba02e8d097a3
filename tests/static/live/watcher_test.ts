import { assertEquals } from "@std/assert";
import {
  type WatchedFolder,
  Watcher,
} from "../../../handlers/static/live/watcher.ts";
import { boundedTest } from "../../_lib/bounded.ts";
import { folder } from "../../handlers/_folder.ts";

/** Changes a file below a watched folder, then one in it, and returns the files that were reported. */
async function reported(
  watched: (path: string) => readonly WatchedFolder[],
): Promise<string[]> {
  await using files = await folder({ "a.html": "1", "sub/b.html": "1" });
  const seen = new Set<string>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = new Watcher(watched(files.path), {
    changed(paths) {
      for (const path of paths) {
        if (path.endsWith(".html")) seen.add(path.slice(files.path.length));
      }
      if (seen.has("/a.html")) resolve();
    },
    failed(folder, error) {
      throw new Error(folder, { cause: error });
    },
    isWanted: () => false,
  });
  try {
    watcher.look();
    await Deno.writeTextFile(files.in("sub/b.html"), "2");
    await Deno.writeTextFile(files.in("a.html"), "2");
    await promise;
  } finally {
    watcher.close();
  }
  return [...seen].sort();
}

boundedTest("Watcher watches a flat folder without those in it", async () => {
  assertEquals(await reported((path) => [{ path, flat: true }]), ["/a.html"]);
});

boundedTest("Watcher watches all of a folder that is also flat", async () => {
  for (const first of [true, false]) {
    const files = await reported((path) => [
      { path, flat: first },
      { path, flat: !first },
    ]);
    assertEquals(files, ["/a.html", "/sub/b.html"]);
  }
});
