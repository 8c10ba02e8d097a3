// One running server.

import { exchange, type Target } from "./exchange.ts";
import type { Processes } from "./processes.ts";
import type { Server } from "./servers.ts";
import { ROOT, servers } from "./servers.ts";
import { freePort, type Site } from "./site.ts";
import { readUsage, type Usage } from "./usage.ts";
import { SMALL, type Work } from "./works.ts";

/** What measuring needs besides a server. */
export interface Context {
  readonly processes: Processes;
  readonly site: Site;
  /** How long one measurement takes. */
  readonly seconds: number;
  /** Aborted when the user interrupts the run. */
  readonly signal: AbortSignal;
}

/** How long a server may take to start, in milliseconds. */
const PATIENCE = 20_000;

/** How long to wait before a further attempt to connect, in milliseconds. */
const PAUSE = 1;

const TLS = {
  certificate: `${ROOT}/tests/data/tls/ssl_cert.pem`,
  key: `${ROOT}/tests/data/tls/ssl_key.pem`,
};

/** A server that responds. It ends when it is disposed. */
export class Instance implements AsyncDisposable {
  readonly server: Server;
  readonly target: Target;
  /** A folder for its files. */
  readonly folder: string;
  /** From its start to its first response, in milliseconds. */
  readonly startTime: number;
  readonly #child: Deno.ChildProcess;
  readonly #processes: Processes;
  /** The server that it forwards to. */
  #upstream: Instance | undefined;

  private constructor(
    { server, target, folder }: Pick<Instance, "server" | "target" | "folder">,
    startTime: number,
    child: Deno.ChildProcess,
    processes: Processes,
  ) {
    this.server = server;
    this.target = target;
    this.folder = folder;
    this.startTime = startTime;
    this.#child = child;
    this.#processes = processes;
  }

  /** Its URL, without a path. */
  get url(): string {
    const { certificate, port } = this.target;
    return `http${certificate === undefined ? "" : "s"}://127.0.0.1:${port}`;
  }

  /**
   * Starts a server and waits for its first response.
   *
   * @param context The run.
   * @param server The server.
   * @param work How it is set up.
   * @throws {Error} It does not respond.
   */
  static async start(
    context: Context,
    server: Server,
    work: Work,
  ): Promise<Instance> {
    if (!work.proxied) return await Instance.#start(context, server, work);
    const nginx = servers().find(({ name }) => name === "nginx")!;
    if (nginx.needs.path === undefined) throw new Error("nginx is missing");
    // With a folder for itself: nginx is a peer too, and all peers run at once.
    const other = { ...nginx, name: `upstream-${server.name}` };
    const upstream = await Instance.#start(context, other, work);
    try {
      const { url } = upstream;
      const instance = await Instance.#start(context, server, work, url);
      instance.#upstream = upstream;
      return instance;
    } catch (error) {
      await upstream[Symbol.asyncDispose]();
      throw error;
    }
  }

  static async #start(
    { processes, site }: Context,
    server: Server,
    work: Work,
    upstream?: string,
  ): Promise<Instance> {
    const folder = await site.folderFor(server.name);
    const port = freePort();
    const command = server.command({
      www: site.www,
      folder,
      port,
      // nginx allocates memory for as many connections when it starts.
      connections: 1024 +
        (work.method.kind === "idle" ? work.method.connections : 0),
      program: work.program,
      ...(work.tls && { tls: TLS }),
      ...(upstream !== undefined && { upstream }),
    });
    const certificate = Deno.readTextFileSync(TLS.certificate);
    const target = work.tls ? { port, certificate } : { port };
    const log = `${folder}/output.log`;
    const began = performance.now();
    const child = processes.start(command, folder, log);
    try {
      await untilResponse(target, child, began + PATIENCE);
      const startTime = performance.now() - began;
      const place = { server, target, folder };
      return new Instance(place, startTime, child, processes);
    } catch (error) {
      await processes.end(child);
      const [message, reason] = [(error as Error).message, lastLine(log)];
      await Deno.remove(folder, { recursive: true });
      throw new Error(reason === "" ? message : `${message}: ${reason}`);
    }
  }

  /** What it has used. */
  usage(): Usage {
    return readUsage(this.#child.pid);
  }

  /** Ends it and removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes.end(this.#child);
    await this.#upstream?.[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function untilResponse(
  target: Target,
  child: Deno.ChildProcess,
  deadline: number,
): Promise<void> {
  let ended = false;
  void child.status.then(() => ended = true);
  for (;;) {
    try {
      await exchange(target, SMALL, Math.max(1, deadline - performance.now()));
      return;
    } catch (error) {
      if (ended) throw new Error("it ended at once");
      if (performance.now() > deadline) throw new Error("it does not respond");
      // Not listening yet, or only to find out whether the port is free.
      const starting = error instanceof Deno.errors.ConnectionRefused ||
        error instanceof Deno.errors.ConnectionReset;
      if (!starting) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** The last line of a server's output, for a message. */
function lastLine(log: string): string {
  try {
    return Deno.readTextFileSync(log).trim().split("\n").at(-1) ?? "";
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "";
  }
}
