// Files that change while they are sent: a response is one state of the file, or is cut.

import { assert, assertEquals } from "@std/assert";
import { decodeLatin1 } from "../../text/latin1.ts";
import {
  ask,
  assertBytes,
  assertServed,
  BIG_SIZE,
  dechunked,
  delay,
  digest,
  fault,
  get,
  noise,
  Rig,
  within,
} from "./_rig.ts";

/** A download that pauses after its first bytes. */
class Download implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #pieces: Uint8Array<ArrayBuffer>[] = [];

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Requests a file and reads the first bytes of the response. */
  static async begin(port: number, ...request: string[]): Promise<Download> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const download = new Download(conn);
    const [path = "", ...fields] = request;
    await conn.write(new TextEncoder().encode(get(path, ...fields)));
    await download.#more();
    return download;
  }

  /** Reads to the end of the connection. */
  async finish(): Promise<{ head: string; body: Uint8Array<ArrayBuffer> }> {
    await within(this.#readOn(), 10_000, "a download");
    const bytes = await new Blob(this.#pieces).bytes();
    const text = decodeLatin1(bytes.subarray(0, 8_192));
    const end = text.indexOf("\r\n\r\n") + 4;
    return { head: text.slice(0, end), body: bytes.slice(end) };
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }

  async #readOn(): Promise<void> {
    while (await this.#more());
  }

  async #more(): Promise<boolean> {
    const block = new Uint8Array(65_536);
    const count = await this.#conn.read(block).catch((error) => {
      // A response that can't be completed may end in a reset.
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    });
    if (count !== null) this.#pieces.push(block.subarray(0, count));
    return count !== null;
  }
}

fault("a file that grows while it is sent is sent as it was", async () => {
  await using rig = await Rig.start();
  using download = await Download.begin(rig.port, "/big.bin");
  const more = noise(1_000_000, 5);
  await Deno.writeFile(rig.site.in("big.bin"), more, { append: true });
  const { body } = await download.finish();
  assertEquals(body.length, BIG_SIZE);
  assertBytes(body, rig.site.big);
  await rig.assertUnharmed();
  const { body: after } = await ask(rig.port, get("/big.bin"));
  assertEquals(after.length, BIG_SIZE + more.length);
});

fault(
  "a file that shrinks while it is sent is cut, and never looks complete",
  async () => {
    await using rig = await Rig.start();
    using download = await Download.begin(rig.port, "/big.bin");
    await Deno.truncate(rig.site.in("big.bin"), 100_000);
    const { head, body } = await download.finish();
    assert(head.includes(`Content-Length: ${BIG_SIZE}`), head);
    assert(body.length < BIG_SIZE);
    const same = rig.site.big.subarray(0, body.length);
    assertBytes(body, same);
    await rig.assertUnharmed();
    await assertServed(rig.port, "/big.bin", rig.site.big.subarray(0, 100_000));
  },
);

fault(
  "a file that is replaced by renaming is sent completely, and the next request gets the new one",
  async () => {
    await using rig = await Rig.start();
    const other = noise(3_000_000, 9);
    using download = await Download.begin(rig.port, "/big.bin");
    await Deno.writeFile(rig.site.in("new"), other);
    await Deno.rename(rig.site.in("new"), rig.site.in("big.bin"));
    const { body } = await download.finish();
    assertBytes(body, rig.site.big);
    await assertServed(rig.port, "/big.bin", other);
    await rig.assertUnharmed();
  },
);

fault(
  "small files that are replaced during many requests are always sent in one of their states",
  async () => {
    await using rig = await Rig.start();
    const states = [noise(50_000, 21), noise(50_000, 22), noise(70_000, 23)];
    const digests = new Set(await Promise.all(states.map(digest)));
    const path = rig.site.in("changing.bin");
    await Deno.writeFile(path, states[0]!);
    let done = false;
    const asking = Array.from({ length: 4 }, async () => {
      while (!done) {
        const { status, body } = await ask(rig.port, get("/changing.bin"));
        assertEquals(status, 200);
        assert(digests.has(await digest(body)), `${body.length} other bytes`);
      }
    });
    for (let n = 0; n < 60; n++) {
      await Deno.writeFile(`${path}.new`, states[n % 3]!);
      await Deno.rename(`${path}.new`, path);
      await delay(5);
    }
    done = true;
    await Promise.all(asking);
    await assertServed(rig.port, "/changing.bin", states[59 % 3]!);
    await rig.assertUnharmed();
  },
);

/** Lines of text that compress to about a third. */
function table(rows: number): Uint8Array<ArrayBuffer> {
  const random = new Uint32Array(noise(rows * 4, 31).buffer);
  const lines = Array.from({ length: rows }, (_, n) => `${n};${random[n]}\n`);
  return new TextEncoder().encode(lines.join(""));
}

async function decoded(
  body: Uint8Array<ArrayBuffer>,
  coding: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (coding === undefined) return body;
  assertEquals(coding, "gzip");
  const stream = new Blob([body]).stream();
  return await new Response(
    stream.pipeThrough(new DecompressionStream("gzip")),
  ).bytes();
}

fault(
  "a sibling that is still being written is never sent as the whole file",
  async () => {
    await using rig = await Rig.start();
    const plain = table(60_000);
    const path = rig.site.in("data.csv");
    await Deno.writeFile(path, plain);
    const stream = new Blob([plain]).stream()
      .pipeThrough(new CompressionStream("gzip"));
    const whole = await new Response(stream).bytes();
    const assertWhole = async () => {
      const { status, header, body } = await ask(
        rig.port,
        get("/data.csv", "Accept-Encoding: gzip"),
      );
      assertEquals(status, 200);
      const content = await decoded(body, header("content-encoding"));
      assertBytes(content, plain);
    };
    await assertWhole();
    {
      // Piece by piece under the final name, like `gzip -k`.
      using sibling = await Deno.open(`${path}.gz`, {
        write: true,
        create: true,
      });
      const size = Math.ceil(whole.length / 8);
      for (let at = 0; at < whole.length; at += size) {
        await sibling.write(whole.subarray(at, at + size));
        await assertWhole();
      }
    }
    await assertWhole();
    await rig.assertUnharmed();
  },
);

fault("a download goes on while a sibling appears and goes again", async () => {
  await using rig = await Rig.start();
  const plain = table(1_000_000);
  const path = rig.site.in("data.csv");
  await Deno.writeFile(path, plain);
  using download = await Download.begin(
    rig.port,
    "/data.csv",
    "Accept-Encoding: gzip",
  );
  await Deno.writeFile(`${path}.gz`, noise(1_000, 2));
  await delay(50);
  await Deno.remove(`${path}.gz`);
  const { head, body } = await download.finish();
  const chunked = /^transfer-encoding: chunked/im.test(head);
  const coding = /^content-encoding: (\w+)/im.exec(head)?.[1];
  const content = chunked ? dechunked(body) : body;
  assertBytes(await decoded(content, coding), plain);
  await rig.assertUnharmed();
});

fault("a file that is deleted while it is sent is sent whole", async () => {
  await using rig = await Rig.start();
  using download = await Download.begin(rig.port, "/big.bin");
  await Deno.remove(rig.site.in("big.bin"));
  const { body } = await download.finish();
  assertBytes(body, rig.site.big);
  assertEquals((await ask(rig.port, get("/big.bin"))).status, 404);
  await rig.assertUnharmed();
});
