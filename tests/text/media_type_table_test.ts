// The media types by extension are those of `@std/media-types`.

import { assert, assertEquals } from "@std/assert";
import { allExtensions, typeByExtension as typeOfStd } from "@std/media-types";
import { typeByExtension } from "../../text/media_type_table.ts";
import { tableOf } from "../../tools/media_types.ts";
import { pureTest } from "../_lib/pure.ts";

/** The types and extensions as they are written in the file. */
async function entries(): Promise<string[][]> {
  const file = new URL("../../text/media_type_table.ts", import.meta.url);
  const table = (await Deno.readTextFile(file)).split(/TABLE = `|`;/)[1]!;
  return table.trim().split(/;\s*/).filter(Boolean).map((entry) =>
    entry.split(" ")
  );
}

Deno.test("typeByExtension() returns the types of @std/media-types", async () => {
  let count = 0;
  for (const [type, ...extensions] of await entries()) {
    // Those of the same type that the table may lack.
    for (const extension of [...extensions, ...allExtensions(type!) ?? []]) {
      assertEquals(typeByExtension(extension), typeOfStd(extension), extension);
      count++;
    }
  }
  assert(count > 1_200);
});

pureTest("typeByExtension() ignores case and the dot", () => {
  for (const extension of ["html", ".html", "HTML", ".Html"]) {
    assertEquals(typeByExtension(extension), "text/html");
  }
});

pureTest("typeByExtension() returns undefined for unknown extensions", () => {
  for (
    const extension of ["", ".", "foo", "text/html", "a.html", "__proto__"]
  ) {
    assertEquals(typeByExtension(extension), undefined);
  }
});

pureTest("tableOf() sorts types and extensions, and breaks lines", () => {
  const database = {
    "b/b": { extensions: ["z", "a"] },
    "c/c": {},
    [`a/${"a".repeat(60)}`]: { extensions: ["c"] },
    [`d/${"d".repeat(60)}`]: { extensions: ["d", "none"] },
  };
  const typeOf = (extension: string) =>
    Object.keys(database).find((type) =>
      database[type]?.extensions?.includes(extension) && extension !== "none"
    );
  assertEquals(tableOf(database, typeOf), [
    `a/${"a".repeat(60)} c; b/b a z;`,
    `d/${"d".repeat(60)} d;`,
  ]);
});
