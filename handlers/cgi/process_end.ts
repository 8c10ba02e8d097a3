// Detects the end of this process. Deno fires "unload" for its own exits, but not for signals and
// uncaught errors.

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? []
  : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/** Exit codes for signals, as shells report them. */
const SIGNAL_CODES: Readonly<Partial<Record<Deno.Signal, number>>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGQUIT: 131,
  SIGTERM: 143,
};

/** How long to wait for a signal that was raised again, in milliseconds. */
const REARM_DELAY = 1_000;

/** How many callers of `handleElsewhere()` handle each signal. */
const handled = new Map<Deno.Signal, number>();

/**
 * Declares that your own code handles signals. They then no longer kill running CGI scripts, which
 * run on until they exit or `server_close()` is called.
 *
 * @param signals The signals.
 * @returns Dispose it to undo this.
 *
 * @example Close the server on Ctrl-C and let scripts finish
 * ```ts
 * import { handleElsewhere } from "@x/httpserver/handlers";
 *
 * using _handled = handleElsewhere(["SIGINT"]);
 * // Deno.addSignalListener("SIGINT", () => void server.server_close());
 * ```
 */
export function handleElsewhere(signals: readonly Deno.Signal[]): Disposable {
  const count = (by: number) => {
    for (const signal of signals) {
      handled.set(signal, (handled.get(signal) ?? 0) + by);
    }
  };
  count(1);
  return { [Symbol.dispose]: () => count(-1) };
}

/**
 * Calls a function when the process ends: by `Deno.exit()`, an uncaught error, or SIGINT, SIGTERM,
 * SIGHUP or SIGQUIT. The signal is then raised again for its usual effect, so other listeners
 * receive it twice: once by the system, once by this function.
 *
 * @param callback A synchronous function.
 * @returns Dispose it to stop watching.
 */
export function onProcessEnd(callback: () => void): Disposable {
  const onError = (event: Event) => {
    if (!event.defaultPrevented) callback();
  };
  const listeners = SIGNALS.map((signal) => {
    const listener = () => {
      if ((handled.get(signal) ?? 0) > 0) return;
      callback();
      stop();
      raise(signal);
      // If another listener handles the signal, the process keeps running.
      const timer = setTimeout(start, REARM_DELAY);
      Deno.unrefTimer(timer);
      again = timer;
    };
    return [signal, listener] as const;
  });
  let again: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(again);
    globalThis.removeEventListener("unload", callback);
    globalThis.removeEventListener("error", onError);
    globalThis.removeEventListener("unhandledrejection", onError);
    for (const [signal, listener] of listeners) {
      Deno.removeSignalListener(signal, listener);
    }
  };
  const start = () => {
    globalThis.addEventListener("unload", callback);
    globalThis.addEventListener("error", onError);
    globalThis.addEventListener("unhandledrejection", onError);
    for (const [signal, listener] of listeners) {
      Deno.addSignalListener(signal, listener);
    }
  };
  start();
  return { [Symbol.dispose]: stop };
}

function raise(signal: Deno.Signal): void {
  try {
    Deno.kill(Deno.pid, signal);
  } catch (error) {
    // `--allow-run` with a list of programs doesn't allow signalling this process.
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    Deno.exit(SIGNAL_CODES[signal]);
  }
}
