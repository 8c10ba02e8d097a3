import { assert, assertEquals, assertThrows } from "@std/assert";
import { CPYTHON_TYPES, REGISTERED } from "./_cpython_types.ts";
import {
  checkMediaType,
  compileCodings,
  compileTypes,
} from "../../../handlers/static/representation/content_type.ts";
import { pureTest } from "../../_lib/pure.ts";

function checkRows(rows: readonly (readonly [string, string])[]): void {
  const typeOf = compileTypes();
  for (const [name, expected] of rows) {
    assertEquals(typeOf(name), expected, name);
  }
}

pureTest("compileTypes() adds a charset to text", () => {
  checkRows([
    ["index.html", "text/html; charset=utf-8"],
    ["a/b/INDEX.HTM", "text/html; charset=utf-8"],
    ["style.css", "text/css; charset=utf-8"],
    ["notes.txt", "text/plain; charset=utf-8"],
    ["README.md", "text/markdown; charset=utf-8"],
    ["table.csv", "text/csv; charset=utf-8"],
    ["app.js", "text/javascript; charset=utf-8"],
    ["app.min.js", "text/javascript; charset=utf-8"],
    ["app.mjs", "text/javascript; charset=utf-8"],
    ["app.cjs", "text/javascript; charset=utf-8"],
    ["captions.vtt", "text/vtt; charset=utf-8"],
    ["events.ics", "text/calendar; charset=utf-8"],
  ]);
});

pureTest(
  "compileTypes() adds no charset to types that declare or imply their encoding",
  () => {
    checkRows([
      ["data.json", "application/json"],
      ["app.js.map", "application/json"],
      ["feed.xml", "application/xml"],
      ["feed.atom", "application/atom+xml"],
      ["page.xhtml", "application/xhtml+xml"],
      ["icon.svg", "image/svg+xml"],
      ["site.webmanifest", "application/manifest+json"],
      ["app.wasm", "application/wasm"],
    ]);
  },
);

pureTest("compileTypes() has the types that browsers require", () => {
  checkRows([
    ["a.png", "image/png"],
    ["a.avif", "image/avif"],
    ["a.webp", "image/webp"],
    ["a.jxl", "image/jxl"],
    ["a.ico", "image/vnd.microsoft.icon"],
    ["a.woff2", "font/woff2"],
    ["a.mp4", "video/mp4"],
    ["a.m4v", "video/mp4"],
    ["a.webm", "video/webm"],
    ["a.mp3", "audio/mpeg"],
    ["a.wav", "audio/wav"],
    ["a.flac", "audio/flac"],
    ["a.m3u8", "application/vnd.apple.mpegurl"],
    ["a.pdf", "application/pdf"],
    ["a.glb", "model/gltf-binary"],
  ]);
});

pureTest("compileTypes() shows source code as text", () => {
  checkRows([
    ["mod.ts", "text/typescript; charset=utf-8"],
    ["app.tsx", "text/tsx; charset=utf-8"],
    ["main.py", "text/plain; charset=utf-8"],
    ["lib.rs", "text/plain; charset=utf-8"],
    ["run.sh", "text/plain; charset=utf-8"],
    ["Cargo.toml", "text/plain; charset=utf-8"],
    ["LICENSE", "text/plain; charset=utf-8"],
    ["src/Makefile", "text/plain; charset=utf-8"],
    [".gitignore", "text/plain; charset=utf-8"],
  ]);
});

pureTest(
  "compileTypes() returns the types of compressed files, not of their content",
  () => {
    checkRows([
      ["a.tar.gz", "application/gzip"],
      ["a.js.gz", "application/gzip"],
      ["a.tgz", "application/gzip"],
      ["a.js.zst", "application/zstd"],
      ["a.js.br", "application/octet-stream"],
      ["a.svgz", "image/svg+xml"],
    ]);
  },
);

pureTest("compileTypes() has one type for unknown extensions", () => {
  const unknown = ["a", "a.", "a.b/c", "a.unheard-of", ".html", "a.__proto__"];
  for (const name of [...unknown, "a.constructor", ""]) {
    assertEquals(compileTypes()(name), "application/octet-stream", name);
    assertEquals(
      compileTypes({ defaultType: "text/x; a=b" })(name),
      "text/x; a=b",
    );
  }
});

pureTest("compileTypes() prefers the user's types, unchanged", () => {
  const typeOf = compileTypes({
    types: {
      ".HTML": "text/html; charset=latin1",
      ts: "video/mp2t",
      foo: "text/x-foo",
      wasm: "application/octet-stream",
    },
  });
  assertEquals(typeOf("a.html"), "text/html; charset=latin1");
  assertEquals(typeOf("a.TS"), "video/mp2t");
  assertEquals(typeOf("a.foo"), "text/x-foo");
  assertEquals(typeOf("a.wasm"), "application/octet-stream");
  assertEquals(typeOf("a.css"), "text/css; charset=utf-8");
});

pureTest(
  "compileTypes() finds types by the longest extension, or by the name",
  () => {
    const typeOf = compileTypes({
      types: {
        "apple-app-site-association": "application/json",
        "Security.TXT": "text/x-security",
        ".env": "text/x-env",
        ".d.ts": "text/x-declarations",
        ts: "text/x-script",
        "min.js": "text/x-small",
      },
    });
    const rows: [string, string][] = [
      ["apple-app-site-association", "application/json"],
      [".well-known/apple-app-site-association", "application/json"],
      ["my-apple-app-site-association", "application/octet-stream"],
      ["a/SECURITY.txt", "text/x-security"],
      ["a.security.txt", "text/x-security"],
      ["insecurity.txt", "text/plain; charset=utf-8"],
      [".env", "text/x-env"],
      ["prod.env", "text/x-env"],
      ["lib.d.ts", "text/x-declarations"],
      ["lib.D.TS", "text/x-declarations"],
      ["d.ts", "text/x-script"],
      ["a.ts", "text/x-script"],
      ["ts", "text/x-script"],
      ["app.min.js", "text/x-small"],
      ["min.js", "text/x-small"],
      ["app.js", "text/javascript; charset=utf-8"],
      ["a.d.ts/file", "application/octet-stream"],
    ];
    for (const [name, type] of rows) {
      assertEquals([name, typeOf(name)], [name, type]);
    }
  },
);

pureTest("compileTypes() and compileCodings() agree on coded files", () => {
  const types = {
    ".wasm.br": { type: "application/wasm", coding: "br" },
    ".gz": { coding: "gzip" },
    ".unityweb": { type: "application/x-unity", coding: "gzip" },
    ".tar.gz": "application/gzip",
    "a.js.zst": { coding: "zstd" },
  };
  const typeOf = compileTypes({ types });
  const codingOf = compileCodings(types);
  const rows: [name: string, type: string, coding: string | undefined][] = [
    ["build/build.wasm.br", "application/wasm", "br"],
    ["BUILD.WASM.BR", "application/wasm", "br"],
    ["x.js.gz", "text/javascript; charset=utf-8", "gzip"],
    ["x.gz", "application/octet-stream", "gzip"],
    ["data.unityweb", "application/x-unity", "gzip"],
    ["a.js.zst", "text/javascript; charset=utf-8", "zstd"],
    // Others are unchanged.
    ["x.tar.gz", "application/gzip", undefined],
    ["b.js.zst", "application/zstd", undefined],
    ["x.js.br", "application/octet-stream", undefined],
    ["x.wasm", "application/wasm", undefined],
    ["x.svgz", "image/svg+xml", "gzip"],
    ["x.SVGZ", "image/svg+xml", "gzip"],
    [".svgz", "application/octet-stream", undefined],
    ["a/.svgz", "application/octet-stream", undefined],
    ["svgz", "application/octet-stream", undefined],
  ];
  for (const [name, type, coding] of rows) {
    assertEquals([name, typeOf(name), codingOf(name)], [name, type, coding]);
  }
  assertEquals(
    compileCodings({ svgz: "application/gzip" })("a.svgz"),
    undefined,
  );
});

pureTest(
  "compileTypes() has CPython's type, or a registered one, for each extension that CPython knows",
  () => {
    const typeOf = compileTypes();
    const essence = (name: string) => typeOf(name).split(";")[0]!;
    assert(CPYTHON_TYPES.size > 150);
    for (const [extension, type] of CPYTHON_TYPES) {
      const expected = REGISTERED.get(extension) ?? type;
      assertEquals([extension, essence("a" + extension)], [
        extension,
        expected,
      ]);
      assert(expected !== type || !REGISTERED.has(extension), extension);
    }
  },
);

pureTest("compileTypes() throws for malformed types and extensions", () => {
  const malformed = ["", ".", "..a", "a.", "a..b", "a/b", "a b", "a\\b"];
  for (const name of malformed) {
    assertThrows(
      () => compileTypes({ types: { [name]: "text/plain" } }),
      TypeError,
      "Cannot set a type for",
    );
  }
  assertThrows(() => compileTypes({ types: { a: "text" } }), TypeError);
  assertThrows(
    () => compileTypes({ types: { a: { type: "text", coding: "br" } } }),
    TypeError,
  );
  for (const coding of ["", "b r", "br,gzip", "br\r\nX: y"]) {
    assertThrows(
      () => compileCodings({ a: { coding } }),
      TypeError,
      "as a content coding",
    );
  }
  assertThrows(() => compileTypes({ defaultType: "" }), TypeError);
});

pureTest("checkMediaType() accepts only media types", () => {
  for (
    const type of [
      "a/b",
      "text/html;charset=utf-8",
      'text/html ; charset="utf-8" ; x=y',
      "application/vnd.x+json",
    ]
  ) checkMediaType(type);
  for (
    const type of [
      "",
      "text",
      "text/",
      "/html",
      "a/b/c",
      "text/html;",
      "text/html; charset",
      "text/html; (a=b",
      "text/html; charset=a b",
      "text/html\r\nSet-Cookie: a=b",
      "text/html; a=b\r\n",
      'text/html; a="b\n"',
      "text/h\xe9",
      "text/html, text/css",
    ]
  ) {
    assertThrows(
      () => checkMediaType(type),
      TypeError,
      "as a media type",
      JSON.stringify(type),
    );
  }
});
