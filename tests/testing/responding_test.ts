// Expected responses, `waitFor()`, `check()` and `reset()` of a running site.

import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { BaseHTTPRequestHandler } from "../../handlers/mod.ts";
import { serve, type ServeOptions, type TestSite } from "../../testing/mod.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { Echo, statusOf } from "./_echo.ts";
import { RawClient } from "./_raw.ts";

/** The message of the error that `check()` throws; empty without one. */
function faultsOf(site: TestSite): string {
  try {
    site.check();
    return "";
  } catch (error) {
    assertInstanceOf(error, Error);
    const { name, message } = error as Error;
    assertEquals(name, "AssertionError");
    return message;
  }
}

boundedTest(
  "an expected request with Expect: 100-continue gets 100 first",
  async () => {
    await using site = await serve();
    site.expect({ method: "PUT", body: "ok" }).respond({ status: 204 });
    using client = await RawClient.connect(site.port);
    await client.send(
      "PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n" +
        "Content-Length: 2\r\n\r\n",
    );
    const interim = await client.receive(5_000, "\r\n\r\n");
    assertEquals(interim.text, "HTTP/1.1 100 Continue\r\n\r\n");
    await client.send("ok");
    const { text } = await client.receive(5_000, "\r\n\r\n");
    assertStringIncludes(text, "HTTP/1.1 204 No Content\r\n");
  },
);

boundedTest(
  "a request that is not expected gets 500 with the reasons, and check() lists it",
  async () => {
    await using site = await serve();
    site.expect({ method: "GET", path: "/a" });
    const response = await fetch(`${site.url}/b?c`);
    const text = await response.text();
    assertEquals(response.status, 500);
    assertEquals(
      text,
      'No expectation matches GET /b?c\n- always: GET /a\n  - path: "/b", not "/a"\n',
    );
    assertStringIncludes(faultsOf(site), "No expectation matches GET /b?c");
  },
);

boundedTest(
  "expectations come before the handler, which gets the other requests",
  async () => {
    await using site = await serve(Echo);
    site.expect({ path: "/down" }).respond({ status: 503 });
    assertEquals(await statusOf(`${site.url}/down`), 503);
    assertEquals(await statusOf(`${site.url}/up`), 200);
    site.check();
  },
);

boundedTest(
  "check() lists expectations that were not met, unused faults and failures",
  async () => {
    await using site = await serve();
    site.expect({ path: "/once" }).once();
    site.expect({ path: "/always" });
    const group = site.inOrder();
    group.expect({ path: "/first" });
    site.fault("cut", { path: "/none" });
    site.expect({ path: "/throws" }).respond(() => {
      throw new Error("no tea");
    });
    assertEquals(await statusOf(`${site.url}/throws`), 500);
    assertEquals(
      faultsOf(site),
      `Expected but not received:
  in order: any method /first
  once: any method /once
Faults that were not applied:
  cut for any method /none
Errors:
  Cannot respond to GET /throws: Error: no tea`,
    );
  },
);

boundedTest("check() reports an error that the handler threw", async () => {
  class Broken extends BaseHTTPRequestHandler {
    do_GET() {
      throw new Error("spilled");
    }
  }
  await using site = await serve(Broken);
  assertEquals(await statusOf(site.url), 500);
  await site.close();
  assertStringIncludes(faultsOf(site), "The handler failed: Error: spilled");
});

boundedTest(
  "disposal throws as check() does only with the option check",
  async () => {
    const use = async (options: ServeOptions) => {
      await using site = await serve(undefined, options);
      assertEquals(await statusOf(site.url), 500);
    };
    await use({});
    const error = await assertRejects(() => use({ check: true }), Error);
    assertStringIncludes(error.message, "No expectation matches GET /");
  },
);

boundedTest(
  "reset() forgets requests, expectations, faults and failures",
  async () => {
    await using site = await serve();
    site.expect({ path: "/a" });
    site.fault("cut", { path: "/none" });
    assertEquals(await statusOf(`${site.url}/a`), 200);
    assertEquals(await statusOf(`${site.url}/b`), 500);
    site.reset();
    site.check();
    assertEquals(site.requests, []);
    assertEquals(await statusOf(`${site.url}/a`), 500);
    assertEquals(site.requests.length, 1);
  },
);

boundedTest("waitFor() waits for a number of requests", async () => {
  await using site = await serve(Echo);
  const waiting = site.waitFor(2);
  assertEquals(await statusOf(`${site.url}/1`), 200);
  assertEquals(await statusOf(`${site.url}/2`), 200);
  assertEquals((await waiting).map(({ path }) => path), ["/1", "/2"]);
  assertEquals((await site.waitFor(1)).length, 2);
});

boundedTest(
  "waitFor() waits for a request that a function accepts, also for its status",
  async () => {
    await using site = await serve(Echo);
    const waiting = site.waitFor(({ status }) => status === 201);
    assertEquals(await statusOf(`${site.url}/1`), 200);
    assertEquals(await statusOf(`${site.url}/2`, { method: "POST" }), 201);
    assertEquals((await waiting).path, "/2");
  },
);

boundedTest(
  "waitFor() rejects after its timeout with the received requests",
  async () => {
    await using site = await serve(Echo);
    assertEquals(await statusOf(`${site.url}/1`), 200);
    const error = await assertRejects(
      () => site.waitFor(2, { timeout: 50 }),
      Deno.errors.TimedOut,
    );
    assertEquals(
      error.message,
      "Waited 50 ms for 2 requests; received 1\n- GET /1: 200",
    );
  },
);

boundedTest(
  "waitFor() rejects when the site closes, and if its function throws",
  async () => {
    const site = await serve(Echo);
    const waiting = assertRejects(() => site.waitFor(1), Error, "is closed");
    await site.close();
    await waiting;
    await assertRejects(() => site.waitFor(0), Error, "is closed");
    await using other = await serve(Echo);
    const throwing = assertRejects(
      () =>
        other.waitFor(() => {
          throw new RangeError("no");
        }),
      RangeError,
    );
    assertEquals(await statusOf(other.url), 200);
    await throwing;
  },
);

boundedTest("expect() and fault() reject options that are wrong", async () => {
  await using site = await serve();
  assertThrows(() => site.expect({ path: "/a?b" }), TypeError, '"query"');
  assertThrows(() => site.expect({ path: "a" }), TypeError, 'start with "/"');
  assertThrows(() => site.fault("cut", { after: -1 }), RangeError, '"after"');
  assertThrows(() => site.fault("cut", { times: 0 }), RangeError, '"times"');
  assertThrows(() => site.fault("refuse", { path: "/" }), TypeError, "refuse");
});
