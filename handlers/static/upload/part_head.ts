// The headers of a part of a form (RFC 7578 §4), as browsers, curl and libraries write them.

import { ParseError } from "../../../parser/errors.ts";

/** The headers of a part. */
export interface PartHead {
  /** The name of the form's field. */
  readonly name: string;
  /**
   * The name of the file without its folders; `null` if the part is not a file, `""` if no
   * file was chosen. It may be any text, and contains U+FFFD if it was not UTF-8.
   */
  readonly filename: string | null;
  /** The value of Content-Type; `null` if it is absent. */
  readonly type: string | null;
}

const FIELD = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*)$/s;
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** A byte order mark is a part of a name. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Parses the headers of a part.
 *
 * @param bytes The headers, with the empty line at their end.
 * @returns What they say.
 * @throws {ParseError} 400: they are malformed, or not those of form data.
 */
export function parsePartHead(bytes: Uint8Array): PartHead {
  let disposition: string | undefined;
  let type: string | null = null;
  for (const line of utf8.decode(bytes).split("\r\n").slice(0, -2)) {
    const match = FIELD.exec(line);
    if (match === null || CONTROL.test(line)) throw bad("Bad header of a part");
    const [, name, value] = match;
    switch (name!.toLowerCase()) {
      case "content-disposition":
        if (disposition !== undefined) {
          throw bad("Several Content-Disposition fields in a part");
        }
        disposition = value!;
        break;
      case "content-type":
        type ??= value!.trimEnd();
        break;
      case "content-transfer-encoding":
        if (!/^(?:7bit|8bit|binary)[ \t]*$/i.test(value!)) {
          throw bad("Unsupported Content-Transfer-Encoding of a part");
        }
    }
  }
  if (disposition === undefined) throw bad("Part without Content-Disposition");
  const head = { ...parseDisposition(disposition), type };
  // RFC 7578 §4.3: formerly, the parts of such a part were files.
  if (head.filename === null && /^multipart\//i.test(type ?? "")) {
    throw bad("Nested multipart in form data");
  }
  return head;
}

/**
 * Parses the value of Content-Disposition.
 *
 * @param value The value, decoded as UTF-8.
 * @returns The name of the field and of the file.
 * @throws {ParseError} 400: the value is malformed.
 */
export function parseDisposition(
  value: string,
): Pick<PartHead, "name" | "filename"> {
  const parameters = new Map<string, string>();
  let index = value.indexOf(";");
  const kind = index < 0 ? value : value.slice(0, index);
  if (kind.trim().toLowerCase() !== "form-data" || index < 0) {
    throw bad("Content-Disposition of a part must be form-data with a name");
  }
  while (index < value.length) {
    const equals = value.indexOf("=", index);
    const last = equals < 0 ? value.length : equals;
    const name = value.slice(index + 1, last).trim().toLowerCase();
    // A semicolon at the end.
    if (equals < 0 && name === "") break;
    const [text, end] = readValue(value, last + 1);
    if (equals < 0 || end < 0 || !TOKEN.test(name) || parameters.has(name)) {
      throw bad("Bad Content-Disposition of a part");
    }
    parameters.set(name, text);
    index = end;
  }
  const name = parameters.get("name");
  const filename = parameters.get("filename");
  if (name === undefined) throw bad("Part without a name");
  // Taking such a part for a text field would lose the file.
  if (filename === undefined && parameters.has("filename*")) {
    throw bad("filename* in form data (RFC 7578 §4.2): use filename");
  }
  return {
    name: decodeName(name),
    filename: filename === undefined ? null : lastName(decodeName(filename)),
  };
}

/**
 * Reads a token or a quoted string. Browsers write a backslash as it is, and a quotation mark
 * as `%22`; others write `\"`.
 *
 * @returns The text, and the index of the semicolon after it, or of the end; -1 for an error.
 */
function readValue(
  value: string,
  start: number,
): readonly [text: string, end: number] {
  let index = skipBlanks(value, start);
  if (value[index] !== '"') {
    const semicolon = value.indexOf(";", index);
    const end = semicolon < 0 ? value.length : semicolon;
    const text = value.slice(index, end).trimEnd();
    return [text, text === "" || /[\s"]/.test(text) ? -1 : end];
  }
  let text = "";
  for (let from = ++index;;) {
    index = value.indexOf('"', index);
    if (index < 0) return ["", -1];
    const end = skipBlanks(value, index + 1);
    const isLast = end === value.length || value[end] === ";";
    if (value[index - 1] !== "\\" || isLast) {
      return [text + value.slice(from, index), isLast ? end : -1];
    }
    text += value.slice(from, index - 1) + '"';
    from = ++index;
  }
}

function skipBlanks(value: string, index: number): number {
  while (value[index] === " " || value[index] === "\t") index++;
  return index;
}

/** Decodes what browsers encode in names, and nothing else. */
function decodeName(name: string): string {
  return name.replace(
    /%(?:22|0[AD])/gi,
    (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  );
}

/** Some clients send a whole path, also one of Windows. */
function lastName(path: string): string {
  return path.slice(
    Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1,
  );
}

function bad(message: string): ParseError {
  return new ParseError(400, message);
}
