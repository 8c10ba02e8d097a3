// Values as TypeScript source.

import { assertEquals } from "@std/assert";
import { Code, statement, stringLiteral } from "../../../cli/script/literal.ts";
import { pureTest } from "../../_lib/pure.ts";

const STRINGS: readonly [text: string, expected: string][] = [
  ["a", `"a"`],
  ["it's", `"it's"`],
  [`say "a"`, `'say "a"'`],
  [`"it's"`, `'"it\\'s"'`],
  [`'a' "b"`, `"'a' \\"b\\""`],
  ["a\\b\n", `"a\\\\b\\n"`],
  [`"\\"`, `'"\\\\"'`],
];

for (const [text, expected] of STRINGS) {
  pureTest(`stringLiteral(): ${expected}`, () => {
    assertEquals(stringLiteral(text), expected);
    assertEquals(new Function(`return ${expected}`)(), text);
  });
}

pureTest("statement() breaks lines of more than 80 characters", () => {
  const long = "x".repeat(70);
  assertEquals(statement({}, "f(", ");"), "f({});");
  assertEquals(
    statement({ a: [1, true], "b-c": new Code("d()") }, "f(", ");"),
    `f({ a: [1, true], "b-c": d() });`,
  );
  assertEquals(
    statement({ a: { b: long }, c: [long, "y"] }, "f(", ");"),
    `f({
  a: {
    b: "${long}",
  },
  c: [
    "${long}",
    "y",
  ],
});`,
  );
});
