// Checks that docs/static.md describes each option, with its default.

import { assertEquals } from "@std/assert";

const read = (path: string) =>
  Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

Deno.test("docs/static.md lists every option of StaticFileHandler, including those of cors", async () => {
  const sources = [
    await read("handlers/static/options.ts"),
    await read("handlers/simple.ts"),
    await read("handlers/static/response/cors.ts"),
  ];
  const options = sources.flatMap((source) => {
    const start = source.search(/^export interface \w+Options/m);
    const declaration = source.slice(start, source.indexOf("\n}", start));
    return [...declaration.matchAll(/^ {2}readonly (\w+)\?:/gm)]
      .map(([, name]) => name!);
  });
  const listed = [...(await read("docs/static.md")).matchAll(/^\| `(\w+)`/gm)]
    .map(([, name]) => name!);
  assertEquals(listed.toSorted(), options.toSorted());
});
