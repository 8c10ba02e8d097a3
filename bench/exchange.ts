// One request over a separate connection: to check a server, and to time a response.

/** Where a server listens. */
export interface Target {
  readonly port: number;
  /** The certificate to trust, in PEM; with it, the connection uses TLS. */
  readonly certificate?: string;
}

/** A request. */
export interface Request {
  readonly method?: string;
  readonly path: string;
  /** The version of HTTP, by default 1.1. */
  readonly version?: "1.0" | "1.1";
  readonly headers?: Readonly<Record<string, string>>;
}

/** A response head. */
export interface Head {
  readonly status: number;
  /** By names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
}

/** A response. */
export interface Response extends Head {
  /** At most the first megabytes of the body, as latin-1 text. */
  readonly body: string;
  /** From the first byte of the request to the last byte of the response, in milliseconds. */
  readonly milliseconds: number;
}

/** Where all servers listen. */
export const HOST = "127.0.0.1";

/** How much of a body is read. */
const MAX_BODY = 4 * 1024 * 1024;

/**
 * Parses a response head.
 *
 * @param text Everything before the empty line.
 * @throws {Error} It does not begin with a status line.
 */
export function parseHead(text: string): Head {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new Error(`"${first}" is not a status line`);
  const fields = new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  return { status, fields };
}

/**
 * Whether these bytes hold the whole body, or as much of it as is read.
 *
 * @param head The response head.
 * @param method The method of the request.
 * @param body What has arrived after the head.
 */
export function isComplete(head: Head, method: string, body: string): boolean {
  if (method === "HEAD" || head.status === 304 || head.status === 204) {
    return true;
  }
  if (body.length >= MAX_BODY) return true;
  const length = head.fields.get("content-length");
  if (length !== undefined) return body.length >= Number(length);
  return head.fields.get("transfer-encoding") === "chunked" &&
    body.endsWith("0\r\n\r\n");
}

/** Connects to a server. */
export async function connect(
  { port, certificate }: Target,
): Promise<Deno.Conn> {
  if (certificate === undefined) {
    return await Deno.connect({ hostname: HOST, port });
  }
  return await Deno.connectTls({
    hostname: HOST,
    port,
    caCerts: [certificate],
  });
}

/**
 * Sends a request on a connection and reads its response.
 *
 * @param conn The connection.
 * @param request The request.
 * @param milliseconds How long it may take.
 * @throws {Error} The server closed too early or took longer.
 */
export async function exchangeOn(
  conn: Deno.Conn,
  { method = "GET", path, version = "1.1", headers = {} }: Request,
  milliseconds: number,
): Promise<Response> {
  const lines = Object.entries({ Host: HOST, ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `${method} ${path} HTTP/${version}\r\n${lines.join("")}\r\n`;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    conn.close();
  }, milliseconds);
  try {
    const began = performance.now();
    await writeAll(conn, new TextEncoder().encode(request));
    const response = await readResponse(conn, method);
    return { ...response, milliseconds: performance.now() - began };
  } catch (error) {
    if (!late) throw error;
    throw new Error(`there was no response within ${milliseconds} ms`);
  } finally {
    clearTimeout(timer);
  }
}

/** Sends a request on a new connection and reads its response. */
export async function exchange(
  target: Target,
  request: Request,
  milliseconds = 20_000,
): Promise<Response> {
  const conn = await connect(target);
  try {
    return await exchangeOn(conn, request, milliseconds);
  } finally {
    close(conn);
  }
}

/** Closes a connection, if it is not closed yet. */
export function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

async function readResponse(
  conn: Deno.Conn,
  method: string,
): Promise<Omit<Response, "milliseconds">> {
  const decoder = new TextDecoder("latin1");
  const buffer = new Uint8Array(65_536);
  let received = "";
  let head: Head | undefined;
  for (;;) {
    const count = await conn.read(buffer);
    if (count !== null) received += decoder.decode(buffer.subarray(0, count));
    const end = head === undefined ? received.indexOf("\r\n\r\n") : -1;
    if (end >= 0) {
      head = parseHead(received.slice(0, end));
      received = received.slice(end + 4);
    }
    if (head !== undefined) {
      const complete = isComplete(head, method, received);
      if (complete) return { ...head, body: received };
      const untilEnd = !head.fields.has("content-length") &&
        !head.fields.has("transfer-encoding");
      if (count === null && untilEnd) return { ...head, body: received };
    }
    if (count === null) throw new Error("the server closed too early");
  }
}
