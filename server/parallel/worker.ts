// One worker of `serveParallel()`: it loads the handler, listens on the shared address, and
// serves until it gets the message to stop.

import { divideCaches } from "../../cache/shared_budget.ts";
import { flushLog, logTo } from "../../connection/log.ts";
import type { RequestHandlerClass } from "../../handlers/types.ts";
import { ThreadingHTTPServer } from "../http.ts";
import { ThreadingHTTPSServer } from "../https.ts";
import type { ListenOptions } from "../listen.ts";
import { DrainableListener } from "./drainable_listener.ts";
import { LogChannel } from "./log_channel.ts";
import {
  Counter,
  plainError,
  type Start,
  type Stop,
  type WorkerMessage,
} from "./protocol.ts";
import { openShared } from "./shared_listener.ts";

type WorkerServer = ThreadingHTTPServer | ThreadingHTTPSServer;

/**
 * How long a worker that was replaced goes on with the connections it has, in milliseconds:
 * the clients of those just accepted send their requests meanwhile.
 */
const LULL = 1_000;

let listener: DrainableListener | undefined;

addEventListener("message", (event) => {
  void run((event as MessageEvent<Start>).data);
}, { once: true });

async function run(start: Start): Promise<void> {
  const { port, beat } = start;
  const counters = new Int32Array(start.counters);
  const tell = (message: WorkerMessage) => port.postMessage(message);
  setInterval(() => Atomics.add(counters, Counter.Beats, 1), beat);
  Atomics.add(counters, Counter.Beats, 1);
  announceExit(tell);
  logTo(
    new LogChannel({
      send: (lines) =>
        port.postMessage({ kind: "log", lines } satisfies WorkerMessage, [
          lines.buffer,
        ]),
      addWaiting: (by) => Atomics.add(counters, Counter.LogBytes, by),
    }),
  );
  const fail = (error: unknown) => {
    flushLog();
    tell({ kind: "failed", error: plainError(error) });
  };
  let server: WorkerServer | undefined;
  port.onmessage = async ({ data: { replaced } }: MessageEvent<Stop>) => {
    if (replaced) await drain();
    else if (start.acceptWhileDraining) await server?.drain();
    await server?.server_close();
    flushLog();
    tell({ kind: "stopped" });
  };
  try {
    divideCaches(start.workers);
    server = listen(start, await loadHandler(start));
    onUncaught(fail);
    tell({ kind: "ready" });
    await server.serve_forever();
  } catch (error) {
    fail(error);
  }
}

/**
 * Reports uncaught errors to the server's log, in place of the runtime. Call it after all
 * others that prevent an error's default have registered.
 */
function onUncaught(fail: (error: unknown) => void): void {
  addEventListener("error", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    fail(event.error);
  });
  addEventListener("unhandledrejection", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    fail(event.reason);
  });
}

/** Leaves further clients to the other workers. */
async function drain(): Promise<void> {
  if (listener === undefined) return;
  listener.drain();
  await new Promise((resolve) => setTimeout(resolve, LULL));
}

/** Reports the ends that fire no event at the server. `close()` fires none here either. */
function announceExit(tell: (message: WorkerMessage) => void): void {
  const announce = () => {
    flushLog();
    tell({ kind: "exited" });
  };
  addEventListener("unload", announce);
  const { close } = globalThis;
  globalThis.close = () => {
    announce();
    close.call(globalThis);
  };
}

/** Loads the module: its default export is a handler class, or a function that makes one. */
async function loadHandler(
  { module, data }: Start,
): Promise<RequestHandlerClass> {
  const loaded: { readonly default?: unknown } = await import(module);
  const exported = loaded.default;
  if (isHandlerClass(exported)) return exported;
  if (typeof exported === "function") {
    const made: unknown = await exported(data);
    if (isHandlerClass(made)) return made;
  }
  throw new TypeError(
    `Cannot serve ${module}: its default export must be a handler class, or a function that returns one`,
  );
}

function isHandlerClass(value: unknown): value is RequestHandlerClass {
  return typeof value === "function" &&
    typeof value.prototype?.handle === "function";
}

function listen(
  start: Start,
  Handler: RequestHandlerClass,
): WorkerServer {
  const { address, tls } = start;
  return tls === undefined
    ? new (shared(ThreadingHTTPServer, start))(address, Handler)
    : new (shared(ThreadingHTTPSServer, start))(address, Handler, true, tls);
}

/** Creates a server class that shares its address with the other workers. */
function shared<
  Base extends typeof ThreadingHTTPServer | typeof ThreadingHTTPSServer,
>(Server: Base, start: Start): Base {
  // deno-lint-ignore no-explicit-any -- required for mixin base classes (TS2545).
  const Any = Server as any as new (...args: any[]) => ThreadingHTTPServer;
  class Shared extends Any {
    static maxConnections = start.maxConnections;
    static maxConnectionsPerAddress = start.maxConnectionsPerAddress;
    static gracePeriod = start.gracePeriod;

    override listen(options: ListenOptions): Deno.Listener {
      const open = (address: Deno.TcpListenOptions) =>
        listener = new DrainableListener(openShared(address));
      return super.listen({ ...options, open });
    }
  }
  return Shared as unknown as Base;
}
