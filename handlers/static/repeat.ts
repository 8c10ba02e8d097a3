// Sends prepared responses, and records responses to prepare.

import type { MaybePromise, WritableFile } from "../../connection/files.ts";
import { ResponseWriter } from "../../connection/writer.ts";
import type { ResponseHead } from "../response_head.ts";
import { hasOwnSteps, type Steps } from "../steps.ts";
import type { Exchange } from "./exchange.ts";
import {
  hasFrozenTables,
  hasOwnHooks,
  type Hooks,
  type Ingredients,
  ingredientsOf,
  sameIngredients,
} from "./ingredients.ts";
import { recordLooks } from "./lookup/served_folder.ts";
import { keepResponse, prepared } from "./prepared.ts";

/** The parts of a handler that sending a prepared response uses. */
interface Sender extends Ingredients {
  readonly connection: { readonly stopping: boolean };
  readonly response: ResponseHead;
  readonly wfile: WritableFile;
  log_refusal(status: number, reason: string): void;
  log_request(code: number): void;
}

/**
 * Sends a prepared response, or responds through all hooks and prepares one.
 *
 * @param handler The handler.
 * @param exchange The request.
 * @param ours The prototype of the class, whose hooks must not be replaced.
 * @param head The key of the request's head; `undefined` if it is not known.
 * @param respond Responds. Work that goes on asynchronously is not recorded.
 * @returns What `respond()` returned.
 */
export function sendPrepared(
  handler: Sender & Hooks & Steps,
  exchange: Exchange,
  ours: Hooks & Steps,
  head: string | undefined,
  respond: () => MaybePromise<void>,
): MaybePromise<void> {
  const { site } = exchange;
  if (
    head === undefined || site.access !== undefined ||
    handler.connection.stopping || !handler.response.untouched ||
    (site.log !== "python" && site.log !== "none") ||
    !hasOwnHooks(handler, ours)
  ) return respond();
  const key = site.serial + " " + head;
  return repeatResponse(handler, key, hasOwnSteps(handler, ours))
    ? undefined
    : prepareResponse(handler, key, exchange, respond);
}

/** Sends and logs a prepared response. Returns `false` without one that is still correct. With `inTurn`, the requests of a turn share a look at the files. */
function repeatResponse(
  handler: Sender,
  key: string,
  inTurn: boolean,
): boolean {
  const { response, wfile } = handler;
  const known = prepared.get(key);
  if (
    !(wfile instanceof ResponseWriter) || !known?.isCurrent(handler, inTurn)
  ) {
    return false;
  }
  const { status, contentLength, refusal } = known.written;
  if (refusal !== undefined) handler.log_refusal(status, refusal);
  handler.log_request(status);
  const { bytes } = known;
  response.repeat(status, contentLength);
  wfile.beginBody(bytes.length);
  wfile.write(bytes);
  return true;
}

/** Responds through all hooks, and caches the response if it can be repeated. */
function prepareResponse(
  handler: Sender,
  key: string,
  exchange: Exchange,
  respond: () => MaybePromise<void>,
): MaybePromise<void> {
  const { response, wfile } = handler;
  if (!(wfile instanceof ResponseWriter) || !hasFrozenTables(handler)) {
    return respond();
  }
  const ingredients = ingredientsOf(handler);
  wfile.startRecording();
  let pieces: ReturnType<typeof wfile.stopRecording>;
  const { result, looks } = recordLooks(() => {
    try {
      return respond();
    } finally {
      pieces = wfile.stopRecording();
    }
  });
  if (
    result === undefined && pieces !== undefined && looks.length > 0 &&
    response.ended && sameIngredients(handler, ingredients)
  ) {
    const { code: status, contentLength } = response;
    const { refusal } = exchange;
    const written = { status, contentLength, refusal, ingredients };
    keepResponse(key, pieces, written, looks);
  }
  return result;
}
