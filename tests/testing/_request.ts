// A recorded request, without a server.

import { HTTPMessage } from "../../parser/headers.ts";
import { RecordedRequest } from "../../testing/recorded_request.ts";

/** Creates a request. */
export function requestOf(
  method: string,
  target: string,
  fields: [string, string][] = [],
  body: string | Uint8Array<ArrayBuffer> = "",
): RecordedRequest {
  const request = new RecordedRequest({
    method,
    target,
    version: "HTTP/1.1",
    headers: new HTTPMessage(fields),
    client: ["127.0.0.1", 50_000],
    time: new Date(0),
  });
  const bytes = typeof body === "string"
    ? new TextEncoder().encode(body)
    : body;
  request.received(bytes, true);
  return request;
}
