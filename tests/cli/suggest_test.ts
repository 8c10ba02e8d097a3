import { assertEquals } from "@std/assert";
import { suggest } from "../../cli/suggest.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest(
  "suggest() finds the name with the fewest edits, at most two and a third of the letters",
  () => {
    const names = [
      "cors",
      "cors-origin",
      "cache",
      "no-cache",
      "directory",
      "type",
    ];
    const rows: [typed: string, name: string | undefined][] = [
      ["cors", "cors"],
      ["corss", "cors"],
      ["core", "cors"],
      ["crs", "cors"],
      ["cach", "cache"],
      ["direcotry", "directory"],
      ["diretcories", undefined],
      ["typ", "type"],
      ["nope", undefined],
      ["x", undefined],
      ["", undefined],
    ];
    for (const [typed, name] of rows) {
      assertEquals(suggest(typed, names), name, typed);
    }
  },
);
