// The page with the certificate of the local authority, over HTTPS. Over plain HTTP, the server itself
// sends it.

import type { MaybePromise } from "../../connection/files.ts";
import type { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { CA_PATH, CA_TYPE } from "../../server/plain_http.ts";
import { withoutAuthority } from "../../text/target.ts";

/** A class of file handlers. */
// deno-lint-ignore no-explicit-any -- required for mixin base classes (TS2545).
type FileHandlerClass = new (...args: any[]) => SimpleHTTPRequestHandler;

/**
 * Creates a subclass that sends the certificate to every client: it is public.
 *
 * @typeParam Base The class.
 * @param Handler The class to extend.
 * @param certificate The certificate (DER).
 * @returns The subclass.
 */
export function withCaPage<Base extends FileHandlerClass>(
  Handler: Base,
  certificate: Uint8Array,
): Base {
  return class extends Handler {
    override do_GET(): MaybePromise<void> {
      if (!isCaPage(this.path)) return super.do_GET();
      sendCertificate(this, certificate);
      this.wfile.write(certificate);
    }

    override do_HEAD(): MaybePromise<void> {
      if (!isCaPage(this.path)) return super.do_HEAD();
      sendCertificate(this, certificate);
    }
  };
}

function isCaPage(target: string): boolean {
  const local = withoutAuthority(target);
  return local.startsWith(CA_PATH) && local.split("?", 1)[0] === CA_PATH;
}

function sendCertificate(
  handler: SimpleHTTPRequestHandler,
  { length }: Uint8Array,
): void {
  handler.send_response(200);
  handler.send_header("Content-Type", CA_TYPE);
  handler.send_header("Content-Length", String(length));
  handler.send_header("Cache-Control", "no-store");
  handler.end_headers();
}
