// When an exchange is over: its method has returned, work that the method started without
// awaiting it has ended, and no read of the request's body is pending.

import type { RequestReader } from "../connection/reader.ts";
import type { Exchange } from "./exchange.ts";
import type { HTTPResponder } from "./responder.ts";

/** The part of a handler that shows how far its response is. */
type Responder = Pick<HTTPResponder, "response" | "wfile">;

/**
 * Whether any byte of the final response was written, with a head or without one.
 *
 * @param exchange The exchange, if one is going on.
 * @param handler The handler that responds.
 * @returns `false` while an error response can still be sent.
 */
export function hasBegun(
  exchange: Exchange | undefined,
  { response, wfile }: Responder,
): boolean {
  return response.sent || ((response.code === 0 || response.interim) &&
    (wfile.written ?? 0) > (exchange?.writtenBefore ?? Infinity));
}

/**
 * Waits for what belongs to an exchange although its method has returned.
 *
 * @param exchange The exchange.
 * @param handler The handler that responds.
 * @param reader The reader of the request's body, if the connection has one.
 * @returns A promise that rejects if work failed that the handler did not await; `undefined` if
 * there is nothing to wait for.
 */
export function settle(
  exchange: Exchange,
  handler: Responder,
  reader: RequestReader | undefined,
): Promise<void> | undefined {
  const over = !exchange.busy && !reader?.reading &&
    looksWhole(exchange, handler);
  return over ? undefined : settleAll(exchange, handler, reader);
}

async function settleAll(
  exchange: Exchange,
  handler: Responder,
  reader: RequestReader | undefined,
): Promise<void> {
  for (let waited = false;;) {
    if (exchange.busy) {
      await settleWork(exchange, handler);
      waited = false;
    } else if (reader?.reading) {
      await handler.wfile.flush();
      await settleReads(reader);
      if (!exchange.busy) return;
    } else if (waited || looksWhole(exchange, handler)) {
      return;
    } else {
      // A method that is not awaited may go on at once, as after `await this.send_head()`.
      await nextTurn();
      waited = true;
    }
  }
}

async function settleWork(
  exchange: Exchange,
  handler: Responder,
): Promise<void> {
  const failed = await exchange.settle();
  // A handler may have caught the failure: then its response is whole.
  const whole = hasBegun(exchange, handler) && handler.wfile.room === 0;
  if (failed !== undefined && !whole) throw failed.reason;
}

async function settleReads(reader: RequestReader): Promise<void> {
  let quiet: Promise<void> | undefined;
  do {
    await quiet;
    // The code that awaits the read continues first, and may read again.
    await nextTurn();
    quiet = reader.quiet();
  } while (quiet !== undefined);
}

/** Whether a response has begun, and has no Content-Length that is still to be filled. */
function looksWhole(exchange: Exchange, handler: Responder): boolean {
  const { room = 0 } = handler.wfile;
  return hasBegun(exchange, handler) && (room === 0 || room === Infinity);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
