// Standard error, captured: handlers and servers log there.

/** What has been logged so far. */
export interface CapturedLog extends Disposable {
  readonly text: string;
}

/** Captures standard error until disposed. A running server logs with a delay; end it first. */
export function captureLog(): CapturedLog {
  const { writeSync } = Deno.stderr;
  let text = "";
  Deno.stderr.writeSync = (bytes) => {
    text += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  return {
    get text() {
      return text;
    },
    [Symbol.dispose]() {
      Deno.stderr.writeSync = writeSync;
    },
  };
}
