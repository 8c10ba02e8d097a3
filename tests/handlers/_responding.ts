// A handler in memory that is in the middle of responding.

import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { type InMemory, inMemory } from "./_memory.ts";

/** A handler whose responses are the same at any time. */
export class Quiet extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override sys_version = "Test/1";
  override log_message(): void {}
  override date_time_string(): string {
    return "now";
  }
}

/** A handler that has not yet responded to its request. */
export function responding(
  method = "GET",
  version = "HTTP/1.1",
): InMemory<Quiet> {
  const made = inMemory(Quiet);
  made.handler.command = method;
  made.handler.request_version = version;
  return made;
}
