// A handler under test, and a client.

import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";

/** Responds to GET with "ok", and to POST with its body. */
export class Echo extends BaseHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  do_GET(): void {
    this.send_response(200);
    this.send_header("Content-Length", "2");
    this.end_headers();
    this.wfile.write("ok");
  }
  async do_POST(): Promise<void> {
    const body = await this.rfile.read();
    this.send_response(201);
    this.send_header("Content-Length", body.length);
    this.end_headers();
    this.wfile.write(body);
  }
}

/** Fetches a URL, and returns the status. */
export async function statusOf(
  url: string,
  init?: RequestInit,
): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}
