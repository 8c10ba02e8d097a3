// Servers on Unix sockets.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Address,
  BaseRequestHandler,
  type RequestHandlerClass,
  type TCPServer,
  ThreadingUnixStreamServer,
  UnixStreamServer,
} from "../../mod.ts";
import { Gate, stderrOf, test, Upper } from "./_harness.ts";
import { connectPath, temporaryPath, WITHOUT_UNIX_SOCKETS } from "./_unix.ts";

/** Sends a line and reads until the server closes. */
async function ask(path: string, line = "tea\n"): Promise<string> {
  using client = await connectPath(path);
  await client.write(line);
  return await client.readToEnd();
}

for (const Server of [UnixStreamServer, ThreadingUnixStreamServer]) {
  test(
    `${Server.name} serves on a path and removes its file at the end`,
    async () => {
      using place = temporaryPath();
      const { path } = place;
      for (let round = 0; round < 2; round++) {
        await using server = new Server(path, Upper);
        server.serve_forever();
        assertEquals(
          [server.server_address, server.server_name, server.server_port],
          [path, path, 0],
        );
        assert((await Deno.lstat(path)).isSocket);
        assertEquals(await ask(path), "TEA\n");
        await server.server_close();
        assertThrows(() => Deno.lstatSync(path), Deno.errors.NotFound);
      }
    },
    WITHOUT_UNIX_SOCKETS,
  );

  test(
    `${Server.name} refuses a path on which another server listens, and leaves that alone`,
    async () => {
      using place = temporaryPath();
      const { path } = place;
      await using first = new Server(path, Upper);
      first.serve_forever();
      assertThrows(
        () => new Server(path, Upper),
        Deno.errors.AddrInUse,
        `Cannot listen on ${path}`,
      );
      assertEquals(await ask(path), "TEA\n");
    },
    WITHOUT_UNIX_SOCKETS,
  );

  test(
    `${Server.name} does not replace a file, nor the socket of a killed server`,
    () => {
      using place = temporaryPath();
      const { path } = place;
      Deno.writeTextFileSync(path, "mine");
      assertThrows(() => new Server(path, Upper), Deno.errors.AddrInUse, path);
      assertEquals(Deno.readTextFileSync(path), "mine");
      Deno.removeSync(path);
      leaveSocketFile(path);
      assertThrows(() => new Server(path, Upper), Deno.errors.AddrInUse, path);
      assert(Deno.lstatSync(path).isSocket);
    },
    WITHOUT_UNIX_SOCKETS,
  );

  test(`${Server.name} accepts only a path`, () => {
    const Untyped = Server as unknown as new (
      address: Address,
      Handler: RequestHandlerClass,
    ) => TCPServer;
    assertThrows(
      () => new Untyped(["127.0.0.1", 0], Upper),
      TypeError,
      "must be a path",
    );
  });
}

test("UnixStreamServer throws if the folder is missing", () => {
  using place = temporaryPath();
  assertThrows(
    () => new UnixStreamServer(`${place.path}/there`, Upper),
    Deno.errors.NotFound,
  );
}, WITHOUT_UNIX_SOCKETS);

test(
  "UnixStreamServer binds later if asked to, and is closed by its signal",
  async () => {
    using place = temporaryPath();
    const abort = new AbortController();
    const { signal } = abort;
    const server = new UnixStreamServer(place.path, Upper, false, { signal });
    assertThrows(() => Deno.lstatSync(place.path), Deno.errors.NotFound);
    server.server_bind();
    server.server_activate();
    const serving = server.serve_forever();
    assertEquals(await ask(place.path), "TEA\n");
    abort.abort();
    await serving;
    await server.server_close();
    assertThrows(() => Deno.lstatSync(place.path), Deno.errors.NotFound);
  },
  WITHOUT_UNIX_SOCKETS,
);

test("UnixStreamServer has unix: as the address of all clients", async () => {
  using place = temporaryPath();
  class WhoAmI extends BaseRequestHandler {
    override handle() {
      this.request.wfile.write(this.client_address.join(" "));
    }
  }
  await using server = new UnixStreamServer(place.path, WhoAmI);
  server.serve_forever();
  using client = await connectPath(place.path);
  assertEquals(await client.readToEnd(), "unix: 0");
}, WITHOUT_UNIX_SOCKETS);

test(
  "UnixStreamServer.handle_error() logs the error of a handler",
  async () => {
    using place = temporaryPath();
    class Clumsy extends BaseRequestHandler {
      override handle() {
        throw new RangeError("oh");
      }
    }
    const written = await stderrOf(async () => {
      await using server = new UnixStreamServer(place.path, Clumsy);
      const serving = server.serve_forever();
      assertEquals(await ask(place.path, ""), "");
      await server.shutdown();
      await serving;
    });
    assert(
      written.includes("request from ('unix:', 0)\nRangeError: oh"),
      written,
    );
  },
  WITHOUT_UNIX_SOCKETS,
);

test(
  "ThreadingUnixStreamServer serves its connections in parallel",
  async () => {
    using place = temporaryPath();
    const gate = new Gate();
    class First extends Upper {
      override async handle() {
        const line = await this.rfile.readline();
        if (line.length === 1) await gate.pass();
        this.wfile.write("done\n");
      }
    }
    await using server = new ThreadingUnixStreamServer(place.path, First);
    server.serve_forever();
    using waiting = await connectPath(place.path);
    await waiting.write("\n");
    await gate.reached;
    assertEquals(await ask(place.path), "done\n");
    gate.open();
    assertEquals(await waiting.readToEnd(), "done\n");
  },
  WITHOUT_UNIX_SOCKETS,
);

/** Creates a socket file like that of a killed server. */
function leaveSocketFile(path: string): void {
  const listener = Deno.listen({ transport: "unix", path: path + ".moved" });
  // The runtime removes the file at the path where it created it.
  Deno.renameSync(path + ".moved", path);
  listener.close();
}
