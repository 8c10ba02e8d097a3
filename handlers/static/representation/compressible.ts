// Which types are worth compressing. Compressed media formats would only get larger.

/**
 * The default size of the smallest file that is compressed, in bytes. With its head it fits
 * into one Ethernet packet, so compression would not save one.
 */
export const MIN_COMPRESSED_SIZE = 1024;

const TYPES: ReadonlySet<string> = new Set([
  "application/dash+xml",
  "application/ecmascript",
  "application/graphql",
  "application/javascript",
  "application/json",
  "application/json5",
  "application/jsonl",
  "application/n-quads",
  "application/n-triples",
  "application/postscript",
  "application/rtf",
  "application/sql",
  "application/toml",
  "application/trig",
  "application/typescript",
  "application/vnd.apple.mpegurl",
  "application/vnd.ms-fontobject",
  "application/wasm",
  "application/x-httpd-php",
  "application/x-javascript",
  "application/x-ndjson",
  "application/x-sh",
  "application/x-subrip",
  "application/x-tar",
  "application/x-tex",
  "application/xml",
  "application/xml-dtd",
  "application/yaml",
  // WOFF and WOFF2 are compressed already; these are not.
  "font/collection",
  "font/otf",
  "font/ttf",
  "image/bmp",
  "image/vnd.adobe.photoshop",
  "image/vnd.microsoft.icon",
  "image/x-icon",
  "image/x-portable-anymap",
  "image/x-portable-bitmap",
  "image/x-portable-graymap",
  "image/x-portable-pixmap",
  "model/gltf-binary",
  "model/obj",
  "model/stl",
]);

// RFC 6839: the suffix names the underlying format.
const SUFFIXES = /\+(?:json|json-seq|xml|yaml|gltf)$/;

/**
 * Whether bodies of a media type are worth compressing.
 *
 * @param type The media type, with or without parameters.
 * @returns Whether compression is likely to make them considerably smaller.
 *
 * @example A page and a picture
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isCompressible("text/html; charset=utf-8"));
 * assertFalse(isCompressible("image/jpeg"));
 * ```
 */
export function isCompressible(type: string): boolean {
  const [essence = ""] = type.split(";", 1);
  const name = essence.trim().toLowerCase();
  return name.startsWith("text/") || SUFFIXES.test(name) || TYPES.has(name);
}
