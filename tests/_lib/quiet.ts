// Handlers that log nothing, so that the output of the tests stays readable.

import type { BaseHTTPRequestHandler } from "../../handlers/mod.ts";

// TypeScript demands any[] of a mixin's base class.
// deno-lint-ignore no-explicit-any
type HandlerClass = new (...args: any[]) => BaseHTTPRequestHandler;

/** Returns a subclass of a handler class that logs nothing. */
export function quiet<Base extends HandlerClass>(Handler: Base): Base {
  return class extends Handler {
    override log_message(): void {}
  };
}
