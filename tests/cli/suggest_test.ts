import { assertEquals } from "@std/assert";
import { suggest } from "../../cli/suggest.ts";

Deno.test({
  name: "suggest() finds the name that takes the fewest changes, up to two",
  permissions: "none",
  fn() {
    const names = ["cors", "cors-origin", "cache", "no-cache", "directory"];
    const rows: [typed: string, name: string | undefined][] = [
      ["cors", "cors"],
      ["corss", "cors"],
      ["core", "cors"],
      ["crs", "cors"],
      ["cach", "cache"],
      ["direcotry", "directory"],
      ["diretcories", undefined],
      ["x", undefined],
      ["", undefined],
    ];
    for (const [typed, name] of rows) {
      assertEquals(suggest(typed, names), name, typed);
    }
  },
});
