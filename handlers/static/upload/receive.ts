// Responds to the requests of a site with uploads that write.

import { BytesFile } from "../../source.ts";
import { receiveBytes } from "./body.ts";
import { isCrossOrigin } from "./cross_origin.ts";
import type {
  Received,
  Refused,
  Reply,
  UploadHandler,
  UploadRequest,
  Uploads,
} from "./interfaces.ts";
import { pacedReader } from "./pace.ts";
import { bodySize, planContent, refuseForm } from "./plan.ts";
import { Receiver } from "./receiver.ts";
import { goOn, replyFor } from "./replies.ts";
import { planCreation } from "./resumable.ts";
import { makeRoom, ownerOf } from "./resumable_state.ts";
import {
  beginUpload,
  CANT_RESUME,
  continueUpload,
  replyToProblem,
  showUpload,
} from "./resume.ts";
import { conditionsOf } from "./validators.ts";

/** The media type of forms with files. */
const FORM = /^multipart\/form-data[ \t]*(?:;|$)/i;

/**
 * Responds to a request that writes. It was admitted.
 *
 * @param handler The handler.
 * @param request The request.
 * @param site Uploads to the site.
 * @returns What to send.
 */
export function receive(
  handler: UploadHandler,
  request: UploadRequest,
  site: Uploads,
): Promise<Received> | Received {
  const { method, headers, target, translated } = request;
  if (site.rightsOf(request) === "read") {
    return refused(403, "You may not upload files");
  }
  const { host } = handler.forwarded;
  const fault = site.refuseHost(host);
  if (fault !== undefined) return fault;
  if (isCrossOrigin(headers, host)) {
    return refused(403, "Uploads from other sites are not allowed");
  }
  const token = site.tokenOf(request);
  if (token !== undefined) {
    return continueUpload(handler, request, site, token);
  }
  // The path of an overridden `translate_path()` may be anywhere.
  if (translated || (method !== "PUT" && method !== "POST")) {
    return { kind: "method not allowed" };
  }
  if (target.folder === undefined) {
    return refused(403, "Files can't be stored here");
  }
  return method === "PUT"
    ? receiveFile(handler, request, site)
    : receivePost(handler, request, site);
}

/** Receives a file that is the whole body. */
async function receiveFile(
  handler: UploadHandler,
  request: UploadRequest,
  site: Uploads,
): Promise<Received> {
  const { headers, target: { segments, trailingSlash } } = request;
  if (trailingSlash || segments.length === 0) {
    return refused(409, "The target is a folder");
  }
  const announced = planContent(headers, site.limits.maxSize);
  if ("kind" in announced) return announced;
  const creation = planCreation(headers, announced.size);
  if (creation?.kind === "refused") return replyToProblem(creation);
  const owner = ownerOf(request.user, handler.forwarded.address);
  if (creation !== undefined && await makeRoom(owner)) {
    return await beginUpload(handler, request, site, creation);
  }
  // A part must not be stored as the whole.
  if (creation?.complete === false) return CANT_RESUME;
  const receiver = receiverFor(request, site, segments.slice(0, -1));
  const upload = await receiver.open(segments.slice(-1), announced);
  if ("kind" in upload) return upload;
  await using _ = upload;
  goOn(handler, request);
  const ended = await receiveBytes(handler, upload);
  const stored = ended === "end" ? await upload.finish() : ended;
  return stored.kind === "refused"
    ? stored
    : replyFor(prefixOf(request), stored, request.target.text);
}

/** Receives the files of a form. */
async function receivePost(
  handler: UploadHandler,
  request: UploadRequest,
  site: Uploads,
): Promise<Received> {
  const { headers, target } = request;
  if (!FORM.test(headers.get("Content-Type") ?? "")) {
    const fields = [["Accept-Post", "multipart/form-data"]] as const;
    return { ...refused(415, "Send a form with files, or use PUT"), fields };
  }
  const { length, chunked } = bodySize(headers);
  if (length === undefined && !chunked) return refused(411, "Length Required");
  const fault = refuseForm(length, site.limits.maxSize);
  if (fault !== undefined) return fault;
  const { receiveForm } = await import("./receive_form.ts");
  goOn(handler, request);
  return receiveForm(
    {
      headers,
      target: target.text,
      length,
      body: { read1: pacedReader(handler.rfile) },
    },
    receiverFor(request, site, target.segments),
  );
}

/** The names of the served folder's URL path. */
function prefixOf({ target: { names, segments } }: UploadRequest): string[] {
  return names.slice(0, names.length - segments.length);
}

function receiverFor(
  { headers, method, target }: UploadRequest,
  { limits, settings, totals }: Uploads,
  folder: readonly string[],
): Receiver {
  return new Receiver({
    served: target.folder!,
    folder,
    os: settings.os,
    reserves: settings.reserves,
    limits,
    totals,
    // Those of a form would be about the folder.
    ...(method === "PUT" &&
      { evaluate: conditionsOf(headers, settings.contentTags) }),
  });
}

/**
 * Responds to a request that reads an unfinished upload.
 *
 * @param request The request.
 * @param site Uploads to the site.
 * @param token The last name of the target.
 * @returns What to send.
 */
export function show(
  request: UploadRequest,
  site: Uploads,
  token: string,
): Promise<Refused | Reply> {
  return showUpload(request, site, token);
}

/**
 * Shows the page of a site that receives files without showing any.
 *
 * @returns What to send.
 */
export async function showPage(): Promise<Reply> {
  const { dropPage } = await import("./page.ts");
  const { html, csp } = await dropPage();
  const body = new TextEncoder().encode(html);
  const fields = [
    ["Content-Type", "text/html; charset=utf-8"],
    ["Content-Security-Policy", csp],
    ["Cache-Control", "no-cache"],
    ["Content-Length", String(body.length)],
  ] as const;
  return { kind: "upload", status: 200, fields, source: new BytesFile(body) };
}

function refused(status: number, reason: string): Refused {
  return { kind: "refused", status, reason };
}
