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
  const { paths, method = "GET", pipelined, keepAlive } = requests;
  const path = paths[0]!;
  const headers = {
    ...requests.headers,
    ...(requests.conditional && validatorsOf(await exchange(target, { path }))),
  };
  const request: Request = {
    path,
    method,
    headers: keepAlive ? { ...headers, Connection: "Keep-Alive" } : headers,
    version: keepAlive ? "1.0" : "1.1",
  };
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
 * @param requests The requests, with the response that they expect.
 */
export function faultOf(
  { status, fields }: Head,
  { status: expected, keepAlive }: Pick<Requests, "status" | "keepAlive">,
): string | undefined {
  if (status !== expected) return `it responds with ${status}, not ${expected}`;
  const connection = fields.get("connection")?.toLowerCase();
  if (keepAlive && connection !== "keep-alive") {
    return "it does not keep the connections of ab, which speaks HTTP/1.0";
  }
  // A 304 has no body, but wrk reads one if the head has its length.
  return status === 304 && Number(fields.get("content-length") ?? 0) > 0
    ? "wrk cannot read its response: Content-Length is not 0"
    : undefined;
}
