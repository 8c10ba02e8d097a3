// Responds to the requests of a site with uploads that write.

import { BytesFile } from "../../source.ts";
import { toReference } from "../lookup/location.ts";
import { conditionsOf } from "./validators.ts";
import { isCrossOrigin } from "./cross_origin.ts";
import type {
  FileUpload,
  Received,
  Refused,
  Reply,
  StoredFile,
  UploadHandler,
  UploadRequest,
  Uploads,
} from "./interfaces.ts";
import { bodySize, planContent } from "./plan.ts";
import { Receiver } from "./receiver.ts";

/** How much of a body is read at once, in bytes. */
const READ_SIZE = 256 * 1024;

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
  if (!site.isOwnHost(host)) return { kind: "misdirected" };
  if (isCrossOrigin(headers, host)) {
    return refused(403, "Uploads from other sites are not allowed");
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

/** Asks for the body, if the client waits for that (RFC 9110 §10.1.1). */
function goOn(handler: UploadHandler, { expects }: UploadRequest): void {
  if (expects === undefined) return;
  handler.close_connection = !expects.keepAlive;
  handler.send_interim(100);
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
  const receiver = receiverFor(request, site, segments.slice(0, -1));
  const upload = await receiver.open(segments.slice(-1), announced);
  if ("kind" in upload) return upload;
  await using _ = upload;
  goOn(handler, request);
  const stored = await receiveBody(handler, upload);
  return stored.kind === "refused" ? stored : replyFor(request, stored);
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
  const { receiveForm } = await import("./receive_form.ts");
  goOn(handler, request);
  return receiveForm(
    {
      headers,
      target: target.text,
      length,
      body: { read1: async (size) => await handler.rfile.read1(size) },
    },
    receiverFor(request, site, target.segments),
  );
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
    limits,
    totals,
    // Those of a form would be about the folder.
    ...(method === "PUT" &&
      { evaluate: conditionsOf(headers, settings.contentTags) }),
  });
}

async function receiveBody(
  { rfile }: UploadHandler,
  upload: FileUpload,
): Promise<StoredFile | Refused> {
  for (;;) {
    const bytes = await rfile.read1(READ_SIZE);
    if (bytes.length === 0) return await upload.finish();
    const fault = await upload.write(bytes);
    if (fault !== undefined) return fault;
  }
}

/** The response for a file that was stored (RFC 9110 §9.3.4). */
function replyFor(
  { target }: UploadRequest,
  { etag, names, replaced }: StoredFile,
): Reply {
  const tag = etag === undefined ? [] : [["ETag", etag] as const];
  if (replaced) {
    return { kind: "upload", status: 204, fields: tag, source: null };
  }
  const prefix = target.names.slice(
    0,
    target.names.length - target.segments.length,
  );
  const [path = ""] = target.text.split(/[?#]/, 1);
  const location = toReference([...prefix, ...names], false, path);
  const fields = [
    ["Location", location] as const,
    ...tag,
    ["Content-Length", "0"] as const,
  ];
  return { kind: "upload", status: 201, fields, source: null };
}

/**
 * Responds to a request that reads an unfinished upload.
 *
 * @param _request The request.
 * @param _site Uploads to the site.
 * @param _token The last name of the target.
 * @returns What to send.
 */
export function show(
  _request: UploadRequest,
  _site: Uploads,
  _token: string,
): Refused {
  return refused(404, "File not found");
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
