// Entity tags of large files, which are read in pieces.

import { assertEquals, assertNotStrictEquals } from "@std/assert";
import {
  tagOfContent,
  tagOfFile,
} from "../../handlers/static/representation/content_tags.ts";
import { folder } from "../handlers/_folder.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { CHANGED } from "./_site.ts";

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
    const early = tagOfFile(path, await save("a"), Date.now());
    const late = tagOfFile(path, await save("b"), Date.now());
    // Both have the same state, as far as the system shows it.
    assertNotStrictEquals(early, late);
    const bytes = new TextEncoder().encode("b".repeat(600_000));
    assertEquals(await late, tagOfContent(bytes));
    await early;
  },
);
