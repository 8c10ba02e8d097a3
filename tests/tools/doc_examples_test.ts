// Finding the examples in docs.

import { assertEquals } from "@std/assert";
import { docExamples } from "../../tools/doc_examples.ts";

const resolve = (specifier: string) => `file:///x/${specifier}`;

Deno.test({
  name: "docExamples() finds the blocks of a Markdown file, with their lines",
  permissions: "none",
  fn() {
    const text =
      "A\n```ts\na();\n```\n```ts ignore\nb();\n```\n```sh\nc\n```\n";
    assertEquals(docExamples("a.md", "file:///a.md", text, resolve), [
      { name: "a.md#2-4", code: "a();\n" },
    ]);
  },
});

Deno.test({
  name:
    "docExamples() imports what an example of a module uses of it, and resolves this package",
  permissions: "none",
  fn() {
    const text = `/**
 * F.
 *
 * \`\`\`ts
 * import { g } from "@x/httpserver/parser";
 * f(g);
 * \`\`\`
 */
export function f() {}
export class Unused {}
const notADocComment = "\`\`\`ts";
`;
    assertEquals(docExamples("f.ts", "file:///f.ts", text, resolve), [{
      name: "f.ts#4-7",
      code: 'import { f } from "file:///f.ts";\n' +
        'import { g } from "file:///x/@x/httpserver/parser";\nf(g);\n',
    }]);
  },
});

Deno.test({
  name:
    "docExamples() imports nothing that an example imports or declares itself",
  permissions: "none",
  fn() {
    const text = `/**
 * \`\`\`ts
 * import { f } from "./f.ts";
 * class G {}
 * f(new G());
 * \`\`\`
 */
export function f() {}
export class G {}
`;
    const [example] = docExamples("f.ts", "file:///f.ts", text, resolve);
    assertEquals(example!.code.split("\n")[0], 'import { f } from "./f.ts";');
  },
});
