// The check after every fault: an honest client is served at once, and the server's
// process holds no more than before.

import { ask, assertServed, get } from "./_client.ts";
import { ServerProcess, type StartOptions, type Usage } from "./_server.ts";
import { until } from "./_wait.ts";

export {
  ask,
  assertBytes,
  assertServed,
  dechunked,
  digest,
  get,
  Peer,
  PROMPT,
} from "./_client.ts";
export { type End, ServerProcess, type StartOptions } from "./_server.ts";
export { delay, PATIENCE, until, within } from "./_wait.ts";

/** How much resident memory may grow during a fault, in bytes: the young generation grows by that much. */
const GROWTH = 64 * 1024 * 1024;

/** Registers a test that reads /proc, leaves nothing running and ends within a bounded time. */
export function fault(
  name: string,
  fn: (t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test({
    name: Deno.build.os === "linux" ? name : `${name} (needs Linux)`,
    fn,
    ignore: Deno.build.os !== "linux",
    sanitizeOps: true,
    sanitizeResources: true,
    timeout: 30_000,
  });
}

/** Pseudo-random bytes, which hardly compress. */
export function noise(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = seed * 2_654_435_761 >>> 0 || 1;
  for (let n = 0; n < words.length; n++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[n] = state;
  }
  return new Uint8Array(words.buffer, 0, size);
}

/** The file of honest clients. */
export const SMALL = noise(1_000, 7);

/** Larger than the buffers of both ends of a connection: the sender has to wait for the reader. */
export const BIG_SIZE = 16 * 1024 * 1024;

let big: Uint8Array<ArrayBuffer> | undefined;

/** A temporary folder with a small file for honest clients, and a big one. */
export class Site implements Disposable {
  /** The served folder. */
  readonly path: string;
  /** The content of `big.bin`, which all sites share. */
  readonly big: Uint8Array<ArrayBuffer> = big ??= noise(BIG_SIZE, 11);
  readonly #parent: string;

  constructor() {
    this.#parent = Deno.makeTempDirSync({ prefix: "httpserver-" });
    // If the server runs as root, its CGI scripts run as another user.
    Deno.chmodSync(this.#parent, 0o755);
    this.path = `${this.#parent}/site`;
    this.make();
  }

  /** Makes the folder and its files. */
  make(): void {
    Deno.mkdirSync(this.path);
    Deno.writeFileSync(this.in("small.bin"), SMALL);
    Deno.writeFileSync(this.in("big.bin"), this.big);
  }

  /** The path of a file in the folder. */
  in(name: string): string {
    return `${this.path}/${name}`;
  }

  /** The path of a file next to the folder, which is removed with it. */
  beside(name: string): string {
    return `${this.#parent}/${name}`;
  }

  /** Removes everything. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.#parent, { recursive: true });
  }
}

/** A server for a site, and what it held before any fault. */
export class Rig implements AsyncDisposable {
  /** The server. */
  readonly server: ServerProcess;
  /** The served folder. */
  readonly site: Site;
  #before: Usage = { descriptors: 0, children: 0, memory: 0 };

  private constructor(server: ServerProcess, site: Site) {
    this.server = server;
    this.site = site;
  }

  /** Starts a server for a new site, which is the first argument of a script. */
  static async start(options: StartOptions = {}): Promise<Rig> {
    const site = new Site();
    try {
      const { args = [], script } = options;
      const server = await ServerProcess.start({
        ...options,
        args: script === undefined
          ? ["-d", site.path, ...args]
          : [site.path, ...args],
      });
      const rig = new Rig(server, site);
      await rig.warmUp();
      return rig;
    } catch (error) {
      site[Symbol.dispose]();
      throw error;
    }
  }

  /** The port of the server. */
  get port(): number {
    return this.server.port;
  }

  /** Makes the server open all that it keeps open, and then records what it holds. */
  async warmUp(): Promise<void> {
    // The first responses compile and load code; their time does not matter here.
    await assertServed(this.port, "/small.bin", SMALL, 10_000);
    await assertServed(this.port, "/big.bin", this.site.big, 10_000);
    await ask(this.port, get("/missing"));
    this.#before = this.server.usage();
    await until(() => {
      const now = this.server.usage();
      const same = now.descriptors === this.#before.descriptors;
      this.#before = now;
      return same;
    }, "the server is quiet");
  }

  /** Asserts that an honest client is served at once. */
  async assertHonestServed(): Promise<void> {
    await assertServed(this.port, "/small.bin", SMALL);
  }

  /** Asserts that an honest client is served at once, and that the server holds no more than before. */
  async assertUnharmed(): Promise<void> {
    await this.assertHonestServed();
    await this.assertClean();
  }

  /** Asserts that the server finally holds no more than before the fault. */
  async assertClean(): Promise<void> {
    const { descriptors, children, memory } = this.#before;
    let now = this.server.usage();
    const clean = () => {
      now = this.server.usage();
      return now.descriptors <= descriptors && now.children <= children &&
        now.memory <= memory + GROWTH;
    };
    try {
      await until(clean, "nothing is left");
    } catch (error) {
      const [before, after] = [this.#before, now].map((usage) =>
        JSON.stringify(usage)
      );
      throw new Error(`The server holds more: ${before} became ${after}`, {
        cause: error,
      });
    }
  }

  /** Ends the server and removes the site. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.site[Symbol.dispose]();
  }
}
