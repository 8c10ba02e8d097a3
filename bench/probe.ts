// Checks that a server responds to a work as it must, before it is measured.

import { exchange, type Head, type Request, type Target } from "./exchange.ts";
import type { WrkRequests } from "./load.ts";
import type { Requests } from "./works.ts";

/**
 * Sends each work's request once and checks the response.
 *
 * @param target The server.
 * @param requests The work.
 * @returns What a load generator must send.
 * @throws {Error} The response is another one.
 */
export async function probe(
  target: Target,
  requests: Requests,
): Promise<WrkRequests> {
  const { paths, method = "GET", pipelined } = requests;
  const headers = { ...requests.headers };
  const request: Request = { path: paths[0]!, method, headers };
  if (requests.conditional) {
    Object.assign(headers, validatorsOf(await exchange(target, request)));
  }
  const response = await exchange(target, request);
  const fault = faultOf(response, requests);
  if (fault !== undefined) throw new Error(fault);
  if (
    requests.contains !== undefined &&
    !response.body.includes(requests.contains)
  ) throw new Error(`its response lacks "${requests.contains}"`);
  return {
    paths,
    method,
    headers,
    ...(pipelined !== undefined && { pipelined }),
  };
}

/** The fields that make a request for the same file conditional. */
export function validatorsOf({ fields }: Head): Record<string, string> {
  const headers: Record<string, string> = {};
  const [etag, modified] = [fields.get("etag"), fields.get("last-modified")];
  if (etag !== undefined) headers["If-None-Match"] = etag;
  if (modified !== undefined) headers["If-Modified-Since"] = modified;
  return headers;
}

/**
 * Why a response can't be measured; `undefined` if it can.
 *
 * @param head The response.
 * @param requests What must be the response to.
 */
export function faultOf(
  { status, fields }: Head,
  { status: expected, method }: Pick<Requests, "status" | "method">,
): string | undefined {
  if (status !== expected) return `it responds with ${status}, not ${expected}`;
  // wrk reads a body after these, if the head says that a GET has one.
  if (method !== "HEAD" && status !== 304) return undefined;
  if (Number(fields.get("content-length") ?? 0) > 0) {
    return "wrk cannot read its response: Content-Length is not 0";
  }
  const ends = status === 304 || fields.has("content-length") ||
    fields.get("connection")?.toLowerCase() === "close";
  return ends ? undefined : "wrk cannot read its response without a length";
}
