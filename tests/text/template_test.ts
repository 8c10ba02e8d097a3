// Parsing the templates of the % operator.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseTemplate } from "../../text/template.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest("parseTemplate() separates literal text and conversions", () => {
  assertEquals(parseTemplate("a%sb%%c%-5.2fd"), {
    literals: ["a", "b%c", "d"],
    conversions: [
      {
        key: undefined,
        flags: "",
        width: undefined,
        precision: undefined,
        type: "s",
      },
      { key: undefined, flags: "-", width: 5, precision: 2, type: "f" },
    ],
    plain: false,
  });
});

pureTest(
  "parseTemplate() reads names, flags, stars and an empty precision",
  () => {
    assertEquals(parseTemplate("%(a (b) c)+ #0-*.*ld").conversions, [
      { key: "a (b) c", flags: "+ #0-", width: "*", precision: "*", type: "d" },
    ]);
    assertEquals(parseTemplate("%()5.x").conversions, [
      { key: "", flags: "", width: 5, precision: 0, type: "x" },
    ]);
  },
);

pureTest("parseTemplate() marks a template with only bare %s as plain", () => {
  for (const text of ["", "x", "%%", "%s", '"%s" %s']) {
    assert(parseTemplate(text).plain, text);
  }
  for (const text of ["%d", "%s%r", "%5s", "%.1s", "%(a)s", "%*s"]) {
    assert(!parseTemplate(text).plain, text);
  }
});

pureTest(
  "parseTemplate() throws a RangeError for an unknown conversion",
  () => {
    const rows: [string, number][] = [
      ["%", 0],
      ["100%", 3],
      ["%y", 0],
      ["ab%5%", 2],
      ["%s% ", 2],
      ["%lld", 0],
      ["%.-5d", 0],
      ["%(a)%", 0],
    ];
    for (const [text, position] of rows) {
      assertThrows(
        () => parseTemplate(text),
        RangeError,
        `Cannot parse the template '${text}': ` +
          `unknown conversion at position ${position}`,
      );
    }
  },
);

pureTest(
  "parseTemplate() throws a RangeError for a name without an end",
  () => {
    for (const text of ["%(", "%(a", "%((a)s"]) {
      assertThrows(
        () => parseTemplate(text),
        RangeError,
        `Cannot parse the template '${text}': a name lacks its ")"`,
      );
    }
  },
);

pureTest("parseTemplate() shortens a long template in its error", () => {
  const error = assertThrows(
    () => parseTemplate("x".repeat(100_000) + "%"),
    RangeError,
  );
  assert(error.message.length < 200);
});
