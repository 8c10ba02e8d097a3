// docs/rules.md and the code give the same order.

import { assertEquals } from "@std/assert";

Deno.test("docs/rules.md lists the order that lookUp() has", async () => {
  const read = (path: string) =>
    Deno.readTextFile(new URL(`../../../${path}`, import.meta.url));
  const inDocs = (await read("docs/rules.md")).matchAll(/^([0-9]+\. .+)$/gm);
  const inCode = (await read("handlers/static/look_up.ts"))
    .matchAll(/^ \* ([0-9]+\. .+)$/gm);
  const steps = [...inDocs].map(([, step]) => step);
  assertEquals(steps.length, 10);
  assertEquals([...inCode].map(([, step]) => step), steps);
});
