// The files that every server serves.

import { HOST } from "./exchange.ts";

/** How many files are requested in turn. */
export const FILES = 50;

/** How many files the folder of the listing holds. */
export const LISTED = 2_000;

/** A temporary folder with a `www` folder to serve. */
export class Site implements AsyncDisposable {
  /** The temporary folder. */
  readonly path: string;
  #copies = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** The folder to serve. */
  get www(): string {
    return `${this.path}/www`;
  }

  /** Makes the files. */
  static async make(): Promise<Site> {
    const path = await Deno.makeTempDir({ prefix: "httpserver-bench-" });
    const site = new Site(path);
    try {
      // A worker of nginx runs as another user.
      await Deno.chmod(path, 0o755);
      await site.#fill();
    } catch (error) {
      await site[Symbol.asyncDispose]();
      throw error;
    }
    return site;
  }

  /** Makes a folder for the files of one server itself. */
  async folderFor(name: string): Promise<string> {
    const folder = `${this.path}/${name.replaceAll(/[^\w-]/g, "-")}`;
    await Deno.mkdir(folder, { recursive: true });
    return folder;
  }

  /**
   * Makes the folder of the cold listing another one, with another name and time, so that
   * no cache holds its listing.
   *
   * @returns Its path in a URL.
   */
  async coldFolder(): Promise<string> {
    const [from, to] = [`cold-${this.#copies}`, `cold-${++this.#copies}`];
    await Deno.rename(`${this.www}/${from}`, `${this.www}/${to}`);
    const touched = `${this.www}/${to}/touched`;
    await Deno.writeTextFile(touched, "");
    await Deno.remove(touched);
    return `/${to}/`;
  }

  /** Removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }

  async #fill(): Promise<void> {
    const { www } = this;
    await Deno.mkdir(www);
    await Deno.writeTextFile(`${www}/1k.txt`, words(1024));
    await Deno.writeFile(`${www}/64k.bin`, new Uint8Array(64 * 1024).fill(1));
    const large = new Uint8Array(1_000_000).fill(1);
    using file = await Deno.open(`${www}/100m.bin`, {
      write: true,
      create: true,
    });
    const writer = file.writable.getWriter();
    for (let n = 0; n < 100; n++) await writer.write(large);
    writer.releaseLock();
    await Deno.mkdir(`${www}/files`);
    for (let n = 0; n < FILES; n++) {
      await Deno.writeTextFile(`${www}/files/${n}.txt`, words(1024 + n));
    }
    for (const folder of ["list", `cold-${this.#copies}`]) {
      await Deno.mkdir(`${www}/${folder}`);
      for (let n = 0; n < LISTED; n++) {
        await Deno.writeTextFile(`${www}/${folder}/file-${n}.txt`, words(n));
      }
    }
  }
}

/** Text of this length that compresses as text does. */
function words(size: number): string {
  let [text, seed] = ["", size];
  while (text.length < size) {
    // A linear congruential generator: the same text in each run.
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    text += `${seed.toString(36)} the request and its response\n`;
  }
  return text.slice(0, size);
}

/** A port that nobody listens at, outside of those that outgoing connections use. */
export function freePort(): number {
  for (let tries = 0; tries < 1000; tries++) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    try {
      using _listener = Deno.listen({ hostname: HOST, port });
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("Cannot find a free port");
}
