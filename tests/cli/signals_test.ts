// Signals to the command while it serves.

import { assert, assertEquals } from "@std/assert";
import { runCommand, type Serving, startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

const SIGNALS: readonly Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Each signal, and one with several workers. */
const CASES: readonly (readonly [Deno.Signal, readonly string[]])[] = [
  ...SIGNALS.map((signal) => [signal, []] as const),
  ["SIGTERM", ["--workers", "2"]],
];

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The command's time for running responses, and for handlers that were cut, in milliseconds; with room for a busy machine. */
const PATIENCE = 6_000;

/** More than the sockets buffer. */
const LARGE = 64 * 1024 * 1024;

const ignore = Deno.build.os === "windows";

/** Starts the command with a large and a small file. */
async function start(
  args: readonly string[],
): Promise<AsyncDisposable & { serving: Serving }> {
  const files = await folder({ "a.txt": "a" });
  const file = await Deno.create(files.in("large"));
  await file.truncate(LARGE);
  file.close();
  const serving = await startCommand(
    ["-b", "127.0.0.1", "-q", "-d", files.path, ...args, "0"],
  );
  return {
    serving,
    async [Symbol.asyncDispose]() {
      await serving[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
}

/** Begins a download and reads only its start. */
async function download(port: number): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode("GET /large HTTP/1.0\r\n\r\n"));
  assert(await conn.read(new Uint8Array(1024)) !== null);
  return conn;
}

/** Requests a small file repeatedly until the server is gone; each response that begins must be complete. */
async function ask(port: number, onResponse: () => unknown): Promise<void> {
  for (;;) {
    let response: Response;
    try {
      response = await fetch(`http://127.0.0.1:${port}/a.txt`);
    } catch (error) {
      // Refused, or closed before anything was received.
      if (error instanceof TypeError) return;
      throw error;
    }
    assertEquals(await response.text(), "a");
    onResponse();
  }
}

/** Waits until the server accepts no more connections. */
async function refused(port: number): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return;
      // It was accepted, and reset when the server closed, perhaps before the runtime read
      // its addresses.
      if (
        !(error instanceof Deno.errors.ConnectionReset ||
          error instanceof Deno.errors.NotConnected)
      ) throw error;
    }
  }
}

/** The exit code after two signals; `undefined` if this machine was too slow to send the second in time. */
async function codeOfTwo(
  first: Deno.Signal,
  second: Deno.Signal,
  args: readonly string[],
): Promise<number | undefined> {
  await using started = await start(args);
  const { serving } = started;
  using _conn = await download(serving.port);
  const began = performance.now();
  const stopped = serving.stop(first);
  // Signals that arrive together may be seen in any order.
  await refused(serving.port);
  // A second after the first signal, the command ends by itself.
  const late = performance.now() - began > 500;
  if (!late) serving.interrupt(second);
  const { code } = await stopped;
  return late ? undefined : code;
}

for (const [signal, args] of CASES) {
  const command = ["the command", ...args].join(" ");

  Deno.test(
    `${command} exits with 0 on ${signal} under load, in time`,
    {
      ignore,
    },
    async () => {
      await using started = await start(args);
      const { serving } = started;
      const downloads = await Promise.all(
        Array.from({ length: 5 }, () => download(serving.port)),
      );
      using idle = await Deno.connect({
        hostname: "127.0.0.1",
        port: serving.port,
      });
      const busy = Promise.withResolvers<void>();
      let responses = 0;
      const asking = Array.from(
        { length: 5 },
        () => ask(serving.port, () => ++responses === 50 && busy.resolve()),
      );
      await busy.promise;
      const began = performance.now();
      const { code, stderr } = await serving.stop(signal);
      const elapsed = performance.now() - began;
      assertEquals([code, stderr], [0, ""]);
      assert(elapsed < PATIENCE, `it ended after ${elapsed} ms`);
      await Promise.all(asking);
      for (const conn of downloads) conn.close();
      void idle;
    },
  );

  Deno.test(`${command} exits at once on ${signal} after another signal`, {
    ignore,
  }, async () => {
    const first = SIGNALS[(SIGNALS.indexOf(signal) + 1) % SIGNALS.length]!;
    let code: number | undefined;
    for (let attempt = 0; code === undefined && attempt < 5; attempt++) {
      code = await codeOfTwo(first, signal, args);
    }
    assertEquals(code, EXIT_CODES[signal as keyof typeof EXIT_CODES]);
  });
}

Deno.test(
  "test() ends cleanly on a signal that arrives as soon as it listens",
  {
    ignore,
  },
  async () => {
    const file = "tests/cli/_early_signal.ts";
    const { code, stderr } = await runCommand([], { file });
    assertEquals([code, stderr], [0, ""]);
  },
);

/** Reads to the end of a connection, and counts the bytes. */
async function rest(conn: Deno.Conn): Promise<number> {
  const buffer = new Uint8Array(1024 * 1024);
  let total = 0;
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) return total;
    total += count;
  }
}

Deno.test(
  "the command with --drain waits that long for a response after a signal",
  { ignore },
  async () => {
    await using started = await start(["--drain", "30"]);
    const { serving } = started;
    using conn = await download(serving.port);
    const stopped = serving.stop("SIGTERM");
    await refused(serving.port);
    // Longer than without --drain.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert(await rest(conn) > LARGE - 1024);
    assertEquals((await stopped).code, 0);
  },
);

for (const workers of ["1", "2"]) {
  Deno.test(
    `the command with --health and --workers ${workers} accepts health checks until responses have ended`,
    { ignore },
    async () => {
      await using started = await start(
        ["--health", "--drain", "30", "--workers", workers],
      );
      const { serving } = started;
      const health = `http://127.0.0.1:${serving.port}/.httpserver/health`;
      const check = async () => {
        const response = await fetch(health);
        await response.text();
        return response.status;
      };
      assertEquals(await check(), 200);
      using conn = await download(serving.port);
      const stopped = serving.stop("SIGTERM");
      while (await check() === 200);
      for (let count = 0; count < 5; count++) assertEquals(await check(), 503);
      assert(await rest(conn) > LARGE - 1024);
      const { code, stderr } = await stopped;
      assertEquals([code, stderr], [0, ""]);
      await refused(serving.port);
    },
  );
}
