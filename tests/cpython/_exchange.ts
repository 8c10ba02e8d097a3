// One raw request to a server and all that comes of it, in a form that two servers can
// be compared by. Whether the connection stays open is not a matter of waiting: a
// further request is sent, and either answered or not.

import { decodeLatin1 } from "../../text/latin1.ts";
import { type Bytes, toBytes } from "../_serve.ts";

/** How long a server may stay silent before a request counts as unanswered, in milliseconds. */
const PATIENCE = 4_000;

/** What is asked behind each request; the file is there in no other role. */
const PROBE = "GET /probe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/** The content of the file that the probe asks for. */
export const PROBE_CONTENT = "the probe";

/** Python 3 from this minor version on has the pages that this project has. */
const MODERN_PAGES = 14;

/** One answer. */
export interface Answer {
  /** The status line; empty for bytes without a head. */
  readonly status: string;
  /** The header lines, in order. */
  readonly fields: readonly string[];
  readonly body: string;
}

/** What came of a request. */
export interface Outcome {
  /** The answers until the connection ended, that to the probe excepted. */
  readonly answers: readonly Answer[];
  /** Whether the connection was open for the probe, or ended, or nothing came at all. */
  readonly connection: "open" | "closed" | "silent";
}

/** Sends a request on a new connection, then the probe once the answer is whole. */
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
  const answers = splitAnswers(received.text, method);
  if (silent) return { answers, connection: "silent" };
  const open = answers.at(-1)?.body === PROBE_CONTENT;
  return {
    answers: open ? answers.slice(0, -1) : answers,
    connection: open ? "open" : "closed",
  };
}

/** The codes of the answers and the connection's state, such as "200 open". */
export function summary({ answers, connection }: Outcome): string {
  const codes = answers.map(({ status }) =>
    status === "" ? "headless" : status.split(" ")[1]
  );
  return [...codes, connection].join(" ");
}

/**
 * The outcome as text to compare by: what must differ between two servers is masked,
 * and so is what differs between the versions of Python.
 */
export function comparable(outcome: Outcome, minor: number): string {
  const answers = outcome.answers.map((answer) =>
    maskFields(minor < MODERN_PAGES ? withoutPageHead(answer) : answer)
  );
  return JSON.stringify({ ...outcome, answers });
}

function maskFields({ status, fields, body }: Answer): Answer {
  const masked = fields.map((field) =>
    field.replace(/^(Date|Server): .*/, "$1: *")
  );
  return { status, fields: masked, body };
}

/** Pages without what stands before their title, and without their length. */
function withoutPageHead({ status, fields, body }: Answer): Answer {
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

/** A server may close while it is still spoken to; what it sent before can be read. */
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

/** Whether the final answer is there to its last byte, as far as it can be known before the end. */
function isWhole(text: string, method: string): boolean {
  const answers = splitAnswers(text, method, true);
  return answers.some(({ status }) => !/^HTTP\/\d\.\d 1/.test(status));
}

/**
 * Splits what a server sent into answers. `method` is that of the first one; others are
 * taken for GET's.
 */
function splitAnswers(
  text: string,
  method: string,
  wholeOnly = false,
): Answer[] {
  const answers: Answer[] = [];
  while (text !== "") {
    const headEnd = text.indexOf("\r\n\r\n");
    if (!text.startsWith("HTTP/") || headEnd < 0) {
      if (!wholeOnly) answers.push({ status: "", fields: [], body: text });
      break;
    }
    const [status = "", ...fields] = text.slice(0, headEnd).split("\r\n");
    const rest = text.slice(headEnd + 4);
    const size = bodySize(
      status,
      fields,
      answers.length === 0 && method === "HEAD",
    );
    if (wholeOnly && !(rest.length >= size)) break;
    answers.push({ status, fields, body: rest.slice(0, size) });
    text = rest.slice(size);
  }
  return answers;
}

/** How long a body is; `Infinity` where only the connection's end tells. */
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
