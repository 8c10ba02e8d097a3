// deno-lint-ignore-file no-console -- the console is replaced.

// Output through the console, captured: the command prints with it.

/** What has been printed so far. */
export interface CapturedConsole extends Disposable {
  /** The argument of each call. */
  readonly lines: readonly string[];
  /** The same, with a line end after each. */
  readonly text: string;
}

/** Captures `console.log()` or `console.error()` until disposed. */
export function captureConsole(method: "log" | "error"): CapturedConsole {
  const original = console[method];
  const lines: string[] = [];
  console[method] = (line: string) => void lines.push(line);
  return {
    lines,
    get text() {
      return lines.map((line) => `${line}\n`).join("");
    },
    [Symbol.dispose]() {
      console[method] = original;
    },
  };
}
