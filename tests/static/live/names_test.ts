import { assert, assertFalse } from "@std/assert";
import { isIgnored } from "../../../handlers/static/live/names.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest(
  "isIgnored() ignores what tools and editors write all the time",
  () => {
    for (
      const path of [
        ".git/index.lock",
        "node_modules/a/index.js",
        "packages/a/node_modules/b/c.js",
        "src/.DS_Store",
        "src/.a.css.swp",
        "src/a.css~",
        "src/a.swp",
        "src/4913",
        "#a.css#",
        "a.css___jb_tmp___",
      ]
    ) assert(isIgnored(path.split("/")), path);
  },
);

pureTest("isIgnored() ignores no file that a page may show", () => {
  for (
    const path of [
      "",
      "index.html",
      "a.git/b.css",
      "4913.html",
      "4913/a.css",
      "src/a~b.js",
      "modules/a.js",
      "a.swf",
    ]
  ) assertFalse(isIgnored(path.split("/")), path);
});
