// The Content-Type of a file by its name. The user's types take precedence over a small
// table here, with exceptions for browsers and developers, which takes precedence over
// `@std/media-types`.

import { TOKEN, trimOws } from "../../../parser/syntax.ts";
import { typeByExtension } from "../../../text/media_type_table.ts";
import { splitext } from "../../../text/paths.ts";

/** The media type and the content coding of files that are stored coded. */
export interface CodedType {
  /** The media type of the decoded content. Default: that of the name without its last extension. */
  readonly type?: string;
  /** The content coding, such as `"br"`, sent as `Content-Encoding`. */
  readonly coding: string;
}

/**
 * Types by extension (`".mdx"`, `".wasm.br"`) or by file name
 * (`"apple-app-site-association"`). The first dot is optional. A file name takes precedence,
 * then the longest extension; case doesn't matter. Types are sent as they are, without an
 * added charset.
 */
export type Types = Readonly<Record<string, string | CodedType>>;

/** Options of `compileTypes()`. */
export interface TypeOptions {
  /** The user's types. Default: none. */
  readonly types?: Types;
  /** The type of a file with an unknown extension. Default: `application/octet-stream`. */
  readonly defaultType?: string;
}

const TEXT = "text/plain";

/** Types that are missing in `@std/media-types` or differ from it. */
const OWN_TYPES: Readonly<Record<string, string>> = {
  // The standard type of scripts (RFC 9239 §6).
  ".cjs": "text/javascript",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  // Developers' `.ts` files are TypeScript. MPEG transport streams are found through a
  // playlist, and players ignore their type.
  ".cts": "text/typescript",
  ".mts": "text/typescript",
  ".ts": "text/typescript",
  ".tsx": "text/tsx",
  // WebAssembly.compileStreaming() requires exactly this type, without parameters.
  ".wasm": "application/wasm",
  // The names that browsers expect: Firefox doesn't play audio/vnd.wave, the registered
  // one.
  ".flac": "audio/flac",
  ".jxl": "image/jxl",
  ".m4v": "video/mp4",
  ".wav": "audio/wav",
  // Shown by browsers only, with `Content-Encoding: gzip`.
  ".svgz": "image/svg+xml",
  // Other compressed files are sent as files, without Content-Encoding.
  ".br": "application/octet-stream",
  ".tgz": "application/gzip",
  ".zst": "application/zstd",
  // Formats with JSON inside.
  ".ipynb": "application/x-ipynb+json",
  ".jsonl": "application/jsonl",
  ".ndjson": "application/x-ndjson",
  ".topojson": "application/json",
  ".webmanifest": "application/manifest+json",
  // As in CPython, or the registered type if CPython's differs from it.
  ".3gpp2": "video/3gpp2",
  ".avi": "video/vnd.avi",
  ".dll": "application/octet-stream",
  ".exe": "application/octet-stream",
  ".h5": "application/x-hdf5",
  ".loas": "audio/aac",
  ".m3u": "application/vnd.apple.mpegurl",
  ".mht": "message/rfc822",
  ".mhtml": "message/rfc822",
  ".mk3d": "video/matroska-3d",
  ".mka": "audio/matroska",
  ".mkv": "video/matroska",
  ".mpa": "video/mpeg",
  ".nws": "message/rfc822",
  ".pct": "image/pict",
  ".pic": "image/pict",
  ".pict": "image/pict",
  ".ppa": "application/vnd.ms-powerpoint",
  ".pwz": "application/vnd.ms-powerpoint",
  ".pyc": "application/x-python-code",
  ".pyo": "application/x-python-code",
  ".ram": "application/x-pn-realaudio",
  ".rpm": "application/x-rpm",
  ".rst": "text/x-rst",
  ".wiz": "application/msword",
  ".xlb": "application/vnd.ms-excel",
  ".xpdl": "application/xml",
  // Text that developers want to read in the browser instead of downloading it.
  ".adoc": TEXT,
  ".ass": TEXT,
  ".astro": TEXT,
  ".bat": TEXT,
  ".c": TEXT,
  ".cfg": TEXT,
  ".cs": TEXT,
  ".dart": TEXT,
  ".diff": TEXT,
  ".env": TEXT,
  ".ex": TEXT,
  ".frag": TEXT,
  ".glsl": TEXT,
  ".go": TEXT,
  ".h": TEXT,
  ".jsonc": TEXT,
  ".ksh": TEXT,
  ".kt": TEXT,
  ".lock": TEXT,
  ".lua": TEXT,
  ".patch": TEXT,
  ".php": TEXT,
  ".pl": TEXT,
  ".ps1": TEXT,
  ".py": TEXT,
  ".rb": TEXT,
  ".rs": TEXT,
  ".sh": TEXT,
  ".sql": TEXT,
  ".srt": TEXT,
  ".svelte": TEXT,
  ".swift": TEXT,
  ".tex": TEXT,
  ".toml": TEXT,
  ".vert": TEXT,
  ".vue": TEXT,
  ".wgsl": TEXT,
  ".yaml": TEXT,
  ".yml": TEXT,
  ".zig": TEXT,
};

/** Names without an extension that are text by convention. */
const TEXT_NAMES: ReadonlySet<string> = new Set([
  ".gitattributes",
  ".gitignore",
  "authors",
  "changelog",
  "copying",
  "dockerfile",
  "license",
  "makefile",
  "notice",
  "readme",
  "todo",
]);

// A parameter with a token or a quoted string without escapes.
const PARAMETER =
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"[\t !#-[\]-~]*")$/;

/**
 * Makes a function that determines a file's Content-Type from its name.
 *
 * Text is sent with `charset=utf-8`, or browsers would guess. XML and SVG are not: they
 * declare their encoding themselves, and a charset would override that (RFC 7303 §3). JSON
 * has no charset, since it is always UTF-8 (RFC 8259 §11).
 *
 * @param options The user's types.
 * @returns A function from a file's name or path to the value of Content-Type.
 * @throws {TypeError} An extension or a type is malformed.
 *
 * @example Four files
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const typeOf = compileTypes({ types: { mdx: "text/mdx" } });
 * assertEquals(typeOf("index.html"), "text/html; charset=utf-8");
 * assertEquals(typeOf("app.wasm"), "application/wasm");
 * assertEquals(typeOf("page.mdx"), "text/mdx");
 * assertEquals(typeOf("data.unknown"), "application/octet-stream");
 * ```
 */
export function compileTypes(
  options: TypeOptions = {},
): (name: string) => string {
  const { types = {}, defaultType = "application/octet-stream" } = options;
  checkMediaType(defaultType);
  const chosen = compileNames(types);
  const typeOf = (name: string): string => {
    const entry = chosen(name);
    if (typeof entry === "string") return entry;
    if (entry !== undefined) return entry.type ?? typeOf(splitext(name)[0]);
    const extension = splitext(name)[1].toLowerCase();
    if (extension === "" || extension === ".") {
      return TEXT_NAMES.has(baseName(name)) ? withCharset(TEXT) : defaultType;
    }
    const type = ownType(extension) ?? typeByExtension(extension);
    return type === undefined ? defaultType : withCharset(type);
  };
  return typeOf;
}

/**
 * Makes a function that determines the content coding that a file's name implies. Such a
 * file is sent unchanged with that `Content-Encoding`.
 *
 * @param types The user's types. Otherwise only `.svgz` has a coding: a `.tar.gz` is meant
 * to be downloaded as it is.
 * @returns A function from a file's name or path to the coding; `undefined` for none.
 * @throws {TypeError} An extension, a type or a coding is malformed.
 *
 * @example The compressed files of a game
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const codingOf = compileCodings({ ".wasm.br": { coding: "br" } });
 * assertEquals(codingOf("build.wasm.br"), "br");
 * assertEquals(codingOf("drawing.svgz"), "gzip");
 * assertEquals(codingOf("archive.tar.gz"), undefined);
 * ```
 */
export function compileCodings(
  types: Types = {},
): (name: string) => string | undefined {
  const chosen = compileNames(types);
  return (name) => {
    const entry = chosen(name);
    if (typeof entry === "string") return undefined;
    return entry?.coding ?? (/[^/]\.svgz$/i.test(name) ? "gzip" : undefined);
  };
}

/** Makes a function that finds the user's entry for a file name: an exact match, or else the longest extension. */
function compileNames(
  types: Types,
): (name: string) => string | CodedType | undefined {
  const names = new Map<string, string | CodedType>();
  const ends = new Map<string, string | CodedType>();
  let parts = 0;
  for (const [key, entry] of Object.entries(types)) {
    checkEntry(key, entry);
    const name = key.toLowerCase();
    const end = name.startsWith(".") ? name : "." + name;
    names.set(name, entry);
    ends.set(end, entry);
    parts = Math.max(parts, end.split(".").length - 1);
  }
  if (ends.size === 0) return () => undefined;
  return (path) => {
    const base = baseName(path);
    // A leading dot hides a file; it doesn't begin an extension.
    const dots = [...base.matchAll(/(?<!^\.*)\./g)].slice(-parts);
    const end = dots.map(({ index }) => base.slice(index)).find((end) =>
      ends.has(end)
    );
    return names.get(base) ?? (end === undefined ? undefined : ends.get(end));
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).toLowerCase();
}

function ownType(extension: string): string | undefined {
  // OWN_TYPES inherits keys, and there may be a file named "a.__proto__".
  return Object.hasOwn(OWN_TYPES, extension) ? OWN_TYPES[extension] : undefined;
}

/** Adds a charset to text types that don't declare their encoding themselves. */
function withCharset(type: string): string {
  const isText = type.startsWith("text/") && type !== "text/xml";
  return isText ? type + "; charset=utf-8" : type;
}

function checkEntry(key: string, entry: string | CodedType): void {
  // Names separated by dots; the first dot is optional.
  if (!/^\.?[^/\\.\s]+(?:\.[^/\\.\s]+)*$/.test(key)) {
    throw new TypeError(
      `Cannot set a type for ${
        JSON.stringify(key)
      }: it must be an extension such as ".mdx", or a file name`,
    );
  }
  const { type, coding } = typeof entry === "string"
    ? { type: entry, coding: undefined }
    : entry;
  if (type !== undefined) checkMediaType(type);
  if (coding !== undefined && !TOKEN.test(coding)) {
    throw new TypeError(
      `Cannot use ${
        JSON.stringify(coding)
      } as a content coding: it must be a token such as "br"`,
    );
  }
}

/**
 * Checks that a string is a media type (RFC 9110 §8.3.1), with or without parameters.
 *
 * @param type The string.
 * @throws {TypeError} It is not a media type.
 *
 * @example A valid and an invalid type
 * ```ts
 * import { assertThrows } from "@std/assert";
 *
 * checkMediaType("text/html; charset=utf-8");
 * assertThrows(() => checkMediaType("html"), TypeError);
 * ```
 */
export function checkMediaType(type: string): void {
  const [essence = "", ...parameters] = type.split(";");
  const names = trimOws(essence).split("/");
  const valid = names.length === 2 && names.every((name) => TOKEN.test(name)) &&
    parameters.every((parameter) => PARAMETER.test(trimOws(parameter)));
  if (!valid) {
    throw new TypeError(
      `Cannot use ${
        JSON.stringify(type)
      } as a media type: it must be of the form type/subtype`,
    );
  }
}

/**
 * Looks up a file's media type in a table, by its extension.
 *
 * @param table Media types by extension, such as ".html".
 * @param path The file's path.
 * @returns The type; `undefined` if the table doesn't have it.
 *
 * @example The case of the extension is ignored, unless the table has both
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(typeIn({ ".txt": "text/plain" }, "/a/B.TXT"), "text/plain");
 * assertEquals(typeIn({ ".txt": "text/plain" }, "/a/b"), undefined);
 * ```
 */
export function typeIn(
  table: Readonly<Record<string, string>>,
  path: string,
): string | undefined {
  const [, extension] = splitext(path);
  return table[extension] ?? table[extension.toLowerCase()];
}
