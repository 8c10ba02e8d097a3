// Handler classes of the command: with colored log lines on a terminal, or silent, and with
// its HTTP version.

import { cyan, green, red, yellow } from "@std/fmt/colors";
import type { Address, Connection } from "../connection/connection.ts";
import { LogChannel, writeLog } from "../connection/log.ts";
import type { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import type { RequestHandlerClass, ServerContext } from "../handlers/types.ts";
import { format } from "../text/format.ts";
import { escapeControls } from "../text/log_text.ts";

/** A class of file handlers. */
// deno-lint-ignore no-explicit-any -- required for mixin base classes (TS2545).
type FileHandlerClass = new (...args: any[]) => SimpleHTTPRequestHandler;

/**
 * Creates a subclass with colored log lines.
 *
 * @typeParam Base The class.
 * @param Handler The class to extend.
 * @returns The subclass.
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
 * Creates a subclass that logs nothing.
 *
 * @typeParam Base The class.
 * @param Handler The class to extend.
 * @returns The subclass.
 */
export function silent<Base extends FileHandlerClass>(Handler: Base): Base {
  return class extends Handler {
    override log_message(): void {}
  };
}

/**
 * Creates a subclass that writes its access log to standard output.
 *
 * @typeParam Base The class.
 * @param Handler The class to extend.
 * @returns The subclass.
 */
export function loggedToOutput<Base extends FileHandlerClass>(
  Handler: Base,
): Base {
  const output = new LogChannel(Deno.stdout);
  return class extends Handler {
    log_access(line: string): void {
      output.write(line + "\n");
    }
  };
}

/**
 * Creates a subclass whose handlers speak an HTTP version.
 *
 * @param HandlerClass The class to extend.
 * @param protocol The version, such as "HTTP/1.1".
 * @returns The subclass.
 */
export function withProtocol(
  HandlerClass: RequestHandlerClass,
  protocol: string,
): RequestHandlerClass {
  return class extends HandlerClass {
    constructor(
      request: Connection,
      client_address: Address,
      server: ServerContext,
    ) {
      super(request, client_address, server);
      Object.assign(this, { protocol_version: protocol });
    }
  };
}

/** Colors a logged request by its status, and any other message as an error. Respects NO_COLOR. */
function colorMessage(message: string): string {
  const status = /^".*" ([1-5])[0-9]{2} \S+$/.exec(message)?.[1];
  if (status === undefined || status === "5") return red(message);
  if (status === "4") return yellow(message);
  return status === "3" ? cyan(message) : green(message);
}
