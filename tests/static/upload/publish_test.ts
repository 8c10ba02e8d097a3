// How a file gets its name, also without hard links.

import { assertEquals, assertRejects } from "@std/assert";
import {
  publishNew,
  publishNumbered,
} from "../../../handlers/static/upload/publish.ts";
import { folder } from "../../handlers/_folder.ts";
import { namesIn } from "./_upload.ts";

/** Makes links fail, as on exFAT. */
function withoutLinks(error: Error): Disposable {
  const { link } = Deno;
  Deno.link = () => Promise.reject(error);
  return {
    [Symbol.dispose]() {
      Deno.link = link;
    },
  };
}

const REFUSALS: readonly (Error | undefined)[] = [
  undefined,
  new Deno.errors.PermissionDenied("no links (os error 1)"),
  Object.assign(new Error("no links"), { code: "ENOTSUP" }),
];

Deno.test("publishNew() gives a file a free name, with links or without", async () => {
  for (const error of REFUSALS) {
    await using files = await folder({ ".temp": "new" });
    using _links = error && withoutLinks(error);
    assertEquals(await publishNew(files.in(".temp"), files.in("a")), true);
    assertEquals(await namesIn(files.path), ["a"]);
    assertEquals(await Deno.readTextFile(files.in("a")), "new");
  }
});

Deno.test("publishNew() leaves a file alone that has the name", async () => {
  for (const error of REFUSALS) {
    await using files = await folder({ ".temp": "new", a: "old" });
    using _links = error && withoutLinks(error);
    assertEquals(await publishNew(files.in(".temp"), files.in("a")), false);
    assertEquals(await namesIn(files.path), [".temp", "a"]);
    assertEquals(await Deno.readTextFile(files.in("a")), "old");
  }
});

Deno.test("publishNew() frees the name again if the file can't have it", async () => {
  await using files = await folder();
  using _links = withoutLinks(REFUSALS[1]!);
  await assertRejects(() => publishNew(files.in("none"), files.in("a")));
  assertEquals(await namesIn(files.path), []);
});

Deno.test("publishNumbered() takes the first number that is free, with links or without", async () => {
  for (const error of REFUSALS) {
    await using files = await folder({
      ".temp": "new",
      "a.txt": "0",
      "a (1).txt": "1",
      "a (3).txt": "3",
    });
    using _links = error && withoutLinks(error);
    const name = await publishNumbered(files.in(".temp"), files.in("a.txt"));
    assertEquals(name, "a (2).txt");
    assertEquals(await Deno.readTextFile(files.in("a (2).txt")), "new");
  }
});
