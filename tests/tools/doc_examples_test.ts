// Finding the examples in docs.

import { assertEquals } from "@std/assert";
import { docExamples } from "../../tools/doc_examples.ts";
import { pureTest } from "../_lib/pure.ts";

const resolve = (specifier: string) => `file:///x/${specifier}`;

pureTest(
  "docExamples() finds the blocks of a Markdown file, with their lines",
  () => {
    const text =
      "A\n```ts\na();\n```\n```ts ignore\nb();\n```\n```sh\nc\n```\n";
    assertEquals(docExamples("a.md", "file:///a.md", text, resolve), [
      { name: "a.md#2-4", code: "a();\n" },
    ]);
  },
);

pureTest(
  "docExamples() imports what an example uses of its module, and resolves this package",
  () => {
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
);

pureTest(
  "docExamples() imports nothing that an example imports or declares itself",
  () => {
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
);
