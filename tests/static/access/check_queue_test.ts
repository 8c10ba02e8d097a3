import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CheckQueue,
  MAX_CHECKS,
  MAX_CHECKS_OF_CLIENT,
} from "../../../handlers/static/access/check_queue.ts";

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, permissions: "none", timeout: 20_000, fn });
}

/** Checks that a test ends by hand, in the order in which they began. */
class Checks {
  readonly begun: string[] = [];
  readonly #ends: ((result: boolean) => void)[] = [];

  work(name: string): () => Promise<boolean> {
    return () => {
      this.begun.push(name);
      return new Promise((resolve) => this.#ends.push(resolve));
    };
  }

  /** Ends the running check and lets the next begin. */
  async end(result = false): Promise<void> {
    this.#ends.shift()!(result);
    await settled();
  }

  /** Ends all checks, including waiting ones. */
  async endAll(): Promise<void> {
    while (this.#ends.length > 0) await this.end();
  }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Watches for a client that disconnects when the signal is aborted. */
function until(signal: AbortSignal) {
  return (leave: () => void): Disposable => {
    signal.addEventListener("abort", leave);
    return {
      [Symbol.dispose]: () => signal.removeEventListener("abort", leave),
    };
  };
}

/** A queue, and a function that adds a check of a client. */
function start() {
  const queue = new CheckQueue();
  const checks = new Checks();
  const ask = (address: string, id: string, signal?: AbortSignal) =>
    queue.run(
      { address, ...(signal !== undefined && { watch: until(signal) }) },
      id,
      checks.work(`${address} ${id}`),
    );
  return { queue, checks, ask };
}

test("CheckQueue.run() runs one check at a time and returns its result", async () => {
  const { checks, ask } = start();
  const results = [ask("a", "1"), ask("a", "2")];
  assertEquals(checks.begun, ["a 1"]);
  await checks.end(true);
  assertEquals(checks.begun, ["a 1", "a 2"]);
  await checks.end(false);
  assertEquals(await Promise.all(results), [true, false]);
});

test("CheckQueue.run() lets clients take turns", async () => {
  const { checks, ask } = start();
  for (let n = 1; n <= 4; n++) void ask("guesser", `${n}`);
  void ask("honest", "1");
  void ask("other", "1");
  await checks.endAll();
  assertEquals(checks.begun, [
    "guesser 1",
    "guesser 2",
    "honest 1",
    "other 1",
    "guesser 3",
    "guesser 4",
  ]);
});

test("CheckQueue.run() treats the addresses of one IPv6 network as one client", async () => {
  const { checks, ask } = start();
  const guesser = ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:9::3"];
  for (const address of guesser) void ask(address, "1");
  void ask("2001:db8:0:1::1", "1");
  // Mapped IPv4 addresses also share a /64 network.
  void ask("::ffff:192.0.2.1", "1");
  void ask("192.0.2.2", "1");
  await checks.endAll();
  // The first three are the same check of the same client.
  assertEquals(checks.begun, [
    "2001:db8::1 1",
    "2001:db8:0:1::1 1",
    "::ffff:192.0.2.1 1",
    "192.0.2.2 1",
  ]);
});

test("CheckQueue.run() limits the checks of one client", async () => {
  const { queue, checks, ask } = start();
  const waiting = Array.from(
    { length: 1 + MAX_CHECKS_OF_CLIENT },
    (_, n) => ask("a", `${n}`),
  );
  assertEquals(queue.size, MAX_CHECKS_OF_CLIENT);
  assertEquals(await ask("a", "one more"), undefined);
  await checks.endAll();
  assertEquals(new Set(await Promise.all(waiting)), new Set([false]));
  assertEquals(queue.size, 0);
});

test("CheckQueue.run() limits all checks, and makes room for clients with fewer", async () => {
  const { queue, checks, ask } = start();
  void ask("first", "runs");
  const clients = MAX_CHECKS / MAX_CHECKS_OF_CLIENT;
  const last: Promise<boolean | undefined>[] = [];
  for (let client = 0; client < clients; client++) {
    for (let n = 1; n <= MAX_CHECKS_OF_CLIENT; n++) {
      const waiting = ask(`guesser ${client}`, `${n}`);
      if (n === MAX_CHECKS_OF_CLIENT) last.push(waiting);
    }
  }
  assertEquals(queue.size, MAX_CHECKS);
  const honest = ask("honest", "1");
  assertEquals(queue.size, MAX_CHECKS);
  assertEquals(await last[0], undefined);
  await checks.end();
  for (let n = 0; n < clients; n++) await checks.end();
  await checks.end(true);
  assertEquals(await honest, true);
  await checks.endAll();
});

test("CheckQueue.run() returns undefined if there are as many waiting clients as places", async () => {
  const { queue, checks, ask } = start();
  for (let n = 0; n <= MAX_CHECKS; n++) void ask(`client ${n}`, "1");
  assertEquals(queue.size, MAX_CHECKS);
  assertEquals(await ask("one more", "1"), undefined);
  await checks.endAll();
  assertEquals(checks.begun.length, MAX_CHECKS + 1);
});

test("CheckQueue.run() drops a check whose client has disconnected", async () => {
  const { queue, checks, ask } = start();
  const [gone, stays] = [new AbortController(), new AbortController()];
  void ask("a", "runs");
  const dropped = ask("a", "1", gone.signal);
  const shared = ask("b", "1", gone.signal);
  const kept = ask("b", "1", stays.signal);
  assertEquals(queue.size, 2);
  gone.abort();
  assertEquals(await dropped, undefined);
  assertEquals(await shared, undefined);
  assertEquals(queue.size, 1);
  await checks.end();
  await checks.end(true);
  assertEquals(await kept, true);
  assertEquals(checks.begun, ["a runs", "b 1"]);
});

test("CheckQueue.run() watches a client only while its check has to wait", async () => {
  const { queue, checks } = start();
  let watched = 0;
  const client = {
    address: "a",
    watch() {
      watched++;
      return { [Symbol.dispose]: () => void watched-- };
    },
  };
  const first = queue.run(client, "1", checks.work("1"));
  assertEquals(watched, 0);
  const second = queue.run(client, "2", checks.work("2"));
  assertEquals(watched, 1);
  await checks.endAll();
  assertEquals([await first, await second, watched], [false, false, 0]);
});

test("CheckQueue.run() continues after the client of a running check has disconnected", async () => {
  const { checks, ask } = start();
  const gone = new AbortController();
  void ask("a", "1");
  const left = ask("a", "2", gone.signal);
  await checks.end();
  assertEquals(checks.begun, ["a 1", "a 2"]);
  gone.abort();
  assertEquals(await left, undefined);
  const next = ask("a", "3");
  await checks.end();
  await checks.end(true);
  assertEquals(await next, true);
});

test("CheckQueue.run() reports a failure only to those that wait for the check", async () => {
  const queue = new CheckQueue();
  const client = { address: "a" };
  const failing = queue.run(client, "1", () => Promise.reject(new Error("x")));
  const next = queue.run(client, "2", () => Promise.resolve(true));
  await assertRejects(() => failing, Error, "x");
  assert(await next);
});
