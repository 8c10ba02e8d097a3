// The head that a handler sent, as the parts of a `Response`. Pure.

import { connectionOptions } from "../../parser/framing.ts";
import { HOP_BY_HOP } from "./hop_by_hop.ts";

/** How the end of a response's body is known; `"rest"` if it ends with the handler. */
export type ResponseFraming = "none" | "chunked" | "rest" | number;

/** A response's head. */
export interface ResponseParts {
  /** 100 to 199, except 101, for an interim response. */
  readonly status: number;
  readonly statusText: string;
  /** The fields in the order in which they were sent, without those of the connection. */
  readonly headers: [name: string, value: string][];
  readonly framing: ResponseFraming;
}

const STATUS_LINE = /^HTTP\/[0-9]\.[0-9] ([0-9]{3})(?: (.*))?$/;

/** A reason phrase that `Response` accepts. */
const PHRASE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Statuses that `Response` allows no body for. */
const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Parses a head that a handler sent.
 *
 * @param head The head as Latin-1 text, without the blank line.
 * @param method The request's method.
 * @returns Its parts.
 * @throws {TypeError} If it is malformed, or can't be a `Response`.
 */
export function responseParts(head: string, method: string): ResponseParts {
  const [line = "", ...lines] = head.split("\r\n");
  const [, code, phrase = ""] = STATUS_LINE.exec(line) ??
    refuse(
      line === "" ? "what has no head" : JSON.stringify(line.slice(0, 100)),
    );
  const status = Number(code);
  // `Response` accepts no other status.
  if (status === 101 || status > 599) refuse(`status ${status}`);
  // After it, both sides would send raw bytes (RFC 9110 §9.3.6).
  if (method === "CONNECT" && status >= 200 && status < 300) refuse("a tunnel");
  const fields = lines.map(toField);
  const options = connectionOptions(valuesOf(fields, "connection"));
  return {
    status,
    statusText: PHRASE.test(phrase) ? phrase : "",
    headers: fields.filter(([name]) => {
      const lower = name.toLowerCase();
      return !HOP_BY_HOP.has(lower) && !options.has(lower);
    }),
    framing: method === "HEAD" || NULL_BODY.has(status)
      ? "none"
      : framingOf(fields),
  };
}

function toField(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

function framingOf(
  fields: readonly (readonly [string, string])[],
): ResponseFraming {
  const [coding] = valuesOf(fields, "transfer-encoding");
  if (coding !== undefined) {
    if (coding.toLowerCase() === "chunked") return "chunked";
    refuse(`Transfer-Encoding: ${coding}`);
  }
  const [length] = valuesOf(fields, "content-length");
  return length === undefined ? "rest" : Number(length);
}

function valuesOf(
  fields: readonly (readonly [string, string])[],
  wanted: string,
): string[] {
  return fields.filter(([name]) => name.toLowerCase() === wanted)
    .map(([, value]) => value);
}

function refuse(what: string): never {
  throw new TypeError(`Cannot send ${what} as a Response`);
}
