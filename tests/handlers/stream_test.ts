// BaseRequestHandler and StreamRequestHandler: what a server does with them.

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  BaseRequestHandler,
  StreamRequestHandler,
} from "../../handlers/mod.ts";
import { serve } from "../_serve.ts";

Deno.test("a handler knows its connection, its client and its server", async () => {
  const seen: unknown[] = [];
  class Looking extends BaseRequestHandler {
    override handle() {
      seen.push(this.client_address, this.server, this.request.client_address);
    }
  }
  await using server = serve(Looking);
  assertEquals(await server.send(""), "");
  const [address, own, told] = seen as [[string, number], unknown, unknown];
  assertEquals(address[0], "127.0.0.1");
  assert(address[1] > 0);
  assertEquals(told, address);
  assert(own === server.server);
});

Deno.test("finish() is called after handle(), also where that throws", async () => {
  const calls: string[] = [];
  const failure = new Error("handle");
  class Failing extends BaseRequestHandler {
    override setup() {
      calls.push("setup");
    }
    override handle() {
      calls.push("handle");
      throw failure;
    }
    override finish() {
      calls.push("finish");
    }
  }
  await using server = serve(Failing);
  assertEquals(await server.send(""), "");
  assertEquals(calls, ["setup", "handle", "finish"]);
  assertEquals(server.takeErrors(), [failure]);
});

Deno.test("StreamRequestHandler reads lines and writes what it is given", async () => {
  class Upper extends StreamRequestHandler {
    override async handle() {
      for await (const line of this.rfile) {
        this.wfile.write(new TextDecoder().decode(line).toUpperCase());
        if (line.length === 1) return;
      }
    }
  }
  await using server = serve(Upper);
  assertEquals(await server.send("one\ntwo\n\nthree\n"), "ONE\nTWO\n\n");
});

Deno.test("finish() sends what waits, and ends both files", async () => {
  const made: StreamRequestHandler[] = [];
  class Last extends StreamRequestHandler {
    override handle() {
      made.push(this);
      this.wfile.write("x".repeat(1_000_000));
    }
  }
  await using server = serve(Last);
  assertEquals((await server.send("")).length, 1_000_000);
  const handler = made[0]!;
  assert(handler.wfile.closed);
  assertEquals((await handler.rfile.read()).length, 0);
  await assertRejects(() => handler.wfile.write("late"), TypeError, "closed");
});

Deno.test("setup() applies timeout", async () => {
  class Impatient extends StreamRequestHandler {
    override timeout = 0.1;
    override async handle() {
      await assertRejects(
        async () => await this.rfile.read(),
        Deno.errors.TimedOut,
      );
    }
  }
  await using server = serve(Impatient);
  assertEquals(await server.send("x"), "");
});
