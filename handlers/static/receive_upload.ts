// Responds to a request that writes, for `do_PUT()` and the like.

import type { MaybePromise, WritableFile } from "../../connection/files.ts";
import type { SourceFile } from "../source.ts";
import { checkHost } from "./check_access.ts";
import type { Exchange } from "./exchange.ts";
import type { Found } from "./found.ts";
import type { UploadSite } from "./upload/entrance.ts";
import type { UploadHandler } from "./upload/interfaces.ts";

/** The parts of a handler that this uses. */
interface Receiving extends UploadHandler {
  readonly wfile: WritableFile;
  admit(): MaybePromise<boolean>;
  copyfile(source: SourceFile, outputfile: WritableFile): MaybePromise<void>;
}

/**
 * Receives an upload, and responds; with 405 to a site without uploads.
 *
 * @param handler The handler.
 * @param exchange The request.
 * @param respond Sends the head of a response.
 * @returns A promise if the work is asynchronous, until the end of the response.
 */
export function receiveUpload(
  handler: Receiving,
  exchange: Exchange,
  respond: (found: Found) => MaybePromise<SourceFile | null>,
): MaybePromise<void> {
  const { upload } = exchange.site;
  if (upload !== undefined) return receive(handler, exchange, upload, respond);
  void respond(checkHost(exchange) ?? { kind: "method not allowed" });
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
