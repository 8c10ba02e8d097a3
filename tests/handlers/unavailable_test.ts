// The response to a file that can't be read at the moment.

import { LogLimit } from "../../connection/log_limit.ts";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import {
  logUnavailable,
  sendUnavailable,
  unlessUnavailable,
} from "../../handlers/unavailable.ts";
import { serve } from "../_serve.ts";

const shortage = () =>
  Object.assign(new Error("Too many open files"), { code: "EMFILE" });

Deno.test("LogLimit allows several lines per interval", () => {
  let now = 0;
  const limit = new LogLimit(1_000, () => now, 2);
  const taken = [limit.take(), limit.take(), limit.take(), limit.take()];
  assertEquals(taken, [0, 0, undefined, undefined]);
  now = 1_000;
  assertEquals([limit.take(), limit.take(), limit.take()], [2, 0, undefined]);
});

Deno.test("LogLimit allows one line per interval and counts the others", () => {
  let now = 0;
  const limit = new LogLimit(1_000, () => now);
  assertEquals(limit.take(), 0);
  now = 999;
  assertEquals(limit.take(), undefined);
  assertEquals(limit.take(), undefined);
  now = 1_000;
  assertEquals(limit.take(), 2);
  now = 5_000;
  assertEquals(limit.take(), 0);
});

Deno.test("sendUnavailable() sends 503 with Retry-After; later errors don't have it", async () => {
  class Handler extends BaseHTTPRequestHandler {
    override log_message(): void {}
    do_GET(): void {
      if (this.path === "/now") sendUnavailable(this, shortage());
      else this.send_error(503);
    }
  }
  await using server = serve(Handler);
  const refused = await server.ask("GET /now HTTP/1.0\r\n\r\n");
  assertEquals([refused.status, refused.header("retry-after")], [503, "1"]);
  const other = await server.ask("GET /later HTTP/1.0\r\n\r\n");
  assertEquals([other.status, other.header("retry-after")], [503, undefined]);
});

Deno.test("sendUnavailable() removes the handler even if send_error() throws", () => {
  const refuser = {
    log_error() {},
    send_error() {
      throw new TypeError("x");
    },
  };
  assertThrows(() => sendUnavailable(refuser, shortage()), TypeError);
});

Deno.test("logUnavailable() logs at most once a second", () => {
  const lines: unknown[] = [];
  const log = { log_error: (...args: unknown[]) => lines.push(args) };
  for (let n = 0; n < 50; n++) logUnavailable(log, shortage());
  assertEquals(lines.length <= 1, true, JSON.stringify(lines));
});

Deno.test("unlessUnavailable() handles only errors of unavailable files", async () => {
  const cause = shortage();
  const otherwise = (error: Error) => {
    assertStrictEquals(error, cause);
    return "503";
  };
  const fail = (error: unknown) => () => {
    throw error;
  };
  assertEquals(unlessUnavailable(() => "200", otherwise), "200");
  assertEquals(
    await unlessUnavailable(async () => await "200", otherwise),
    "200",
  );
  assertEquals(unlessUnavailable(fail(cause), otherwise), "503");
  assertEquals(
    await unlessUnavailable(() => Promise.reject(cause), otherwise),
    "503",
  );
  for (const error of [new TypeError("x"), new Deno.errors.NotFound("x")]) {
    assertThrows(
      () => unlessUnavailable<string>(fail(error), otherwise),
      error.constructor as never,
    );
  }
});
