// The served folder of a soak test.

import { BIG_SIZE, noise, Site, SMALL } from "../../tests/faults/_rig.ts";

/** A file and its content. */
export interface KnownFile {
  /** The path in URLs. */
  readonly path: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** The number of files in the listed folder. */
const LISTED = 300;

/** The states of the changing file. */
const STATES = [40_000, 90_000, 400_000].map((size, n) => noise(size, n + 40));

/** Returns text that compresses to about a third. */
export function table(rows: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = new Uint32Array(noise(rows * 4, seed).buffer);
  const lines = Array.from({ length: rows }, (_, n) => `${n};${random[n]}\n`);
  return new TextEncoder().encode(lines.join(""));
}

const ECHO = `#!/bin/sh
printf 'Content-Type: application/octet-stream\\r\\n\\r\\n'
exec cat
`;

/** A folder with files of every kind. */
export class SoakSite implements Disposable {
  /** Text files, which are compressed; the last is too large to be compressed as a whole. */
  readonly texts: readonly KnownFile[];
  /** Files that are sent uncompressed. */
  readonly binaries: readonly KnownFile[];
  /** The digests of the states of `/changing.bin`. */
  readonly states: readonly Uint8Array<ArrayBuffer>[] = STATES;
  /** The names in `/listed/`. */
  readonly names: readonly string[];
  readonly #site = new Site();
  #state = 0;

  constructor() {
    this.texts = [
      { path: "/page.html", content: table(20, 1) },
      { path: "/style.css", content: table(2_000, 2) },
      { path: "/sibling.js", content: table(3_000, 3) },
      { path: "/data.csv", content: table(200_000, 4) },
      { path: "/large.csv", content: table(700_000, 5) },
    ];
    this.binaries = [
      { path: "/small.bin", content: SMALL },
      { path: "/big.bin", content: this.#site.big },
      { path: "/folder/with%20space.bin", content: noise(100_000, 6) },
      { path: "/folder/%C3%BC.png", content: noise(300_000, 7) },
      { path: "/empty.bin", content: new Uint8Array() },
    ];
    this.names = Array.from({ length: LISTED }, (_, n) => `file ${n}.txt`);
    this.#write();
  }

  /** The path of the folder. */
  get path(): string {
    return this.#site.path;
  }

  /** The size of the largest file. */
  get largest(): number {
    return BIG_SIZE;
  }

  /** Returns a path next to the folder. */
  beside(name: string): string {
    return this.#site.beside(name);
  }

  /** Moves the changing file to its next state, by renaming. */
  change(): void {
    this.#state = (this.#state + 1) % STATES.length;
    const next = this.beside("next");
    Deno.writeFileSync(next, STATES[this.#state]!);
    Deno.renameSync(next, this.#site.in("changing.bin"));
  }

  /** Removes the folder. */
  [Symbol.dispose](): void {
    this.#site[Symbol.dispose]();
  }

  #write(): void {
    for (const folder of ["folder", "listed", "cgi-bin"]) {
      Deno.mkdirSync(this.#site.in(folder));
    }
    for (const { path, content } of [...this.texts, ...this.binaries]) {
      Deno.writeFileSync(this.path + decodeURIComponent(path), content);
    }
    for (const name of this.names) {
      Deno.writeTextFileSync(this.#site.in(`listed/${name}`), name);
    }
    Deno.writeTextFileSync(this.#site.in("cgi-bin/echo"), ECHO);
    Deno.chmodSync(this.#site.in("cgi-bin/echo"), 0o755);
    this.change();
    // Files changed just now are not cached and have no strong validator.
    const hourAgo = new Date(Date.now() - 3_600_000);
    for (const { path } of [...this.texts, ...this.binaries]) {
      Deno.utimeSync(this.path + decodeURIComponent(path), hourAgo, hourAgo);
    }
  }
}

/** Adds a precompressed file for `/sibling.js`. */
export async function addSibling(site: SoakSite): Promise<void> {
  const { content } = site.texts.find(({ path }) => path === "/sibling.js")!;
  const stream = new Blob([content]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const path = `${site.path}/sibling.js.gz`;
  await Deno.writeFile(path, await new Response(stream).bytes());
  const hourAgo = new Date(Date.now() - 3_600_000);
  await Deno.utime(path, hourAgo, hourAgo);
}
