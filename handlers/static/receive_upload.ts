// Responds to a request with a method that files don't have, for `do_PUT()` and the like.

import type { MaybePromise, WritableFile } from "../../connection/files.ts";
import type { SourceFile } from "../source.ts";
import { after } from "./after.ts";
import { checkHost } from "./check_access.ts";
import type { Exchange } from "./exchange.ts";
import type { Found } from "./found.ts";
import { lookUpUpstream } from "./look_up.ts";
import type { ProxiedHandler } from "./proxy/interfaces.ts";
import type { UploadSite } from "./upload/entrance.ts";
import type { UploadHandler } from "./upload/interfaces.ts";

/** The parts of a handler that this uses. */
interface Receiving extends UploadHandler {
  readonly wfile: WritableFile;
  admit(): MaybePromise<boolean>;
  copyfile(source: SourceFile, outputfile: WritableFile): MaybePromise<void>;
}

/**
 * Forwards a request with a method that files don't have, if there is an upstream for it.
 *
 * @typeParam T The result of `otherwise()`.
 * @param handler The handler.
 * @param exchange The request.
 * @param otherwise Responds if there is no upstream.
 * @returns What `otherwise()` returns, or a promise if the work is asynchronous.
 */
export function forwardOr<T>(
  handler: ProxiedHandler,
  exchange: Exchange,
  otherwise: () => MaybePromise<T>,
): MaybePromise<T | void> {
  const { proxy } = exchange.site;
  if (proxy === undefined) return otherwise();
  return handler.remember(after(
    lookUpUpstream(exchange),
    (found): MaybePromise<T | void> =>
      found ? proxy.respond(handler, exchange, found.url) : otherwise(),
  ));
}

/**
 * Forwards a request, or receives an upload, and responds; with 405 to a site without uploads.
 *
 * @param handler The handler.
 * @param exchange The request.
 * @param respond Sends the head of a response.
 * @returns A promise if the work is asynchronous, until the end of the response.
 */
export function receiveUpload(
  handler: Receiving & ProxiedHandler,
  exchange: Exchange,
  respond: (found: Found) => MaybePromise<SourceFile | null>,
): MaybePromise<void> {
  const { upload } = exchange.site;
  return forwardOr(handler, exchange, () => {
    if (upload === undefined) {
      void respond(checkHost(exchange) ?? { kind: "method not allowed" });
    } else {
      return handler.remember(receive(handler, exchange, upload, respond));
    }
  });
}

async function receive(
  handler: Receiving,
  exchange: Exchange,
  upload: UploadSite,
  respond: (found: Found) => MaybePromise<SourceFile | null>,
): Promise<void> {
  if (!await handler.admit()) return;
  using source = await respond(await upload.receive(handler, exchange));
  if (source !== null) await handler.copyfile(source, handler.wfile);
}
