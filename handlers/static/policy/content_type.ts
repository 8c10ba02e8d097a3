// The Content-Type of a file by its name. The well-kept table is that of
// `@std/media-types`; a small one of our own stands before it, for what browsers and
// developers need otherwise; and a user's own types stand before both.

import { typeByExtension } from "@std/media-types";
import { TOKEN, trimOws } from "../../../parser/syntax.ts";
import { splitext } from "../../../text/paths.ts";

/** Options of `compileTypes()`. */
export interface TypeOptions {
  /**
   * Types by extension, as `{ ".foo": "text/x-foo" }`; the dot may be left out, case
   * does not matter. They are sent as they stand: no charset is added. Default: none.
   */
  readonly types?: Readonly<Record<string, string>>;
  /** The type of a file whose extension is not known. Default: `application/octet-stream`. */
  readonly defaultType?: string;
}

const TEXT = "text/plain";

/** Types that differ from those of `@std/media-types`, or are missing there. */
const OWN_TYPES: Readonly<Record<string, string>> = {
  // Programs run in a browser only as text/javascript (RFC 9239, 6).
  ".cjs": "text/javascript",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  // A developer's `.ts` is TypeScript; that of a video stream is found by its playlist,
  // and its player does not look at the type.
  ".cts": "text/typescript",
  ".mts": "text/typescript",
  ".ts": "text/typescript",
  ".tsx": "text/tsx",
  // WebAssembly.compileStreaming() takes this type alone, without parameters.
  ".wasm": "application/wasm",
  // What a browser plays or shows, by the name that it looks for.
  ".flac": "audio/flac",
  ".jxl": "image/jxl",
  ".m4v": "video/mp4",
  ".wav": "audio/wav",
  // Compressed files stay what they are: no Content-Encoding goes with them.
  ".br": "application/octet-stream",
  ".svgz": "application/gzip",
  ".tgz": "application/gzip",
  ".zst": "application/zstd",
  // Formats with JSON inside.
  ".ipynb": "application/x-ipynb+json",
  ".jsonl": "application/jsonl",
  ".ndjson": "application/x-ndjson",
  ".topojson": "application/json",
  ".webmanifest": "application/manifest+json",
  // Text that developers want to read in the browser and not to download.
  ".adoc": TEXT,
  ".astro": TEXT,
  ".bat": TEXT,
  ".cfg": TEXT,
  ".cs": TEXT,
  ".dart": TEXT,
  ".diff": TEXT,
  ".env": TEXT,
  ".ex": TEXT,
  ".frag": TEXT,
  ".glsl": TEXT,
  ".go": TEXT,
  ".jsonc": TEXT,
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
  ".svelte": TEXT,
  ".swift": TEXT,
  ".tex": TEXT,
  ".toml": TEXT,
  ".vert": TEXT,
  ".vue": TEXT,
  ".wgsl": TEXT,
  ".zig": TEXT,
};

/** Names without an extension that everyone knows to be text. */
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

// The plain forms of a parameter: a token, or a quoted string without escapes.
const PARAMETER =
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"[\t !#-[\]-~]*")$/;

/**
 * Makes a function that gives a file's Content-Type by its name.
 *
 * Text is sent with `charset=utf-8`, or a browser would guess. XML and SVG are not: they
 * name their encoding themselves, and a charset here would overrule that (RFC 7303, 3).
 * JSON has no charset: it is always UTF-8 (RFC 8259, 11).
 *
 * @param options The user's own types.
 * @returns A function from a file's name or path to the value of Content-Type.
 * @throws {TypeError} An extension or a type of the options is malformed.
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
  const own = new Map<string, string>();
  for (const [extension, type] of Object.entries(types)) {
    checkMediaType(type);
    own.set(normalizeExtension(extension), type);
  }
  return (name) => {
    const extension = splitext(name)[1].toLowerCase();
    if (extension === "" || extension === ".") {
      const base = name.slice(name.lastIndexOf("/") + 1).toLowerCase();
      return TEXT_NAMES.has(base) ? withCharset(TEXT) : defaultType;
    }
    const chosen = own.get(extension);
    if (chosen !== undefined) return chosen;
    const type = ownType(extension) ?? typeByExtension(extension);
    return type === undefined ? defaultType : withCharset(type);
  };
}

function ownType(extension: string): string | undefined {
  // Not every key of an object is its own: there may be a file named "a.__proto__".
  return Object.hasOwn(OWN_TYPES, extension) ? OWN_TYPES[extension] : undefined;
}

/** Adds the charset to what is text and does not name its encoding itself. */
function withCharset(type: string): string {
  const isText = type.startsWith("text/") && type !== "text/xml";
  return isText ? type + "; charset=utf-8" : type;
}

function normalizeExtension(extension: string): string {
  const bare = extension.replace(/^\./, "").toLowerCase();
  if (bare === "" || /[/\\.\s]/.test(bare)) {
    throw new TypeError(
      `Cannot set a type by extension: ${
        JSON.stringify(extension)
      } is not one extension`,
    );
  }
  return "." + bare;
}

/**
 * Checks that a text is a media type (RFC 9110, 8.3.1), with parameters or without.
 *
 * @param type The text.
 * @throws {TypeError} It is none.
 *
 * @example Both kinds
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
      } as a media type: it is not of the form type/subtype`,
    );
  }
}
