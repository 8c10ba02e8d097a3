// The limit of what a server on `Deno.listen` can do: one read and one write per request,
// and no parser. Run as `bare.ts FOLDER PORT [--stat] [--cert=FILE --key=FILE]`.
//
// It sends `100m.bin` from the file, and otherwise the bytes of `1k.txt`, from memory; with
// `--stat`, after one `Deno.statSync`.

// deno-lint-ignore-file no-console no-sync-fn-in-async-fn -- A synchronous look costs least.

const [folder, port, ...options] = Deno.args;

/** How much of a large file is read and written at once. */
const CHUNK_SIZE = 256 * 1024;

/** The character "0". */
const ZERO = 0x30;

const small = `${folder}/1k.txt`;
const large = `${folder}/100m.bin`;
const stats = options.includes("--stat");
const encoder = new TextEncoder();

function head(size: number): Uint8Array {
  return encoder.encode(
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${size}\r\n\r\n`,
  );
}

const body = Deno.readFileSync(small);
const response = new Uint8Array([...head(body.length), ...body]);

function listen(): Deno.Listener {
  const address = { hostname: "127.0.0.1", port: Number(port) };
  const option = (name: string) =>
    options.find((text) => text.startsWith(name))?.slice(name.length);
  const [cert, key] = [option("--cert="), option("--key=")];
  if (cert === undefined || key === undefined) return Deno.listen(address);
  return Deno.listenTls({
    ...address,
    cert: Deno.readTextFileSync(cert),
    key: Deno.readTextFileSync(key),
  });
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let at = await conn.write(bytes);
  while (at < bytes.length) at += await conn.write(bytes.subarray(at));
}

async function sendLarge(conn: Deno.Conn): Promise<void> {
  using file = Deno.openSync(large);
  await writeAll(conn, head(file.statSync().size));
  const chunk = new Uint8Array(CHUNK_SIZE);
  for (;;) {
    const count = file.readSync(chunk);
    if (count === null) return;
    await writeAll(conn, chunk.subarray(0, count));
  }
}

async function serve(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(4096);
  try {
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      // "GET /100m.bin", beside "GET /1k.txt".
      if (buffer[6] === ZERO) {
        await sendLarge(conn);
        continue;
      }
      if (stats) Deno.statSync(small);
      await writeAll(conn, response);
      // "GET /1k.txt HTTP/1.0": ab waits for the end of the connection.
      if (buffer[19] === ZERO) break;
    }
  } catch (error) {
    // A load generator closes its connections in the middle of a response.
    if (
      !(error instanceof Deno.errors.ConnectionReset ||
        error instanceof Deno.errors.BrokenPipe)
    ) console.error(error);
  } finally {
    conn.close();
  }
}

for await (const conn of listen()) void serve(conn);
