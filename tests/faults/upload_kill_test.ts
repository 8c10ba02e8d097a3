// A server that is killed in the middle of uploads, or ended by a signal.

import { assert, assertEquals } from "@std/assert";
import { startCommand } from "../_command.ts";
import { killUploads, namesIn, until } from "./_upload_kills.ts";

/** How often the server is killed. `deno task soak` does it a hundred times. */
const ROUNDS = 6;

Deno.test("a server that is killed mid-upload leaves no partial file under a real name", async () => {
  const { stored, damaged, left } = await killUploads(ROUNDS, Math.random);
  assert(stored > 0);
  assertEquals({ damaged, left }, { damaged: [], left: [] });
});

Deno.test("a server that gets SIGTERM mid-upload removes the unfinished file", async () => {
  const base = await Deno.makeTempDir({ prefix: "httpserver-" });
  try {
    const env = { XDG_STATE_HOME: `${base}/state` };
    const served = `${base}/served`;
    await Deno.mkdir(served);
    await using server = await startCommand(["--upload", "-d", served, "0"], {
      env,
    });
    const { port } = server;
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const head =
      "PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx";
    await conn.write(new TextEncoder().encode(head));
    const names = () => namesIn(served);
    const end = performance.now() + 5_000;
    while (names().length === 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assertEquals(names().length, 1);
    const { code } = await server.stop("SIGTERM");
    assertEquals(code, 0);
    assertEquals(names(), []);
    assertEquals(namesIn(`${base}/state/httpserver/uploads`), []);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
});

Deno.test("the states of a killed server's uploads are removed by the next one", async () => {
  const base = await Deno.makeTempDir({ prefix: "httpserver-" });
  try {
    const env = { XDG_STATE_HOME: `${base}/state` };
    const served = `${base}/served`;
    await Deno.mkdir(served);
    const states = () => namesIn(`${base}/state/httpserver/uploads`);
    const start = () => startCommand(["--upload", "-d", served, "0"], { env });
    {
      await using server = await start();
      for (const [name, length] of [["cut", 100], ["whole", 1]] as const) {
        using conn = await Deno.connect({
          hostname: "127.0.0.1",
          port: server.port,
        });
        const head = `PUT /${name} HTTP/1.1\r\nHost: localhost\r\n` +
          "Upload-Complete: ?1\r\nUpload-Draft-Interop-Version: 8\r\n" +
          `Connection: close\r\nContent-Length: ${length}\r\n\r\nx`;
        await conn.write(new TextEncoder().encode(head));
        await until(() => namesIn(served).length > 0);
        if (name === "whole") await until(() => namesIn(served).includes(name));
      }
      await server.stop("SIGKILL");
    }
    // Two states and their list.
    assertEquals(states().length, 3);
    await using next = await start();
    await until(() => states().length === 0);
    assertEquals(namesIn(served), ["whole"]);
    await next.stop();
  } finally {
    await Deno.remove(base, { recursive: true });
  }
});
