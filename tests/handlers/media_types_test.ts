import { assertEquals } from "@std/assert";
import { mediaType } from "../../handlers/media_types.ts";
import { pureTest } from "../_lib/pure.ts";

const TYPES: readonly [extension: string, type: string | undefined][] = [
  // From @std/media-types.
  [".html", "text/html"],
  [".css", "text/css"],
  [".js", "text/javascript"],
  [".mjs", "text/javascript"],
  [".json", "application/json"],
  [".txt", "text/plain"],
  [".md", "text/markdown"],
  [".png", "image/png"],
  [".svg", "image/svg+xml"],
  [".webp", "image/webp"],
  [".wasm", "application/wasm"],
  [".mp4", "video/mp4"],
  [".pdf", "application/pdf"],
  [".tar", "application/x-tar"],
  // From CPython's table.
  [".py", "text/x-python"],
  [".xml", "text/xml"],
  [".c", "text/plain"],
  [".wav", "audio/vnd.wave"],
  [".yaml", "application/yaml"],
  [".tgz", "application/x-tar"],
  // Unknown.
  ["", undefined],
  [".no-such-extension", undefined],
  [".__proto__", undefined],
];

for (const [extension, type] of TYPES) {
  pureTest(`mediaType(${JSON.stringify(extension)}) is ${type}`, () => {
    assertEquals(mediaType(extension), type);
  });
}
