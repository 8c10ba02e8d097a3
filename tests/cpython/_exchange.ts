// Sends one raw request to a server and records all responses, in a form that allows
// comparing two servers. To learn whether the connection stays open, a second request is
// sent; waiting would tell nothing.

import { decodeLatin1 } from "../../text/latin1.ts";
import { type Bytes, toBytes } from "../_serve.ts";

/** How long a server may be silent before a request counts as ignored, in milliseconds. */
const PATIENCE = 4_000;

/** The request after each request; no other one is for this file. */
const PROBE = "GET /probe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/** The content of the file that the probe requests. */
export const PROBE_CONTENT = "the probe";

/** From this minor version on, Python 3 sends the same pages as this project. */
const MODERN_PAGES = 14;

/** One response. */
export interface RecordedResponse {
  /** The status line; empty for bytes without a head. */
  readonly status: string;
  /** The header lines, in order. */
  readonly fields: readonly string[];
  readonly body: string;
}

/** The outcome of a request. */
export interface Outcome {
  /** The responses until the connection ended, except the one to the probe. */
  readonly responses: readonly RecordedResponse[];
  /** Whether the connection was open for the probe, had ended, or nothing was received. */
  readonly connection: "open" | "closed" | "silent";
}

/** Sends a request on a new connection, then the probe once the response is complete. */
export async function exchange(
  port: number,
  request: Bytes,
): Promise<Outcome> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  let silent = false;
  const timer = setTimeout(() => {
    silent = true;
    conn.close();
  }, PATIENCE);
  const method = decodeLatin1(toBytes(request)).split(/\s/, 1)[0]!;
  const received = { text: "" };
  try {
    await untilClosed(writeAll(conn, toBytes(request)));
    await untilClosed(
      readUntil(conn, received, (text) => isWhole(text, method)),
    );
    await untilClosed(writeAll(conn, toBytes(PROBE)));
    await untilClosed(readUntil(conn, received, () => false));
  } catch (error) {
    if (!silent) throw error;
  } finally {
    clearTimeout(timer);
  }
  const responses = splitResponses(received.text, method);
  if (silent) return { responses, connection: "silent" };
  const open = responses.at(-1)?.body === PROBE_CONTENT;
  return {
    responses: open ? responses.slice(0, -1) : responses,
    connection: open ? "open" : "closed",
  };
}

/** The status codes and the connection's state, such as "200 open". */
export function summary({ responses, connection }: Outcome): string {
  const codes = responses.map(({ status }) =>
    status === "" ? "headless" : status.split(" ")[1]
  );
  return [...codes, connection].join(" ");
}

/**
 * The outcome as text for comparison. Differences between two servers, and between the
 * versions of Python, are masked.
 */
export function comparable(outcome: Outcome, minor: number): string {
  const responses = outcome.responses.map((response) =>
    maskFields(minor < MODERN_PAGES ? withoutPageHead(response) : response)
  );
  return JSON.stringify({ ...outcome, responses });
}

function maskFields(
  { status, fields, body }: RecordedResponse,
): RecordedResponse {
  const masked = fields.map((field) =>
    field.replace(/^(Date|Server): .*/, "$1: *")
  );
  return { status, fields: masked, body };
}

/** Removes what precedes the title of a page, and its length. */
function withoutPageHead(
  { status, fields, body }: RecordedResponse,
): RecordedResponse {
  const page = fields.some((field) =>
    /^content-type: text\/html; ?charset/i.test(field)
  );
  const start = body.startsWith("<!DOCTYPE") ? body.indexOf("<title>") : 0;
  return {
    status,
    fields: page
      ? fields.map((field) => field.replace(/^(Content-Length): .*/, "$1: *"))
      : fields,
    // An early version shows the name of the code's constant there.
    body: body.slice(start)
      .replace(/(?<=explanation: )(?:HTTPStatus\.\w+|\d+)(?= - )/, "*"),
  };
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

async function readUntil(
  conn: Deno.Conn,
  received: { text: string },
  done: (text: string) => boolean,
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  while (!done(received.text)) {
    const count = await conn.read(buffer);
    if (count === null) return;
    received.text += decodeLatin1(buffer.subarray(0, count));
  }
}

/** Ignores that a server closed during a write; what it sent before can still be read. */
async function untilClosed(operation: Promise<void>): Promise<void> {
  try {
    await operation;
  } catch (error) {
    if (
      !(error instanceof Deno.errors.ConnectionReset ||
        error instanceof Deno.errors.BrokenPipe)
    ) throw error;
  }
}

/** Whether the final response is complete, as far as that is known before the end. */
function isWhole(text: string, method: string): boolean {
  const responses = splitResponses(text, method, true);
  return responses.some(({ status }) => !/^HTTP\/\d\.\d 1/.test(status));
}

/**
 * Splits the received text into responses. `method` is that of the first request; the
 * others are GET.
 */
function splitResponses(
  text: string,
  method: string,
  wholeOnly = false,
): RecordedResponse[] {
  const responses: RecordedResponse[] = [];
  while (text !== "") {
    const headEnd = text.indexOf("\r\n\r\n");
    if (!text.startsWith("HTTP/") || headEnd < 0) {
      if (!wholeOnly) responses.push({ status: "", fields: [], body: text });
      break;
    }
    const [status = "", ...fields] = text.slice(0, headEnd).split("\r\n");
    const rest = text.slice(headEnd + 4);
    const size = bodySize(
      status,
      fields,
      responses.length === 0 && method === "HEAD",
    );
    if (wholeOnly && !(rest.length >= size)) break;
    responses.push({ status, fields, body: rest.slice(0, size) });
    text = rest.slice(size);
  }
  return responses;
}

/** The size of a body; `Infinity` if only the end of the connection ends it. */
function bodySize(
  status: string,
  fields: readonly string[],
  head: boolean,
): number {
  const code = Number(status.split(" ")[1]);
  if (head || code < 200 || code === 204 || code === 304) return 0;
  const length = fields.find((field) => /^content-length:/i.test(field));
  return length === undefined ? Infinity : Number(length.slice(15));
}
