// `rfile` after its body was recorded: the same methods give the same bytes.

import { assertEquals, assertRejects } from "@std/assert";
import { FileReader } from "../../connection/rfile.ts";
import { readBody, ReplayedFile } from "../../testing/replayed_file.ts";
import { pureTest } from "../_lib/pure.ts";

const TEXT = "one\ntwo\n\nthree";

/** A file that gives pieces, then an error if there is one. */
class Pieces extends FileReader {
  readonly #pieces: string[];
  readonly #error: Error | undefined;

  constructor(pieces: readonly string[], error?: Error) {
    super();
    this.#pieces = [...pieces];
    this.#error = error;
  }

  override async read(): Promise<Uint8Array<ArrayBuffer>> {
    let text = "";
    for (;;) {
      const piece = await this.read1();
      if (piece.length === 0) return bytes(text);
      text += string(piece);
    }
  }

  override read1(size = Infinity): Promise<Uint8Array<ArrayBuffer>> {
    const piece = this.#pieces.shift();
    if (piece === undefined) {
      return this.#error === undefined
        ? Promise.resolve(bytes(""))
        : Promise.reject(this.#error);
    }
    if (piece.length > size) this.#pieces.unshift(piece.slice(size));
    return Promise.resolve(bytes(piece.slice(0, size)));
  }

  override readline(): Promise<Uint8Array<ArrayBuffer>> {
    throw new TypeError("not used");
  }

  close(): void {}
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function string(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}

/** Records up to a limit, and replays. */
async function replay(limit: number, error?: Error): Promise<ReplayedFile> {
  const file = new Pieces(["one\nt", "wo", "\n\nthree"], error);
  return new ReplayedFile(await readBody(file, limit), file);
}

for (const limit of [0, 1, 5, 9, TEXT.length, 1_000]) {
  pureTest(
    `a body of which ${limit} bytes were recorded is read whole`,
    async () => {
      assertEquals(string(await (await replay(limit)).read()), TEXT);
      const lines = await (await replay(limit)).readlines();
      assertEquals(lines.map(string), ["one\n", "two\n", "\n", "three"]);
      const sized = await replay(limit);
      assertEquals(string(await sized.read(6)), TEXT.slice(0, 6));
      assertEquals(string(await sized.readline(1)), "o");
      const into = new Uint8Array(3);
      assertEquals(await sized.readinto(into), 3);
      assertEquals(string(into), "\n\nt");
      assertEquals(string(await sized.read(-1)), "hree");
      assertEquals((await sized.read()).length, 0);
      assertEquals((await sized.readline()).length, 0);
      const { readable } = await replay(limit);
      assertEquals(await new Response(readable).text(), TEXT);
      const pieces = await replay(limit);
      let text = "";
      for (let piece; (piece = await pieces.read1(4)).length > 0;) {
        assertEquals(piece.length <= 4, true);
        text += string(piece);
      }
      assertEquals(text, TEXT);
    },
  );
}

pureTest("an error of the body is thrown where it was", async () => {
  const error = new RangeError("cut");
  const file = await replay(1_000, error);
  assertEquals(string(await file.read(TEXT.length)), TEXT);
  await assertRejects(() => file.read(1), RangeError, "cut");
  const other = await replay(1_000, error);
  await assertRejects(() => other.read(), RangeError, "cut");
});

pureTest("readBody() says whether the body is complete", async () => {
  const bodyOf = (limit: number, error?: Error) =>
    readBody(new Pieces(["ab", "c"], error), limit);
  const whole = await bodyOf(10);
  assertEquals([string(whole.bytes), whole.complete], ["abc", true]);
  const part = await bodyOf(2);
  assertEquals([string(part.bytes), part.complete], ["ab", false]);
  const cut = await bodyOf(10, new Error("cut"));
  assertEquals([string(cut.bytes), cut.complete], ["abc", false]);
});
