// Options that no compiler has looked at: read from a file, or passed by JavaScript.

import { assertThrows } from "@std/assert";
import { type StaticFileOptions, staticFiles } from "../../mod.ts";

const REFUSED: readonly [options: unknown, message: string][] = [
  [null, "'null' is no object"],
  [{ user: "a:b" }, "there is none named 'user'"],
  [{ constructor: 1 }, "there is none named 'constructor'"],
  [{ dotFiles: true }, 'dotFiles: it is none of "deny", "allow"'],
  [{ dotFiles: "x" }, 'dotFiles: it is none of "deny", "allow"'],
  [{ symlinks: "none" }, 'symlinks: it is none of "inside", "follow", "deny"'],
  [{ isolation: "foo" }, "isolation: it is none of true, false"],
  [{ log: "Python" }, 'log: it is none of "python", "common"'],
  [{ listing: "no" }, "listing: it is neither true nor false"],
  [{ compressMinSize: "1k" }, "compressMinSize: it is no number"],
  [{ compressMinSize: -1 }, "Cannot compress from a size of -1"],
  [{ directory: 1 }, "directory: it is neither a path nor a URL"],
  [{ mounts: ["x"] }, "mounts: it is no object"],
  [{ mounts: { "/x": 1 } }, "mounts: '/x': it is neither a path nor a URL"],
  [{ mounts: { "/": "." } }, "Cannot serve two folders at the prefix"],
  [{ types: { ".a": 1 } }, "types: '.a': it is no text"],
  [{ cors: "*" }, "cors: '*' is no object"],
  [
    { cors: { origin: "https://a.test" } },
    "cors: there is none named 'origin'",
  ],
  [{ cors: { origins: "https://a.test" } }, "cors: origins: it is no list"],
  [{ cors: { maxAge: "1" } }, "cors: maxAge: it is no number"],
  [{ cache: "**=1" }, "cache: it is no list of texts"],
  [{ hosts: "a.test" }, "hosts: it is no list of texts"],
  [{ trustProxy: "127.0.0.1" }, "trustProxy: it is no list of texts"],
  [{ realm: "x" }, "realm needs users"],
  [{ spa: "" }, "spa: '' is no path of a page"],
  [{ spa: "../x.html" }, "spa: '../x.html' is no path of a page"],
  [{ spa: ".secret" }, "spa: '.secret' is hidden"],
  [{ spa: 1 }, "spa: it is neither a switch nor a path"],
  [{ extra_response_headers: { "X-A": "1" } }, "it is no list"],
  [{ extra_response_headers: ["X-A: 1"] }, "it is no list of pairs of texts"],
  [{ extra_response_headers: [["X-A"]] }, "it is no list of pairs of texts"],
  [{ extra_response_headers: [["X", "a\r\nb: c"]] }, "holds a line end"],
  [
    { extra_response_headers: [["Content-Length", "1"]] },
    "told by each answer",
  ],
];

for (const [options, message] of REFUSED) {
  Deno.test(`staticFiles() refuses ${JSON.stringify(options)}`, () => {
    assertThrows(
      () => staticFiles(options as StaticFileOptions),
      TypeError,
      message,
    );
  });
}

Deno.test("staticFiles() takes an option that is undefined for one that is not there", () => {
  const options: unknown = { users: undefined, spa: undefined };
  staticFiles(options as StaticFileOptions);
  staticFiles({ spa: ".app/index.html", dotFiles: "allow" });
});
