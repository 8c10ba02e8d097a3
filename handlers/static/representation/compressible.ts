// What is worth compressing. Media that are compressed by nature only get larger, and a
// small body fits into one packet either way.

/**
 * The smallest body that is compressed unless an option says otherwise, in bytes. With
 * its head it just fits into one packet of an Ethernet, which can't become fewer.
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
  // WOFF and WOFF2 are compressed already, these are not.
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

// RFC 6839: the suffix says what the type is written in.
const SUFFIXES = /\+(?:json|json-seq|xml|yaml|gltf)$/;

/**
 * Tells whether a body of some type and size is worth compressing.
 *
 * @param type The media type, with or without parameters.
 * @param size The size of the body in bytes.
 * @param minimum The smallest size that is compressed, in bytes. Default: 1024.
 * @returns Whether compressing it is likely to make it smaller by enough.
 *
 * @example A page, a picture, and a page of a few words
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isCompressible("text/html; charset=utf-8", 5000));
 * assertFalse(isCompressible("image/jpeg", 5000));
 * assertFalse(isCompressible("text/html", 50));
 * ```
 */
export function isCompressible(
  type: string,
  size: number,
  minimum: number = MIN_COMPRESSED_SIZE,
): boolean {
  if (size < minimum) return false;
  const [essence = ""] = type.split(";", 1);
  const name = essence.trim().toLowerCase();
  return name.startsWith("text/") || SUFFIXES.test(name) || TYPES.has(name);
}
