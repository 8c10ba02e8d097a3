// Whether a file is text, and its text.

/** How much of a file is searched for signs that it isn't text, in bytes. */
const SAMPLE = 8 * 1024;

const TEXTUAL =
  /^(?:text\/|application\/(?:javascript|json|ld\+json|sql|toml|x-sh|xml|yaml)\b|[^;]*\+(?:json|xml)\b)/i;

const MARKDOWN = /^text\/(?:x-)?markdown\b/i;

/**
 * Decodes the beginning of a file, without its byte order mark: as UTF-16 if it has that one of
 * UTF-16, else as UTF-8.
 *
 * @param bytes The bytes.
 * @param type The media type that the file's name implies.
 * @returns The text; `undefined` if the file is not text: it has a NUL at its beginning, or
 * neither its type nor its bytes are those of text.
 */
export function textOf(bytes: Uint8Array, type: string): string | undefined {
  const wide = utf16Of(bytes);
  if (wide !== undefined) return new TextDecoder(wide).decode(bytes);
  const sample = bytes.subarray(0, SAMPLE);
  if (sample.includes(0)) return undefined;
  if (!TEXTUAL.test(type) && !isUtf8(sample)) return undefined;
  return new TextDecoder().decode(bytes);
}

/**
 * Whether a media type is that of Markdown.
 *
 * @param type The value of Content-Type.
 * @returns `true` if it is.
 */
export function isMarkdown(type: string): boolean {
  return MARKDOWN.test(type);
}

/** The name of the encoding whose byte order mark a file has; `undefined` if it isn't UTF-16. */
function utf16Of(
  [first, second, third, fourth]: Uint8Array,
): string | undefined {
  if (first === 0xfe && second === 0xff) return "utf-16be";
  // UTF-32 begins alike, and binary files may.
  const little = first === 0xff && second === 0xfe && (third || fourth);
  return little ? "utf-16le" : undefined;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    // The sample may end within a character.
    const stream = bytes.length === SAMPLE;
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream });
    return true;
  } catch {
    // Not UTF-8.
    return false;
  }
}
