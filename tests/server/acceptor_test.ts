// Waiting for connections, over a listener that does what a test tells it.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isDisconnect } from "../../connection/errors.ts";
import { Acceptor } from "../../server/acceptor.ts";
import { test } from "../connection/_memory.ts";
import { delay } from "./_harness.ts";

/** What an acceptor needs of a connection. */
class FakeConn {
  closed = false;
  close() {
    this.closed = true;
  }
}

/** A listener whose accepts a test settles. */
class FakeListener {
  accepts = 0;
  closes = 0;
  referenced = true;
  closeError: unknown;
  #pending: PromiseWithResolvers<Deno.Conn> | undefined;

  accept(): Promise<Deno.Conn> {
    this.accepts++;
    this.#pending = Promise.withResolvers();
    return this.#pending.promise;
  }

  bring(): FakeConn {
    const conn = new FakeConn();
    this.#pending!.resolve(conn as unknown as Deno.Conn);
    return conn;
  }

  fail(error: unknown): void {
    this.#pending?.reject(error);
  }

  close(): void {
    this.closes++;
    if (this.closeError !== undefined) throw this.closeError;
    this.fail(new Deno.errors.BadResource("Listener has been closed"));
  }

  ref(): void {
    this.referenced = true;
  }

  unref(): void {
    this.referenced = false;
  }
}

function start(): { listener: FakeListener; acceptor: Acceptor } {
  const listener = new FakeListener();
  const acceptor = new Acceptor(listener as unknown as Deno.Listener);
  return { listener, acceptor };
}

test("Acceptor.wait() tells of a connection that take() gives", async () => {
  const { listener, acceptor } = start();
  const waiting = acceptor.wait(true);
  const conn = listener.bring();
  assertEquals(await waiting, true);
  assertEquals<unknown>(acceptor.take(), conn);
  assertThrows(() => acceptor.take(), TypeError);
  acceptor.close();
});

test("Acceptor keeps the connection that came while nobody waited", async () => {
  const { listener, acceptor } = start();
  assertEquals(await acceptor.wait(true, 5), false);
  assertEquals(await acceptor.wait(true, 5), false);
  // One accept was pending all the time.
  assertEquals(listener.accepts, 1);
  const conn = listener.bring();
  await delay(0);
  assertEquals(await acceptor.wait(true, 0), true);
  assertEquals<unknown>(acceptor.take(), conn);
  acceptor.close();
});

test("Acceptor.wait(false) does not accept", async () => {
  const { listener, acceptor } = start();
  assertEquals(await acceptor.wait(false, 5), false);
  assertEquals(listener.accepts, 0);
  acceptor.close();
});

test("Acceptor.wake() ends a wait, or else the next one", async () => {
  const { acceptor } = start();
  const waiting = acceptor.wait(true);
  acceptor.wake();
  assertEquals(await waiting, false);
  acceptor.wake();
  assertEquals(await acceptor.wait(true), false);
  acceptor.close();
});

test("Acceptor.wait() refuses a second one that waits at the same time", async () => {
  const { listener, acceptor } = start();
  const first = acceptor.wait(true);
  await assertRejects(() => acceptor.wait(true, 5), TypeError);
  listener.bring();
  assertEquals(await first, true);
  acceptor.close();
});

test("Acceptor keeps the process alive only while somebody waits", async () => {
  const { listener, acceptor } = start();
  const waiting = acceptor.wait(true);
  assertEquals(listener.referenced, true);
  acceptor.wake();
  await waiting;
  assertEquals(listener.referenced, false);
  acceptor.close();
});

test("Acceptor.take() throws a failure to accept, marked as a disconnect", async () => {
  const { listener, acceptor } = start();
  const error = new Deno.errors.ConnectionAborted("gone");
  const waiting = acceptor.wait(true);
  listener.fail(error);
  assertEquals(await waiting, true);
  assertEquals(assertThrows(() => acceptor.take()), error);
  assert(isDisconnect(error));
  // One client's leaving does not hold up the next.
  const next = acceptor.wait(true);
  assertEquals(listener.accepts, 2);
  listener.bring();
  assertEquals(await next, true);
  acceptor.take();
  acceptor.close();
});

test("Acceptor asks again only after a while where there is no free file", async () => {
  const { listener, acceptor } = start();
  const waiting = acceptor.wait(true);
  listener.fail(new Error("Too many open files (os error 24)"));
  assertEquals(await waiting, true);
  assertThrows(() => acceptor.take(), Error, "Too many");
  assertEquals(await acceptor.wait(true, 5), false);
  assertEquals(listener.accepts, 1);
  // It wakes by itself.
  await acceptor.wait(true);
  const next = acceptor.wait(true);
  assertEquals(listener.accepts, 2);
  listener.bring();
  assertEquals(await next, true);
  acceptor.close();
});

test("Acceptor.close() ends the wait and closes what nobody took", async () => {
  const { listener, acceptor } = start();
  const waiting = acceptor.wait(true);
  const conn = listener.bring();
  await waiting;
  acceptor.close();
  acceptor.close();
  assertEquals(listener.closes, 1);
  assertEquals(conn.closed, true);

  const other = start();
  const ended = other.acceptor.wait(true);
  other.acceptor.close();
  assertEquals(await ended, false);
});

test("Acceptor.close() closes a connection that comes at the same moment", async () => {
  const { listener, acceptor } = start();
  const waiting = acceptor.wait(true);
  const conn = listener.bring();
  acceptor.close();
  assertEquals(await waiting, false);
  assertEquals(conn.closed, true);
});

test("Acceptor.close() in the pause after a failure leaves no timer", async () => {
  const { listener, acceptor } = start();
  const waiting = acceptor.wait(true);
  listener.fail(new Error("Too many open files (os error 24)"));
  await waiting;
  acceptor.close();
});

test("Acceptor tells of a listener that was closed directly", async () => {
  const { listener, acceptor } = start();
  const waiting = acceptor.wait(true);
  listener.close();
  assertEquals(await waiting, true);
  const error = assertThrows(() => acceptor.take(), Deno.errors.BadResource);
  assertEquals(isDisconnect(error), false);
  listener.closeError = new Deno.errors.BadResource("Bad resource ID");
  acceptor.close();
});
