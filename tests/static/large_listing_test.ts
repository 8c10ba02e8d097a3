// Listings of folders with very many entries: how many are listed, and how many listings run at once.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isUnavailable } from "../../handlers/file_stat.ts";
import type { SourceFile } from "../../handlers/source.ts";
import {
  type ListingRequest,
  openListing,
  readEntries,
  streamListing,
} from "../../handlers/static/listing/stream.ts";
import { ServedFolder } from "../../handlers/static/lookup/served_folder.ts";
import { folder } from "../handlers/_folder.ts";

function listing(path: string, json: boolean): ListingRequest {
  return {
    folder: new ServedFolder(path, "inside"),
    path,
    view: {
      segments: [],
      sort: "name",
      order: "asc",
      view: "list",
    } as unknown as ListingRequest["view"],
    json,
    dotFiles: "deny",
    root: true,
  };
}

async function text(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of pieces) text += decoder.decode(piece);
  return text;
}

Deno.test("a listing stops at its limit, and says so", async () => {
  await using made = await folder({ "a": "", "b": "", "c": "" });
  for (const large of [false, true]) {
    const request = listing(made.path, false);
    const cut = await readEntries(request, large, 2);
    assertEquals([cut.entries.length, cut.truncated], [2, true]);
    const whole = await readEntries(request, large, 3);
    assertEquals([whole.entries.length, whole.truncated], [3, false]);
    assertStringIncludes(
      await text(streamListing(request, cut)),
      "the folder has more",
    );
    const json = listing(made.path, true);
    const parsed = JSON.parse(await text(streamListing(json, cut)));
    assertEquals([parsed.entries.length, parsed.truncated], [2, true]);
    assertEquals(
      JSON.parse(await text(streamListing(json, whole))).truncated,
      undefined,
    );
  }
});

Deno.test("large folders are listed sixteen at a time; more get 503", async () => {
  // More than 5,000 entries, and more than 256 KiB of names.
  const path = await Deno.makeTempDir();
  const opened: SourceFile[] = [];
  try {
    for (let n = 0; n < 5_100; n++) {
      await Deno.writeTextFile(`${path}/${"long-name-".repeat(8)}${n}`, "");
    }
    const request = listing(path, false);
    for (let n = 0; n < 16; n++) opened.push(await openListing(request));
    const error = await assertRejects(() => openListing(request));
    assertEquals(isUnavailable(error), true);
    // An aborted one makes room, even if none of it was read.
    opened.pop()!.close();
    await new Promise((resolve) => setTimeout(resolve));
    opened.push(await openListing(request));
  } finally {
    for (const file of opened) file.close();
    await Deno.remove(path, { recursive: true });
  }
});
