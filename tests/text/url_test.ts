// Splitting URLs. Expected values are those of CPython's urllib.parse.

import { assertEquals } from "@std/assert";
import { type SplitUrl, urlsplit, urlunsplit } from "../../text/url.ts";
import { pureTest } from "../_lib/pure.ts";

type Parts = [string, string, string, string, string];

function toSplitUrl(parts: Parts): SplitUrl {
  const [scheme, netloc, path, query, fragment] = parts;
  return { scheme, netloc, path, query, fragment };
}

pureTest("urlsplit() finds the five parts", () => {
  const rows: [string, Parts][] = [
    ["", ["", "", "", "", ""]],
    ["/dir?a=1#top", ["", "", "/dir", "a=1", "top"]],
    ["HTTP://u@H:80/p;x?q?r#f#g", ["http", "u@H:80", "/p;x", "q?r", "f#g"]],
    ["//host", ["", "host", "", "", ""]],
    ["//host?q", ["", "host", "", "q", ""]],
    ["///path", ["", "", "/path", "", ""]],
    ["////path", ["", "", "//path", "", ""]],
    ["mailto:a@b", ["mailto", "", "a@b", "", ""]],
    ["/a#b?c", ["", "", "/a", "", "b?c"]],
    ["/a?#", ["", "", "/a", "", ""]],
    ["svn+ssh://h", ["svn+ssh", "h", "", "", ""]],
  ];
  for (const [url, parts] of rows) {
    assertEquals(urlsplit(url), toSplitUrl(parts), url);
  }
});

pureTest("urlsplit() recognizes only a well-formed scheme", () => {
  for (const url of ["1a:b", ":b", "\xe9:b", "a_b:c", "/a:b", "-a:b"]) {
    assertEquals(urlsplit(url), toSplitUrl(["", "", url, "", ""]));
  }
});

pureTest("urlsplit() removes line breaks, tabs and leading controls", () => {
  assertEquals(
    urlsplit("\0\x1f /a\r\nb\t c "),
    toSplitUrl(["", "", "/ab c ", "", ""]),
  );
  assertEquals(
    urlsplit("ht\ntp://h/"),
    toSplitUrl(["http", "h", "/", "", ""]),
  );
  assertEquals(urlsplit(" \t "), toSplitUrl(["", "", "", "", ""]));
});

pureTest("urlsplit() keeps a malformed netloc as text", () => {
  for (const netloc of ["[", "]", "[::1", "[x]", "a[::1]b", "h\u2100"]) {
    assertEquals(
      urlsplit(`http://${netloc}/p`),
      toSplitUrl(["http", netloc, "/p", "", ""]),
    );
  }
});

pureTest("urlunsplit() joins the five parts", () => {
  const rows: [Parts, string][] = [
    [["", "", "", "", ""], ""],
    [["http", "h:1", "/p", "q", "f"], "http://h:1/p?q#f"],
    [["http", "h", "p", "", ""], "http://h/p"],
    [["", "h", "", "", ""], "//h"],
    [["", "", "/dir/", "a=1", ""], "/dir/?a=1"],
    [["", "", "//evil/", "", ""], "////evil/"],
    [["file", "", "/etc", "", ""], "file:///etc"],
    [["http", "", "", "", ""], "http://"],
    [["http", "", "a", "", ""], "http:a"],
    [["foo", "", "/a", "", ""], "foo:/a"],
    [["mailto", "", "a@b", "", ""], "mailto:a@b"],
  ];
  for (const [parts, url] of rows) {
    assertEquals(urlunsplit(toSplitUrl(parts)), url);
  }
});

pureTest(
  "urlunsplit() drops the separator of an empty query or fragment",
  () => {
    assertEquals(urlunsplit(urlsplit("/dir?")), "/dir");
    assertEquals(urlunsplit(urlsplit("/dir#")), "/dir");
    assertEquals(urlunsplit(urlsplit("/dir?#")), "/dir");
  },
);
