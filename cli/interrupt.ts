// The signals that end the command: Ctrl-C, SIGTERM, and SIGHUP unless it has a callback.

import { handleElsewhere } from "../handlers/cgi/process_end.ts";

/** The signals, and the exit codes that shells use for them. */
const EXIT_CODES: Readonly<Partial<Record<Deno.Signal, number>>> =
  Deno.build.os === "windows"
    ? { SIGINT: 130 }
    : { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

let hangUp: (() => void) | undefined;

/**
 * Registers a callback for SIGHUP, which then no longer ends the command.
 *
 * @param callback The callback.
 * @returns Removes the callback when disposed.
 */
export function onHangUp(callback: () => void): Disposable {
  hangUp = callback;
  return {
    [Symbol.dispose]() {
      if (hangUp === callback) hangUp = undefined;
    },
  };
}

/**
 * Registers a callback for the first interrupt. The second one exits immediately, with the
 * exit code of its signal.
 *
 * @param callback Called with the signal.
 * @returns Stops listening when disposed.
 */
export function onInterrupt(
  callback: (signal: Deno.Signal) => void,
): Disposable {
  let again = false;
  const signals = Object.keys(EXIT_CODES) as Deno.Signal[];
  const listeners = signals.map((signal) => {
    const listener = () => {
      if (signal === "SIGHUP" && hangUp !== undefined) return hangUp();
      if (again) Deno.exit(EXIT_CODES[signal]);
      again = true;
      callback(signal);
    };
    Deno.addSignalListener(signal, listener);
    return [signal, listener] as const;
  });
  const elsewhere = handleElsewhere(signals);
  return {
    [Symbol.dispose]() {
      elsewhere[Symbol.dispose]();
      for (const [signal, listener] of listeners) {
        Deno.removeSignalListener(signal, listener);
      }
    },
  };
}
