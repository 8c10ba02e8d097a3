// The responses to uploads that were accepted.

import { toReference } from "../lookup/location.ts";
import type {
  Reply,
  StoredFile,
  UploadHandler,
  UploadRequest,
} from "./interfaces.ts";
import { bodySize } from "./plan.ts";

/**
 * Asks for the body, if the client waits for that (RFC 9110 §10.1.1).
 *
 * @param handler The handler.
 * @param request The request.
 */
export function goOn(
  handler: UploadHandler,
  { expects, headers }: UploadRequest,
): void {
  if (expects === undefined) return;
  handler.close_connection = !expects.keepAlive;
  if (bodySize(headers).length !== 0) handler.send_interim(100);
}

/**
 * Responds to the request that stored a file (RFC 9110 §9.3.4).
 *
 * @param prefix The names of the served folder's URL path.
 * @param stored The file.
 * @param target The request's target, for a reference that is relative to it.
 * @returns The response.
 */
export function replyFor(
  prefix: readonly string[],
  { etag, names, replaced }: StoredFile,
  target: string,
): Reply {
  const tag = etag === undefined ? [] : [["ETag", etag] as const];
  if (replaced) {
    return { kind: "upload", status: 204, fields: tag, source: null };
  }
  const [path = ""] = target.split(/[?#]/, 1);
  const location = toReference([...prefix, ...names], false, path);
  const fields = [
    ["Location", location] as const,
    ...tag,
    ["Content-Length", "0"] as const,
  ];
  return { kind: "upload", status: 201, fields, source: null };
}
