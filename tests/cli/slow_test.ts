// A slow network.

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  type Carrier,
  type Clock,
  parseSpeed,
  slowDown,
  TokenBucket,
} from "../../cli/slow.ts";
import { runCommand, startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";
import { pureTest } from "../_lib/pure.ts";

/** A clock that only sleeping advances. */
class FakeClock implements Clock {
  time = 0;

  now(): number {
    return this.time;
  }

  sleep(time: number): Promise<void> {
    this.time += time;
    return Promise.resolve();
  }
}

/** A connection that takes at most so many bytes at a time. */
class FakeConnection implements Carrier {
  readonly sizes: number[] = [];
  readonly #most: number;

  constructor(most = Infinity) {
    this.#most = most;
  }

  read(): Promise<number | null> {
    return Promise.resolve(1);
  }

  lookAhead(): Promise<number | null> {
    return Promise.resolve(null);
  }

  write(bytes: Uint8Array): Promise<number> {
    const size = Math.min(bytes.length, this.#most);
    this.sizes.push(size);
    return Promise.resolve(size);
  }
}

/** Writes bytes to their end, as a response does. */
async function send(connection: Carrier, size: number): Promise<void> {
  for (let at = 0; at < size;) {
    at += await connection.write(new Uint8Array(Math.min(size - at, 65_536)));
  }
}

pureTest("parseSpeed() parses names, rates and latencies", () => {
  assertEquals(parseSpeed("3g"), { rate: 200_000, latency: 300 });
  assertEquals(parseSpeed("4G"), { rate: 1_125_000, latency: 170 });
  assertEquals(parseSpeed("500"), { rate: 500, latency: 0 });
  assertEquals(parseSpeed("64k"), { rate: 65_536, latency: 0 });
  assertEquals(parseSpeed("2M,60000"), { rate: 2_097_152, latency: 60_000 });
});

for (
  const text of ["", "5g", "0", "k", "1.5k", "-1", "1,", "1,60001", "1k,1,1"]
) {
  pureTest(`parseSpeed() refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => parseSpeed(text), SyntaxError, "argument --slow");
  });
}

pureTest("TokenBucket gives the rate, and a tenth of a second at once", () => {
  const bucket = new TokenBucket(1_000, 0);
  assertEquals(bucket.take(5_000, 0), 100);
  assertEquals(bucket.take(5_000, 0), 0);
  assertEquals(bucket.delay(5_000), 100);
  assertEquals(bucket.delay(10), 10);
  assertEquals(bucket.take(5_000, 50), 50);
  // Waiting longer gives no more.
  assertEquals(bucket.take(5_000, 60_000), 100);
  bucket.giveBack(30);
  assertEquals(bucket.take(5_000, 60_000), 30);
});

for (const rate of [1, 7, 1_000, 200_000, 1_125_000]) {
  pureTest(`slowDown() sends ${rate} bytes a second`, async () => {
    const clock = new FakeClock();
    const connection = new FakeConnection();
    slowDown(connection, { rate, latency: 0 }, clock);
    await send(connection, rate * 10);
    const seconds = clock.time / 1000;
    assert(seconds > 8.9 && seconds < 10.5, `${seconds} s`);
    const most = Math.max(rate / 10, 1);
    assert(connection.sizes.every((size) => size > 0 && size <= most));
  });
}

pureTest("slowDown() counts only the bytes that were sent", async () => {
  const clock = new FakeClock();
  const connection = new FakeConnection(10);
  slowDown(connection, { rate: 1_000, latency: 0 }, clock);
  await send(connection, 10_000);
  const seconds = clock.time / 1000;
  assert(seconds > 9 && seconds < 11, `${seconds} s`);
});

pureTest("slowDown() delays the first write after a read", async () => {
  const clock = new FakeClock();
  const connection: Carrier = new FakeConnection();
  slowDown(connection, { rate: 1e9, latency: 300 }, clock);
  const one = new Uint8Array(1);
  await connection.write(one);
  assertEquals(clock.time, 0);
  await connection.read(one);
  await connection.write(one);
  await connection.write(one);
  assertEquals(clock.time, 300);
  // The end of the stream is no request.
  await connection.lookAhead(one);
  await connection.write(one);
  assertEquals(clock.time, 300);
});

Deno.test("the command sends slowly with --slow", async () => {
  const text = "x".repeat(60_000);
  await using files = await folder({ "a.bin": text });
  await using serving = await startCommand(
    ["-b", "127.0.0.1", "-q", "--slow", "64k,100", "-d", files.path, "0"],
  );
  const began = performance.now();
  const response = await fetch(`http://127.0.0.1:${serving.port}/a.bin`);
  const early = performance.now() - began;
  assertEquals(await response.text(), text);
  const elapsed = performance.now() - began;
  // 100 ms, and 60,000 bytes less a tenth of a second.
  assert(early >= 95, `the head came after ${early} ms`);
  assert(elapsed > 850, `all came after ${elapsed} ms`);
  const { stdout } = await serving.stop("SIGTERM");
  assertMatch(stdout, /^ {2}Active: .*slow network \(64k,100\)/m);
});

Deno.test("the command exits with 2 for a speed that it can't imitate", async () => {
  const { code, stdout, stderr } = await runCommand(["--slow", "2g", "0"]);
  assertEquals([code, stdout], [2, ""]);
  assertMatch(stderr, /argument --slow: '2g' must be 3g, 4g, or RATE/);
});
