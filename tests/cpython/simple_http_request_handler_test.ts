// SimpleHTTPRequestHandlerTestCase of CPython's test_httpservers.py: targets as paths.

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { SimpleHTTPRequestHandler } from "../../handlers/mod.ts";
import { translateSegments } from "../../text/paths.ts";
import { inMemory } from "../handlers/_memory.ts";
import { pureTest } from "../_lib/pure.ts";

/** Asserts that the handlers of three folders find `filename` in them. */
function assertFound(target: string): void {
  const folders: [{ directory?: string }, string][] = [
    [{}, Deno.cwd()],
    [{ directory: "foo" }, "foo"],
    [{ directory: "bar" }, "bar"],
  ];
  for (const [options, folder] of folders) {
    const { handler } = inMemory(SimpleHTTPRequestHandler, "", options);
    assertEquals(handler.translate_path(target), join(folder, "filename"));
  }
}

Deno.test("SimpleHTTPRequestHandlerTestCase.test_query_arguments: query and fragment are not part of the path", () => {
  assertFound("/filename");
  assertFound("/filename?foo=bar");
  assertFound("/filename?a=b&spam=eggs#zot");
});

Deno.test("SimpleHTTPRequestHandlerTestCase.test_query_arguments: a directory may be a file URL, in place of Python's path-like objects", () => {
  const { handler } = inMemory(SimpleHTTPRequestHandler, "", {
    directory: new URL("file:///bar"),
  });
  assertEquals(handler.directory, join("/", "bar"));
});

Deno.test("SimpleHTTPRequestHandlerTestCase.test_start_with_double_slash: several slashes become one", () => {
  assertFound("//filename");
  assertFound("//filename?foo=bar");
});

// CPython's test replaces the path module; here the rules are a parameter.
pureTest(
  "SimpleHTTPRequestHandlerTestCase.test_windows_colon: a Windows drive is dropped",
  () => {
    for (
      const target of [
        "c:c:c:foo/filename",
        "\\c:../filename",
        "c:\\c:..\\foo/filename",
        "c:c:foo\\c:c:bar/filename",
      ]
    ) {
      assertEquals(translateSegments(target, "windows"), {
        segments: ["filename"],
        trailingSlash: false,
      });
    }
  },
);
