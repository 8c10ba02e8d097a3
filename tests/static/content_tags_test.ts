// Entity tags of large files, which are read in pieces.

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import {
  tagOfContent,
  tagOfFile,
} from "../../handlers/static/representation/content_tags.ts";
import { folder } from "../handlers/_folder.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { CHANGED, site } from "./_site.ts";

boundedTest(
  "tagOfFile() gives no tag to a file that has just changed, whatever its mtime",
  async () => {
    await using files = await folder({});
    const path = files.in("large.txt");
    await Deno.writeTextFile(path, "a".repeat(600_000));
    await Deno.utime(path, CHANGED, CHANGED);
    const info = await Deno.stat(path);
    assertEquals(await tagOfFile(path, info, Date.now()), undefined);
    const bytes = new TextEncoder().encode("a".repeat(600_000));
    const later = Date.now() + 60_000;
    assertEquals(await tagOfFile(path, info, later), tagOfContent(bytes));
  },
);

boundedTest(
  "a large file that has just changed has a weak ETag with etag: content",
  async () => {
    const text = "a".repeat(600_000);
    await using files = await site({ "a.txt": text }, { etag: "content" });
    const tags = [];
    for (let times = 0; times < 2; times++) {
      const { header } = await files.ask("HEAD", "/a.txt");
      tags.push(header("etag")!);
    }
    assertMatch(tags[0]!, /^W\//);
    assertNotEquals(tags[0], tags[1]);
  },
);
