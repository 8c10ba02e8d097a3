// Decides when an exchange is over: its `do_*` method has returned, promises that the method did
// not await have settled, and no read of the request body is pending.

import type { RequestReader } from "../connection/reader.ts";
import type { PendingExchange } from "./pending_exchange.ts";
import type { HTTPResponder } from "./responder.ts";

/** The parts of a handler that show the progress of its response. */
type Responder = Pick<HTTPResponder, "response" | "wfile">;

/**
 * Whether any byte of the final response was written, with or without a head.
 *
 * @param exchange The current exchange, if any.
 * @param handler The handler.
 * @returns `false` while an error response can still be sent.
 */
export function hasBegun(
  exchange: PendingExchange | undefined,
  { response, wfile }: Responder,
): boolean {
  return response.sent || ((response.code === 0 || response.interim) &&
    (wfile.written ?? 0) > (exchange?.writtenBefore ?? Infinity));
}

/**
 * Waits for work that is still running after the `do_*` method returned.
 *
 * @param exchange The exchange.
 * @param handler The handler.
 * @param reader The reader of the request body; `undefined` for a file in memory.
 * @returns A promise, which rejects if work failed that the handler did not await; `undefined` if
 * there is nothing to wait for.
 */
export function settle(
  exchange: PendingExchange,
  handler: Responder,
  reader: RequestReader | undefined,
): Promise<void> | undefined {
  const over = !exchange.busy && !reader?.reading &&
    looksComplete(exchange, handler);
  return over ? undefined : settleAll(exchange, handler, reader);
}

async function settleAll(
  exchange: PendingExchange,
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
    } else if (waited || looksComplete(exchange, handler)) {
      return;
    } else {
      // An async method that wasn't awaited may continue now, as after `await this.send_head()`.
      await nextTurn();
      waited = true;
    }
  }
}

async function settleWork(
  exchange: PendingExchange,
  handler: Responder,
): Promise<void> {
  const failed = await exchange.settle();
  // A handler that caught the failure may have sent a complete response.
  const complete = hasBegun(exchange, handler) && handler.wfile.room === 0;
  if (failed !== undefined && !complete) throw failed.reason;
}

async function settleReads(reader: RequestReader): Promise<void> {
  let quiet: Promise<void> | undefined;
  do {
    await quiet;
    // The code that awaited the read continues first, and may read again.
    await nextTurn();
    quiet = reader.quiet();
  } while (quiet !== undefined);
}

/** Whether a response has begun and its Content-Length, if any, is reached. */
function looksComplete(exchange: PendingExchange, handler: Responder): boolean {
  const { room = 0 } = handler.wfile;
  return hasBegun(exchange, handler) && (room === 0 || room === Infinity);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
