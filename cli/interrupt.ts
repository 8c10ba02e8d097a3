// The signals that end the command: Ctrl-C, SIGTERM, and SIGHUP unless something else is
// to be done when it comes.

import { handleElsewhere } from "../handlers/cgi/process_end.ts";

/** The signals, and a shell's exit codes for them. */
const EXIT_CODES: Readonly<Partial<Record<Deno.Signal, number>>> =
  Deno.build.os === "windows"
    ? { SIGINT: 130 }
    : { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

let hangUp: (() => void) | undefined;

/**
 * Calls back at each SIGHUP, which then no longer ends the command.
 *
 * @param callback What to do.
 * @returns What makes SIGHUP end it again, when it is disposed.
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
 * Calls back at the first interrupt; at the second one the process ends at once, with
 * the exit code of that signal.
 *
 * @param callback Called with the signal.
 * @returns What ends the listening when it is disposed.
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
