import { assertEquals } from "@std/assert";
import { mergeVary } from "../../../handlers/static/response/vary.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest("mergeVary() names each field once", () => {
  const rows: [string | null, string[], string][] = [
    [null, [], ""],
    ["", [], ""],
    [null, ["Origin"], "Origin"],
    ["", ["Origin"], "Origin"],
    ["Origin", [], "Origin"],
    ["Origin", ["origin"], "Origin"],
    [
      "origin , Accept",
      ["Accept-Encoding", "ORIGIN"],
      "origin, Accept, Accept-Encoding",
    ],
    ["Origin,,Origin", ["Accept, Origin"], "Origin, Accept"],
    ["*", ["Origin"], "*"],
    ["Origin", ["*"], "*"],
  ];
  for (const [value, names, expected] of rows) {
    assertEquals(mergeVary(value, names), expected);
  }
});
