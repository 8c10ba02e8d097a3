// A strict parser of responses, as a client of RFC 9112 that accepts nothing else. It
// shares no code with the server.

/** The parts of a request that affect its response. */
export interface Asked {
  /** Its method; empty if it could not be parsed. */
  readonly method: string;
  /** Whether it was HTTP/0.9, so that its response is only a body. */
  readonly simple: boolean;
}

/** A final response. */
export interface Parsed {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** Whether only the end of the stream ends it. */
  readonly untilClose: boolean;
}

const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d) ([\t -~\x80-\xff]*)$/;
const FIELD =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)[ \t]*$/;

/**
 * Parses everything that a server has sent on one connection.
 *
 * @param text The bytes sent, as latin-1 text.
 * @param asked The requests, in order; those after the last response do not matter.
 * @returns The final responses.
 * @throws {SyntaxError} If anything is malformed, missing or superfluous.
 */
export function parseResponses(
  text: string,
  asked: readonly Asked[],
): Parsed[] {
  const responses: Parsed[] = [];
  let at = 0;
  while (at < text.length) {
    const request = asked[responses.length];
    if (request === undefined) throw fault("bytes without a request", text, at);
    if (request.simple) {
      responses.push({
        status: 0,
        fields: [],
        body: text.slice(at),
        untilClose: true,
      });
      break;
    }
    const end = text.indexOf("\r\n\r\n", at);
    if (end < 0) throw fault("a head without an end", text, at);
    const [first = "", ...lines] = text.slice(at, end).split("\r\n");
    const status = Number(STATUS_LINE.exec(first)?.[1]);
    if (Number.isNaN(status)) throw fault("no status line", text, at);
    const fields = lines.map((line) => {
      const found = FIELD.exec(line);
      if (found === null) throw fault("no field line", line, 0);
      return [found[1]!, found[2]!] as const;
    });
    at = end + 4;
    if (status < 200) {
      if (status === 101) {
        throw fault("a switch that was not asked for", text, at);
      }
      continue;
    }
    const body = readBody(text, at, status, request.method, fields);
    at = body.end;
    responses.push({
      status,
      fields,
      body: body.data,
      untilClose: body.untilClose,
    });
  }
  return responses;
}

function readBody(
  text: string,
  at: number,
  status: number,
  method: string,
  fields: Parsed["fields"],
): { data: string; end: number; untilClose: boolean } {
  const lengths = valuesOf(fields, "content-length");
  const codings = valuesOf(fields, "transfer-encoding");
  if (lengths.length > 1 || codings.length > 1) {
    throw fault("two framings", text, at);
  }
  if (lengths.length > 0 && codings.length > 0) {
    throw fault("two framings", text, at);
  }
  if (codings.length > 0 && codings[0] !== "chunked") {
    throw fault("a coding", text, at);
  }
  if (lengths.length > 0 && !/^\d+$/.test(lengths[0]!)) {
    throw fault("a length", text, at);
  }
  if (method === "HEAD" || status === 204 || status === 304) {
    return { data: "", end: at, untilClose: false };
  }
  if (codings.length > 0) return { ...readChunks(text, at), untilClose: false };
  if (lengths.length === 0) {
    return { data: text.slice(at), end: text.length, untilClose: true };
  }
  const end = at + Number(lengths[0]);
  if (end > text.length) throw fault("a body that is too short", text, at);
  return { data: text.slice(at, end), end, untilClose: false };
}

function readChunks(text: string, at: number): { data: string; end: number } {
  let data = "";
  for (;;) {
    const found = /^([0-9a-f]{1,8})\r\n/i.exec(text.slice(at, at + 12));
    if (found === null) throw fault("no chunk size", text, at);
    const size = parseInt(found[1]!, 16);
    at += found[0].length;
    data += text.slice(at, at + size);
    at += size;
    if (!text.startsWith("\r\n", at)) {
      throw fault("no end of a chunk", text, at);
    }
    at += 2;
    if (size === 0) return { data, end: at };
  }
}

/**
 * The values of a field.
 *
 * @param fields The fields.
 * @param name The name, in lower case.
 * @returns The values, one for each line.
 */
export function valuesOf(fields: Parsed["fields"], name: string): string[] {
  return fields.filter(([other]) => other.toLowerCase() === name)
    .map(([, value]) => value);
}

function fault(what: string, text: string, at: number): SyntaxError {
  return new SyntaxError(
    `Cannot parse the responses: ${what} in ${
      JSON.stringify(text.slice(at, at + 120))
    }`,
  );
}
