// Connects many clients of one kind: `crowd.ts PORT KIND COUNT`. Prints "ready" once all
// are connected, and ends when its standard input ends.
//
// A separate process, so that the load test's measured client waits for the server alone.

// deno-lint-ignore-file no-console

/** What the clients do. */
export type CrowdKind = "silent" | "idle" | "uploaded" | "slow";

const REQUEST = "GET /small.bin HTTP/1.1\r\nHost: a\r\n\r\n";
const DOWNLOAD = "GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n";

/** The size of an upload in bytes: larger than every buffer that grows with a body. */
const UPLOAD = 100_000;

/** How many clients connect at once. Few, so that connections account for the memory, not work in progress. */
const AT_ONCE = 8;

/** How often a slow client sends a byte or reads, in milliseconds. */
const PACE = 1_000;

const encoder = new TextEncoder();
const block = new Uint8Array(65_536);

async function send(conn: Deno.Conn, data: string | Uint8Array): Promise<void> {
  const bytes = typeof data === "string" ? encoder.encode(data) : data;
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

/** Reads one response completely. */
async function receive(conn: Deno.Conn): Promise<void> {
  let [text, missing] = ["", Infinity];
  while (missing > 0) {
    const count = await conn.read(block);
    if (count === null) throw new Error("The server closed too early");
    if (missing !== Infinity) {
      missing -= count;
      continue;
    }
    text += String.fromCharCode(...block.subarray(0, Math.min(count, 4_096)));
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) continue;
    const length = /^content-length: *(\d+)/im.exec(text.slice(0, end))?.[1];
    missing = end + 4 + Number(length) - count;
  }
}

/** Runs one connected client; slow ones never stop. */
async function behave(
  conn: Deno.Conn,
  kind: CrowdKind,
  n: number,
): Promise<void> {
  if (kind === "silent") return;
  if (kind === "idle") {
    await send(conn, REQUEST);
    return await receive(conn);
  }
  if (kind === "uploaded") {
    const head =
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${UPLOAD}\r\n\r\n`;
    await send(conn, head);
    await send(conn, new Uint8Array(UPLOAD));
    return await receive(conn);
  }
  const begun = n % 2 === 0 ? "GET /small.bin HTTP/1.1\r\nX-Slow: " : DOWNLOAD;
  await send(conn, begun);
  void crawl(conn, n % 2 === 0);
}

/** Sends a byte, or reads a few, at intervals. */
async function crawl(conn: Deno.Conn, sends: boolean): Promise<void> {
  const some = new Uint8Array(4_096);
  try {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, PACE));
      if (sends) await send(conn, "x");
      else if (await conn.read(some) === null) return;
    }
  } catch (error) {
    // The server closes slow clients after its timeout.
    if (!(error instanceof Error)) throw error;
  }
}

if (import.meta.main) {
  const [port, kind, count] = Deno.args;
  const conns: Deno.Conn[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < Number(count)) {
      const n = next++;
      const address = { hostname: "127.0.0.1", port: Number(port) };
      const conn = await Deno.connect(address);
      conns.push(conn);
      await behave(conn, kind as CrowdKind, n);
    }
  }));
  console.log("ready");
  for await (const _ of Deno.stdin.readable);
  Deno.exit(0);
}
