import { assertEquals } from "@std/assert";
import {
  isCompressible,
} from "../../../handlers/static/representation/compressible.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest(
  "isCompressible() is true for text, code, markup and raw media",
  () => {
    for (
      const type of [
        "text/html",
        "text/html; charset=utf-8",
        "TEXT/CSS",
        "text/javascript;charset=utf-8",
        "text/x-anything",
        "application/json",
        "application/ld+json",
        "application/manifest+json",
        "application/geo+json",
        "application/atom+xml",
        "application/xhtml+xml",
        "application/wasm",
        "image/svg+xml",
        "image/vnd.microsoft.icon",
        "font/ttf",
        "font/otf",
      ]
    ) assertEquals(isCompressible(type), true, type);
  },
);

pureTest(
  "isCompressible() is false for compressed formats and unknown types",
  () => {
    for (
      const type of [
        "image/png",
        "image/jpeg",
        "image/webp",
        "image/avif",
        "video/mp4",
        "audio/mpeg",
        "font/woff",
        "font/woff2",
        "application/zip",
        "application/gzip",
        "application/zstd",
        "application/pdf",
        "application/octet-stream",
        "application/jsonx",
        "application/x+jsonx",
        "",
        "text",
        "json",
      ]
    ) assertEquals(isCompressible(type), false, type);
  },
);
