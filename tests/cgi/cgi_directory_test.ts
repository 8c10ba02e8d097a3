// Which targets are in a CGI directory, by the rules of each system. names_test.ts tests requests.

import { assertEquals, assertThrows } from "@std/assert";
import {
  findCgiDirectory,
  type NameRules,
} from "../../handlers/cgi/cgi_directory.ts";
import { pureTest } from "../_lib/pure.ts";

const DIRECTORIES = ["/cgi-bin", "scripts/", "/a/b"];

const ROWS: readonly [
  target: string,
  rules: NameRules,
  found: readonly [string, string] | undefined,
][] = [
  ["/cgi-bin/x", "posix", ["/cgi-bin", "x"]],
  ["/cgi-bin/x/y?z", "posix", ["/cgi-bin", "x/y?z"]],
  ["/cgi-bin/", "posix", ["/cgi-bin", ""]],
  ["/cgi-bin", "posix", undefined],
  ["http://h/cgi-bin/x?y", "posix", ["/cgi-bin", "x?y"]],
  ["HTTP://u@h:1/cgi-bin/x", "posix", ["/cgi-bin", "x"]],
  ["http://cgi-bin/x", "posix", undefined],
  ["http://h/cgi-bin/x", "windows", ["/cgi-bin", "x"]],
  ["/scripts/x", "posix", ["/scripts", "x"]],
  ["/a/b/x", "posix", ["/a/b", "x"]],
  ["/a/x", "posix", undefined],
  ["/CGI-bin/x", "posix", undefined],
  ["/cgi-bin./x", "posix", undefined],
  ["/%e2%80%8ccgi-bin/x", "posix", undefined],
  ["/CGI-bin/x", "darwin", ["/CGI-bin", "x"]],
  ["/%c5%bfcripts/x", "darwin", ["/\u017fcripts", "x"]],
  ["/%e2%80%8ccgi-bin/x", "darwin", ["/\u200ccgi-bin", "x"]],
  ["/cgi-bin./x", "darwin", undefined],
  ["/CGI-bin/x", "windows", ["/CGI-bin", "x"]],
  ["/c:/cgi-bin/x", "windows", ["/cgi-bin", "x"]],
  ["/other/x", "windows", undefined],
];

for (const [target, rules, found] of ROWS) {
  pureTest(
    `findCgiDirectory() finds ${
      found?.[0] ?? "nothing"
    } in ${target} with ${rules} rules`,
    () => {
      assertEquals(findCgiDirectory(target, DIRECTORIES, rules), found);
    },
  );
}

pureTest(
  "findCgiDirectory() throws for Windows aliases and for paths above the root",
  () => {
    const targets = [
      "/cgi-bin./x",
      "/cgi-bin%20/x",
      "/cgi-bin::$INDEX_ALLOCATION/x",
      "/cgi-bin/script::$DATA",
      "/SCRIPT~1/x",
    ];
    for (const target of targets) {
      assertThrows(
        () => findCgiDirectory(target, DIRECTORIES, "windows"),
        RangeError,
        "the path contains a Windows alias",
      );
    }
    assertThrows(
      () => findCgiDirectory("/../cgi-bin/x", DIRECTORIES, "posix"),
      RangeError,
    );
  },
);
