// Requests for scripts get 503 while the system is out of resources, and work again later.

import { assertEquals } from "@std/assert";
import { get, HEAD, post, serveScripts, test } from "./_scripts.ts";

/** Operations and the codes that they fail with. */
const rows: readonly [target: object, operation: string, code: string][] = [
  [Deno, "statSync", "EMFILE"],
  [Deno, "openSync", "ENFILE"],
  [Deno.Command.prototype, "spawn", "EMFILE"],
  [Deno.Command.prototype, "spawn", "EAGAIN"],
  [Deno.Command.prototype, "spawn", "ENOMEM"],
];

for (const [target, operation, code] of rows) {
  test(`CGIHTTPRequestHandler sends 503 while ${operation}() fails with ${code}`, async () => {
    await using server = await serveScripts({ "cgi-bin/x": HEAD + "echo ran" });
    const real = Reflect.get(target, operation);
    Object.assign(target, {
      [operation]() {
        throw Object.assign(new Error("short"), { code });
      },
    });
    try {
      for (const request of [get("/cgi-bin/x"), post("/cgi-bin/x", "a")]) {
        const refused = await server.ask(request);
        assertEquals(
          [refused.status, refused.header("retry-after")],
          [503, "1"],
        );
      }
    } finally {
      Object.assign(target, { [operation]: real });
    }
    assertEquals(await server.get("/cgi-bin/x"), "ran\n");
  });
}
