import { assert, assertEquals, assertFalse } from "@std/assert";
import { compileLocalHosts } from "../../../handlers/static/access/local_host.ts";
import {
  folderUrl,
  isTaggable,
  isUtf16,
  makeTag,
  taggedEtag,
} from "../../../handlers/static/live/tag.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest("isTaggable() accepts HTML, except in UTF-16, and no XHTML", () => {
  for (
    const type of ["text/html", "text/html; charset=utf-8", "TEXT/HTML ;a=b"]
  ) assert(isTaggable(type), type);
  for (
    const type of [
      "text/html; charset=utf-16",
      'text/html; charset="UTF-16LE"',
      "application/xhtml+xml",
      "text/htmlx",
      "text/plain",
    ]
  ) assertFalse(isTaggable(type), type);
  assert(isUtf16(new Uint8Array([0xff, 0xfe])));
  assert(isUtf16(new Uint8Array([0xfe, 0xff])));
  assertFalse(isUtf16(new Uint8Array([0xef, 0xbb, 0xbf])));
  assertFalse(isUtf16(new Uint8Array()));
});

pureTest("makeTag() makes one element, whatever the names contain", () => {
  const tag = new TextDecoder().decode(makeTag({
    folder: "http://[::1]:8000/.httpserver/",
    key: "0123456789abcdef",
    generation: 3,
    serial: 4,
    shown: ['/"><script>&', "/\u00e9"],
    missing: true,
  }));
  assertEquals(
    tag,
    '<script src="http://[::1]:8000/.httpserver/live.js?k=0123456789abcdef&amp;g=3&amp;n=4' +
      '&amp;f=%2F%22%3E%3Cscript%3E%26&amp;f=%2F%C3%A9&amp;m=" async></script>',
  );
});

pureTest("folderUrl() is absolute if the browser's host is known", () => {
  const url = (fields: Record<string, string>, secure = false) =>
    folderUrl("/x/", secure, new Headers(fields));
  assertEquals(url({ Host: "a:1" }), "http://a:1/x/");
  assertEquals(url({ Host: "a:1" }, true), "https://a:1/x/");
  assertEquals(url({}), "/x/");
  assertEquals(url({ "Host": "a:1", "X-Forwarded-Host": "b" }), "/x/");
  assertEquals(url({ Host: "a:1", Via: "1.1 b" }), "/x/");
});

pureTest("taggedEtag() differs for each process and change", () => {
  const etag = (key: string, generation: number, tag = '"a"') =>
    taggedEtag(tag, { key, generation });
  assertEquals(etag("0123456789", 2), 'W/"a-live-01234567-2"');
  assertEquals(etag("0123456789", 2, 'W/"a"'), 'W/"a-live-01234567-2"');
  assertEquals(etag("0123456789", 2, ""), "");
});

pureTest(
  "compileLocalHosts() accepts names that aren't in the public DNS",
  () => {
    const isLocal = compileLocalHosts(["a.test.example"]);
    for (
      const host of [
        null,
        "localhost:8000",
        "a.localhost",
        "127.0.0.1",
        "[::1]:1",
        "laptop",
        "laptop:8000",
        "laptop.local",
        "box.home.arpa:80",
        "a.test.example",
      ]
    ) assert(isLocal(host), `${host}`);
    for (const host of ["evil.example", "local.evil.example:8000", "a b", ""]) {
      assertFalse(isLocal(host), host);
    }
  },
);
