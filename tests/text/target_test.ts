// The forms of a request target.

import { assertEquals } from "@std/assert";
import { withoutAuthority } from "../../text/target.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest(
  "withoutAuthority() returns path and query of an absolute target, and leaves others alone",
  () => {
    const rows: [string, string][] = [
      ["http://h/a", "/a"],
      ["HTTPS://u:p@[::1]:80//a?q#f", "//a?q#f"],
      ["http://h", "/"],
      ["http://h?q", "/?q"],
      ["http://h#f", "/#f"],
      ["http:///a", "/a"],
      ["http://", "/"],
      ["http://h/http://i/a", "/http://i/a"],
      ["/http://h/a", "/http://h/a"],
      ["//h/a", "//h/a"],
      ["http:/h/a", "http:/h/a"],
      ["http:%2f%2fh/a", "http:%2f%2fh/a"],
      ["mailto:a", "mailto:a"],
      ["h:80", "h:80"],
      ["*", "*"],
      ["", ""],
    ];
    for (const [target, expected] of rows) {
      assertEquals([target, withoutAuthority(target)], [target, expected]);
    }
  },
);
