// Parses the header of a script's output (RFC 3875 §6.2 and §6.3).

import { ParseError } from "../../parser/errors.ts";
import { parseFields } from "../../parser/field_lines.ts";
import { checkHeaderBlock } from "../../parser/header_block.ts";

/** A parsed script header. */
export interface ScriptHead {
  /** The status code; by default 200, or 302 with a `Location`. */
  readonly status: number;
  /** The script's reason phrase, if any. */
  readonly reason: string | undefined;
  /** The fields to send, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The target to respond with instead of the script's output (RFC 3875 §6.2.2). */
  readonly localRedirect: string | undefined;
}

/** Fields that a script can't set, since they belong to the connection (RFC 3875 §6.3.4) or the server sends them itself. */
const SERVER_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "date",
  "keep-alive",
  "server",
  "status",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const STATUS_LINE = /^HTTP\/[0-9.]+ (.*?)\r?\n/;
const STATUS = /^([2-9][0-9]{2})(?: ([^\0\r\n]*))?$/;
const LENGTH = /^[0-9]{1,15}$/;

/**
 * Parses a script's header block. A leading HTTP status line works like `Status`.
 *
 * @param block The lines up to and including the blank line, as latin-1 text.
 * @returns The parsed header.
 * @throws {SyntaxError} If the header is empty or malformed.
 */
export function parseScriptHead(block: string): ScriptHead {
  if (block === "") throw new SyntaxError("the script sent no header");
  const line = STATUS_LINE.exec(block);
  const lines = line === null ? block : block.slice(line[0].length);
  const fields = checkedFields(lines);
  const status = line?.[1] ?? valueOf(fields, "status");
  if (status === undefined && fields.length === 0) {
    throw new SyntaxError("the script sent no header");
  }
  const location = valueOf(fields, "location");
  const [code, reason] = status === undefined
    ? [location === undefined ? 200 : 302, undefined]
    : parseStatus(status);
  return {
    status: code,
    reason,
    fields: fields.filter(([name]) => isSent(name.toLowerCase(), code)),
    localRedirect: status === undefined && isLocal(location)
      ? location
      : undefined,
  };
}

/** Whether a field is sent. A 205 has no content, so no Content-Length either (RFC 9110 §15.3.6). */
function isSent(name: string, code: number): boolean {
  return !SERVER_FIELDS.has(name) &&
    !(name === "content-length" && code === 205);
}

function checkedFields(lines: string): (readonly [string, string])[] {
  try {
    checkHeaderBlock(lines);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new SyntaxError("the script sent a malformed header");
  }
  const fields = parseFields(lines);
  const lengths = fields.filter(([name]) => /^content-length$/i.test(name));
  if (lengths.length > 1 || lengths.some(([, value]) => !LENGTH.test(value))) {
    throw new SyntaxError("the script sent a malformed Content-Length");
  }
  return fields;
}

function valueOf(
  fields: readonly (readonly [string, string])[],
  name: string,
): string | undefined {
  return fields.find(([other]) => other.toLowerCase() === name)?.[1];
}

function parseStatus(text: string): [code: number, reason: string | undefined] {
  const [, code, reason] = STATUS.exec(text) ?? [];
  if (code === undefined) {
    throw new SyntaxError("the script sent a malformed status");
  }
  return [Number(code), reason];
}

/** Whether a location is a path on this host. Two slashes would begin a host name (RFC 3986 §4.2). */
function isLocal(location: string | undefined): boolean {
  return location !== undefined && /^\/(?![/\\])/.test(location);
}
