// Ctrl-C and SIGTERM.

import { handleElsewhere } from "../handlers/cgi/process_end.ts";

/**
 * Calls back at the first interrupt; at the second one the process ends at once.
 *
 * @param callback Called with the signal.
 * @returns What ends the listening when it is disposed.
 */
export function onInterrupt(
  callback: (signal: Deno.Signal) => void,
): Disposable {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM"];
  let again = false;
  const listeners = signals.map((signal) => {
    const listener = () => {
      if (again) Deno.exit(130);
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
