// Waiting for connections, with a listener that a test controls.

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { isDisconnect } from "../../connection/errors.ts";
import { Acceptor } from "../../server/acceptor.ts";
import { test } from "../connection/_memory.ts";
import { isExhausted } from "../../connection/exhausted.ts";
import { delay, stderrOf } from "./_harness.ts";

/** The part of a connection that an acceptor uses. */
class FakeConn {
  closed = false;
  close() {
    this.closed = true;
  }
}

/** A listener whose accepts are settled by a test. */
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

test("Acceptor.wait() reports a connection that take() returns", async () => {
  const { listener, acceptor } = start();
  const waiting = acceptor.wait(true);
  const conn = listener.bring();
  assertEquals(await waiting, true);
  assertEquals<unknown>(acceptor.take(), conn);
  assertThrows(() => acceptor.take(), TypeError);
  acceptor.close();
});

test("Acceptor keeps a connection that arrived while nobody waited", async () => {
  const { listener, acceptor } = start();
  assertEquals(await acceptor.wait(true, 5), false);
  assertEquals(await acceptor.wait(true, 5), false);
  // Only one accept was pending all the time.
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

test("Acceptor.wait() refuses a second wait at the same time", async () => {
  const { listener, acceptor } = start();
  const first = acceptor.wait(true);
  await assertRejects(() => acceptor.wait(true, 5), TypeError);
  listener.bring();
  assertEquals(await first, true);
  acceptor.close();
});

test("Acceptor keeps the process alive only during a wait", async () => {
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
  // A client that disconnects does not delay the next one.
  const next = acceptor.wait(true);
  assertEquals(listener.accepts, 2);
  listener.bring();
  assertEquals(await next, true);
  acceptor.take();
  acceptor.close();
});

/** Fails a number of accepts, each of which is taken at once, as a server does. */
async function failEach(
  { listener, acceptor }: ReturnType<typeof start>,
  count: number,
  error: () => Error,
): Promise<void> {
  for (let n = 0; n < count; n++) {
    const { accepts } = listener;
    let waiting = acceptor.wait(true);
    while (listener.accepts === accepts) {
      assertEquals(await waiting, false);
      waiting = acceptor.wait(true);
    }
    listener.fail(error());
    assertEquals(await waiting, true);
    assertThrows(() => acceptor.take());
  }
}

/** Errors of clients that disconnect before they are accepted. */
const GONE: readonly (() => Error)[] = [
  () => new Deno.errors.NotConnected("not connected (os error 107)"),
  () => new Deno.errors.ConnectionReset("reset (os error 104)"),
  () => new Deno.errors.ConnectionAborted("aborted (os error 103)"),
  () => new Deno.errors.BrokenPipe("broken (os error 32)"),
];

for (const gone of GONE) {
  test(`Acceptor keeps accepting after any number of clients that disconnected (${gone().name})`, async () => {
    const started = start();
    const { acceptor } = started;
    const began = performance.now();
    await failEach(started, 300, gone);
    const elapsed = performance.now() - began;
    assert(elapsed < 2_000, `${elapsed} ms for 300 clients`);
    acceptor.close();
  });
}

test("Acceptor backs off after an unknown error that repeats ten times", async () => {
  const started = start();
  const { listener, acceptor } = started;
  const unknown = () => new Error("Unknown (os error 71)");
  await failEach(started, 9, unknown);
  const tenth = acceptor.wait(true);
  assertEquals(listener.accepts, 10);
  // A connection in between resets the count.
  listener.bring();
  await tenth;
  acceptor.take();
  await failEach(started, 10, unknown);
  assertEquals(await acceptor.wait(true, 5), false);
  assertEquals(listener.accepts, 20);
  await acceptor.wait(true);
  const next = acceptor.wait(true);
  assertEquals(listener.accepts, 21);
  listener.bring();
  assertEquals(await next, true);
  acceptor.close();
});

test("Acceptor lets timers run while the listener keeps failing", async () => {
  const listener = {
    accept: () => Promise.reject(new Deno.errors.NotConnected("gone")),
    close() {},
    ref() {},
    unref() {},
  };
  const acceptor = new Acceptor(listener as unknown as Deno.Listener);
  let rang = false;
  setTimeout(() => rang = true, 1);
  for (let n = 0; !rang && n < 100_000; n++) {
    if (await acceptor.wait(true)) assertThrows(() => acceptor.take());
  }
  assert(rang, "no timer ran in 100,000 failures");
  acceptor.close();
});

test("Acceptor logs that descriptors have run out, at most once a second", async () => {
  const started = start();
  const log = await stderrOf(() =>
    failEach(
      started,
      4,
      () => new Error("Too many open files (os error 24)"),
    )
  );
  assertMatch(
    log,
    /^Cannot accept connections: Too many open files \(os error 24\); .*\n$/,
  );
  started.acceptor.close();
});

test("Acceptor accepts again only after a pause if no descriptor is free", async () => {
  const { listener, acceptor } = start();
  const waiting = acceptor.wait(true);
  listener.fail(new Error("Too many open files (os error 24)"));
  await stderrOf(async () => assertEquals(await waiting, true));
  assertThrows(() => acceptor.take(), Error, "Too many");
  assertEquals(await acceptor.wait(true, 5), false);
  assertEquals(listener.accepts, 1);
  // It wakes up without help.
  await acceptor.wait(true);
  const next = acceptor.wait(true);
  assertEquals(listener.accepts, 2);
  listener.bring();
  assertEquals(await next, true);
  acceptor.close();
});

test("isExhausted() is true only for descriptors and memory", () => {
  for (const code of ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]) {
    assert(isExhausted(Object.assign(new Error("-"), { code })), code);
  }
  for (const number of Deno.build.os === "windows" ? [10_024] : [12, 23, 24]) {
    assert(isExhausted(new Error(`Nothing left (os error ${number})`)));
  }
  const others = [
    "EMFILE",
    undefined,
    new Error("os error 24"),
    new Error("(os error 2)"),
    new Deno.errors.NotConnected("(os error 107)"),
    Object.assign(new Error("(os error 24)"), { code: "ENOENT" }),
  ];
  for (const other of others) assertEquals(isExhausted(other), false);
});

test("Acceptor.close() ends the wait and closes the connection that nobody took", async () => {
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

test("Acceptor.close() closes a connection that arrives at the same moment", async () => {
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
  await stderrOf(async () => void await waiting);
  acceptor.close();
});

test("Acceptor reports a listener that was closed directly", async () => {
  const { listener, acceptor } = start();
  const waiting = acceptor.wait(true);
  listener.close();
  assertEquals(await waiting, true);
  const error = assertThrows(() => acceptor.take(), Deno.errors.BadResource);
  assertEquals(isDisconnect(error), false);
  listener.closeError = new Deno.errors.BadResource("Bad resource ID");
  acceptor.close();
});
