// The names of archives and of their entries.

import { assertEquals } from "@std/assert";
import {
  attachment,
  rootName,
  safeNames,
} from "../../../handlers/static/archive/names.ts";
import { archiveFormat } from "../../../handlers/static/listing/query.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest(
  "rootName() is the last name of the URL, or else that of the directory",
  () => {
    assertEquals(rootName(["a", "b c"], "/srv/www/a/b c/"), "b c");
    assertEquals(rootName(["docs"], "/srv/manual"), "docs");
    assertEquals(rootName([], "/srv/www"), "www");
    assertEquals(rootName([], "C:\\Users\\ada\\site"), "site");
    assertEquals(rootName([], "/"), "site");
    assertEquals(rootName([], "C:\\"), "C_");
  },
);

pureTest("rootName() is not a drive, a folder above or a path", () => {
  for (const name of ["", ".", ".."]) {
    assertEquals(rootName([name], ""), "site");
  }
  assertEquals(rootName(["C:"], ""), "C_");
  assertEquals(rootName(["C:\\evil"], ""), "C__evil");
  assertEquals(rootName(["..\\.."], ""), ".._..");
});

pureTest("safeNames() replaces backslashes, and keeps names distinct", () => {
  assertEquals(safeNames(["a", "b"]), ["a", "b"]);
  assertEquals(
    safeNames(["a\\b", "a_b", "a__b", "..\\..\\x", "CON", "a:b", "nul."]),
    ["a_b_", "a_b", "a__b", ".._.._x", "CON", "a:b", "nul."],
  );
  assertEquals(safeNames(["\\a", "\\a_", "_a"]), ["_a_", "_a__", "_a"]);
});

pureTest(
  "attachment() quotes a name, and repeats it in UTF-8 if that loses something",
  () => {
    assertEquals(attachment("a b.zip"), 'attachment; filename="a b.zip"');
    assertEquals(
      attachment('a"b\\%41;\r\n.zip'),
      'attachment; filename="a_b__41___.zip"; ' +
        "filename*=UTF-8''a%22b%5C%2541%3B%0D%0A.zip",
    );
    assertEquals(
      attachment("日本.zip"),
      "attachment; filename=\"__.zip\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.zip",
    );
    assertEquals(
      attachment("😀.zip"),
      "attachment; filename=\"_.zip\"; filename*=UTF-8''%F0%9F%98%80.zip",
    );
  },
);

pureTest("archiveFormat() is that of the first known parameter", () => {
  for (const query of ["zip", "zip=", "zip=1", "sort=size&zip", "tar&zip"]) {
    assertEquals(archiveFormat(query), "zip", query);
  }
  assertEquals(archiveFormat("tar"), "tar");
  for (const query of ["", "format=zip", "zipped", "x=zip", "%zip"]) {
    assertEquals(archiveFormat(query), undefined, query);
  }
});
