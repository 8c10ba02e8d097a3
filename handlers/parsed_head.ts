// A request head as it was parsed, to see whether a handler has changed it since.

import type { HTTPMessage } from "../parser/headers.ts";
import type { RequestLine } from "../parser/request_line.ts";

/** The fields of a handler that parsing sets. */
interface Request {
  readonly command: string;
  readonly path: string;
  readonly request_version: string;
  readonly headers: HTTPMessage;
}

/** A parsed head. */
export interface ParsedHead {
  /** The request line as it was sent. */
  readonly rawLine: string;
  readonly line: RequestLine;
  readonly headers: HTTPMessage;
  /** As `HeadFacts.serial`. */
  readonly serial: number;
}

/**
 * A key that identifies the head of a request among all requests of this process.
 *
 * @param parsed The head as it was parsed.
 * @param request The handler, whose fields a subclass may have changed.
 * @returns `undefined` if the head is not known, or was changed.
 */
export function keyOfHead(
  parsed: ParsedHead | undefined,
  request: Request,
): string | undefined {
  if (parsed === undefined || parsed.serial === 0) return undefined;
  const { line, headers } = parsed;
  const same = line.path === request.path && line.command === request.command &&
    line.version === request.request_version && headers === request.headers &&
    headers.unchanged;
  return same ? parsed.serial + " " + parsed.rawLine : undefined;
}
