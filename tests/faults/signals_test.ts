// Signals under load: the server finishes running responses, and exits in time with the
// right code; after a second signal it exits at once.

import { assert, assertEquals } from "@std/assert";
import {
  BIG_SIZE,
  delay,
  type End,
  fault,
  Peer,
  Rig,
  SMALL,
  until,
  within,
} from "./_rig.ts";

/** Signals that end a server, with a shell's exit code for a process killed by them. */
const SIGNALS = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 } as const;

/** How long the server may take: a grace period of one second, and the machine's pauses. */
const IN_TIME = 4_000;

/** How long the server may take after a second signal. */
const AT_ONCE = 800;

/** What one client under load has received. */
interface Seen {
  /** Complete responses. */
  whole: number;
  /** Responses that began and were cut. */
  cut: number;
}

/** Requests a small file repeatedly, on connections that stay open, until the server is gone. */
async function askUntilGone(port: number, seen: Seen): Promise<void> {
  for (;;) {
    let conn: Deno.Conn;
    try {
      conn = await Deno.connect({ hostname: "127.0.0.1", port });
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return;
      // It was in the backlog when the listener closed.
      if (error instanceof Deno.errors.ConnectionReset) return;
      throw error;
    }
    using _conn = conn;
    while (await askOnce(conn, seen));
  }
}

/** Sends one request; returns whether another one may follow. */
async function askOnce(conn: Deno.Conn, seen: Seen): Promise<boolean> {
  const request = "GET /small.bin HTTP/1.1\r\nHost: a\r\n\r\n";
  const buffer = new Uint8Array(4_096);
  let received = "";
  try {
    await conn.write(new TextEncoder().encode(request));
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      for (const byte of buffer.subarray(0, count)) {
        received += String.fromCharCode(byte);
      }
      const end = received.indexOf("\r\n\r\n");
      if (end >= 0 && received.length === end + 4 + SMALL.length) {
        seen.whole++;
        return true;
      }
    }
  } catch (error) {
    if (
      !(error instanceof Deno.errors.ConnectionReset ||
        error instanceof Deno.errors.BrokenPipe)
    ) throw error;
  }
  if (received !== "") seen.cut++;
  return false;
}

/** Waits for the end of the server, within a time limit. */
async function endOf(rig: Rig, patience: number): Promise<End> {
  return await within(rig.server.ended(), patience, "the end of the server");
}

function assertQuiet(log: string): void {
  assert(!/Uncaught|Exception|panicked|^\s+at /m.test(log), log);
}

for (const [name, code] of Object.entries(SIGNALS)) {
  const signal = name as keyof typeof SIGNALS;

  fault(
    `${signal} under load lets short responses finish, cuts long ones, and exits with 0`,
    async () => {
      await using rig = await Rig.start();
      const seen: Seen = { whole: 0, cut: 0 };
      const load = Array.from(
        { length: 8 },
        () => askUntilGone(rig.port, seen),
      );
      await using idle = await Peer.connect(rig.port);
      await using slow = await beginBig(rig.port);
      await until(() => seen.whole > 200, "the load runs");
      rig.server.signal(signal);
      const end = await endOf(rig, IN_TIME);
      await Promise.all(load);
      slow.resume();
      await slow.end();
      assertEquals(end, { code: 0, signal: null });
      assertEquals(seen.cut, 0);
      assertEquals(await idle.end(), "");
      assert(slow.received < BIG_SIZE);
      assertQuiet(rig.server.log);
    },
  );

  fault(
    `a second ${signal} ends the server at once with exit code ${code}`,
    async () => {
      let found: number | undefined;
      for (let attempt = 0; found === undefined && attempt < 5; attempt++) {
        found = await codeOfTwo(signal);
      }
      assertEquals(found, code);
    },
  );
}

/** The exit code after two signals; `undefined` if this machine was too slow to send the second in time. */
async function codeOfTwo(signal: Deno.Signal): Promise<number | undefined> {
  await using rig = await Rig.start();
  using _stalled = await stallBig(rig.port);
  const began = performance.now();
  rig.server.signal(signal);
  await delay(200);
  // A second after the first signal, the server ends by itself.
  const late = performance.now() - began > 500;
  if (!late) rig.server.signal(signal);
  const { code } = await endOf(rig, late ? IN_TIME : AT_ONCE);
  assertQuiet(rig.server.log);
  return late ? undefined : code;
}

/** Begins a response and reads no more of it: a paused `Peer` may read all of it on a fast machine. */
async function stallBig(port: number): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = "GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n";
  await conn.write(new TextEncoder().encode(request));
  await conn.read(new Uint8Array(1));
  return conn;
}

/** Begins a response that only ends if the peer keeps reading. */
async function beginBig(port: number): Promise<Peer> {
  const peer = await Peer.connect(port);
  peer.send("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  await peer.receive(1);
  peer.pause();
  return peer;
}
