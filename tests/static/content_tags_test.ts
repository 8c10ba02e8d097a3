// Entity tags of large files, which are read in pieces.

import { assertEquals, assertMatch, assertNotStrictEquals } from "@std/assert";
import {
  tagOfContent,
  tagOfFile,
} from "../../handlers/static/representation/content_tags.ts";
import { folder } from "../handlers/_folder.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { CHANGED, site } from "./_site.ts";

boundedTest(
  "tagOfFile() gives nobody the tag of a new file's content from before a change",
  async () => {
    await using files = await folder({});
    const path = files.in("large.txt");
    const save = async (text: string) => {
      await Deno.writeTextFile(path, text.repeat(600_000));
      await Deno.utime(path, CHANGED, CHANGED);
      return await Deno.stat(path);
    };
    // As far as the system shows it, both have the same state.
    const early = tagOfFile(path, await save("a"), Date.now());
    const late = tagOfFile(path, await save("b"), Date.now());
    assertNotStrictEquals(early, late);
    assertEquals(await late, tagOf("b"));
    await early;
  },
);

boundedTest("requests for a new file share the next hash of it", async () => {
  await using files = await folder({ "large.txt": "a".repeat(600_000) });
  const path = files.in("large.txt");
  await Deno.utime(path, CHANGED, CHANGED);
  const info = await Deno.stat(path);
  const tags = Array.from(
    { length: 20 },
    () => tagOfFile(path, info, Date.now()),
  );
  assertEquals(new Set(tags).size, 2);
  assertEquals(new Set(await Promise.all(tags)), new Set([tagOf("a")]));
});

boundedTest(
  "a large file that was just modified has a weak ETag with etag: content",
  async () => {
    await using files = await site({ "a.txt": "a".repeat(600_000) }, {
      etag: "content",
    });
    await files.age("a.txt", new Date());
    const tags: string[] = [];
    for (let times = 0; times < 2; times++) {
      const { header } = await files.ask("HEAD", "/a.txt");
      tags.push(header("etag")!);
    }
    assertMatch(tags[0]!, /^W\//);
  },
);

function tagOf(letter: string): string {
  return tagOfContent(new TextEncoder().encode(letter.repeat(600_000)));
}
