// The end of this process, as far as it can be seen coming: Deno tells of its own exits
// with an event, but not of signals and of errors that nobody handles.

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? []
  : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/** A shell's way to tell of a signal. */
const SIGNAL_CODES: Readonly<Partial<Record<Deno.Signal, number>>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGQUIT: 131,
  SIGTERM: 143,
};

/** After which time a signal that was raised again has surely come, in milliseconds. */
const REARM_TIME = 1_000;

/** How many see to a signal that ends the process in their own way, by its name. */
const handled = new Map<Deno.Signal, number>();

/**
 * Says that signals are seen to elsewhere: they don't count as the process's end, and
 * running CGI scripts are left to `server_close()`.
 *
 * @param signals The signals.
 * @returns What takes that back when it is disposed.
 *
 * @example A server that closes at Ctrl-C, and lets its scripts finish
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
 * Calls back as the process ends: by `Deno.exit()`, by an error that nobody handles, or by
 * SIGINT, SIGTERM, SIGHUP or SIGQUIT. Such a signal is raised again afterwards, so that
 * it does what it would have done; whoever listens to it too hears it twice.
 *
 * @param callback What can still be done without waiting.
 * @returns What ends the watch when it is disposed.
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
      // Where somebody else listens to it, the process lives on.
      const timer = setTimeout(start, REARM_TIME);
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
    // A list in --allow-run covers the scripts, but not this process.
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    Deno.exit(SIGNAL_CODES[signal]);
  }
}
