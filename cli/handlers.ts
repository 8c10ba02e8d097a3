// What the command adds to handler classes: log lines in colours on a terminal, or none.

import { cyan, green, red, yellow } from "@std/fmt/colors";
import { writeLog } from "../connection/log.ts";
import type { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import { format } from "../text/format.ts";
import { escapeControls } from "../text/log_text.ts";

/** A class of file handlers. */
// deno-lint-ignore no-explicit-any -- TypeScript has no other type for the base of a mix-in (TS2545).
type FileHandlerClass = new (...args: any[]) => SimpleHTTPRequestHandler;

/**
 * Makes a class whose log lines have colours.
 *
 * @typeParam Base The class.
 * @param Handler The class to extend.
 * @returns A subclass of it.
 */
export function colored<Base extends FileHandlerClass>(Handler: Base): Base {
  return class extends Handler {
    override log_message(template: string, ...args: unknown[]): void {
      const message = colorMessage(escapeControls(format(template, args)));
      writeLog(
        `${this.address_string()} - - [${this.log_date_time_string()}] ${message}\n`,
      );
    }
  };
}

/**
 * Makes a class that logs nothing.
 *
 * @typeParam Base The class.
 * @param Handler The class to extend.
 * @returns A subclass of it.
 */
export function silent<Base extends FileHandlerClass>(Handler: Base): Base {
  return class extends Handler {
    override log_message(): void {}
  };
}

/** Colours a logged request by its status, every other message as an error; NO_COLOR is respected. */
function colorMessage(message: string): string {
  const status = /^".*" ([1-5])[0-9]{2} \S+$/.exec(message)?.[1];
  if (status === undefined || status === "5") return red(message);
  if (status === "4") return yellow(message);
  return status === "3" ? cyan(message) : green(message);
}
